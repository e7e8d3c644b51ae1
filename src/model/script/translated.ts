import type { Program, Unread } from './program.ts';
import { type ShellOptions, shellProgram } from './shell-program.ts';

/** Where a translation comes from. */
export interface Origin {
  readonly file: string;
  /** What to show of a line: the line of the file itself. */
  readonly shown: (line: number) => string;
  /** Lines that could not be read. */
  readonly unread: readonly Unread[];
  readonly options?: ShellOptions;
}

/**
 * A file of another language as a program of the shell: the commands of each of its lines stand on a line of the same
 * number, so that places and what is shown are those of the file.
 */
export function translated(
  commands: ReadonlyMap<number, readonly string[]>,
  { file, shown, unread, options = {} }: Origin,
): Program {
  const last = Math.max(0, ...commands.keys());
  const lines = Array.from({ length: last }, (_, i) => (commands.get(i + 1) ?? []).join('; '));
  const program = shellProgram(`${lines.join('\n')}\n`, file, { ...options, shown });
  return withUnread(program, unread);
}

/** A program with more that could not be read. */
function withUnread(program: Program, unread: readonly Unread[]): Program {
  return {
    ...program,
    assuming: (facts) => withUnread(program.assuming!(facts), unread),
    unread: [...unread, ...program.unread],
  };
}

/** A text as one word of a shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
