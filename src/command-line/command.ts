import type { Options, PositionalOptions } from 'yargs';
import type { Diagnostic } from '../errors.ts';

/** Exit statuses, the same for every command. */
export const EXIT = { ok: 0, no: 1, unanswered: 2, rolledBack: 3, rollbackFailed: 4 } as const;

/** The exit status after these diagnostics: `--werror` counts warnings, never notes. */
export function statusOf(diagnostics: readonly Diagnostic[], werror: boolean): number {
  if (diagnostics.some(({ severity }) => severity === 'error')) return EXIT.unanswered;
  return werror && diagnostics.some(({ severity }) => severity === 'warning') ? EXIT.no : EXIT.ok;
}

/** Parsed arguments as yargs gives them, options under their long names in camel case too. */
export type Args = Readonly<Record<string, unknown>>;

/** Words that a shell can complete: paths, or names that `modalias completion --words` lists. */
export type Completes = 'file' | 'directory' | 'module' | 'device' | 'nothing';

/** Terms and what they mean, under a title. */
export interface TermList {
  readonly title: string;
  readonly entries: readonly (readonly [term: string, text: string])[];
}

/** A command as data: --help, the man page and the completions are all made from this. */
export interface Command {
  readonly name: string;
  /** Positional arguments as yargs spells them: `<modalias..>`, `[file..]`. */
  readonly usage: string;
  /** One line, shown in the list of commands. */
  readonly summary: string;
  /** Paragraphs of the man page and of the command's own --help. */
  readonly description: readonly string[];
  readonly positionals?: Readonly<Record<string, PositionalOptions>>;
  /**
   * Options by long name. A name that begins with `no-` is an option of that very name. `defaultDescription` names the
   * value in help (`--output FILE`); by itself it is the option's name in capitals.
   */
  readonly options: Readonly<Record<string, Options>>;
  /** Lists of terms of its own, such as rules, each under a title; they follow the options. */
  readonly lists?: readonly TermList[];
  /**
   * What the shell offers as the value of an option or of a positional argument, where its name does not imply it: a
   * kind of words, or the words themselves.
   */
  readonly completes?: Readonly<Record<string, Completes | readonly string[]>>;
  /** What a user would type, and what it does. At least one. */
  readonly examples: readonly (readonly [command: string, purpose: string])[];
  /** What an exit status means for this command, where that differs from the common table (0, 2) or adds to it. */
  readonly exits?: Readonly<Record<number, string>>;
  /** Commands under this one, such as `vfio plan`; then `run` is not called. */
  readonly subcommands?: readonly Command[];
  /** Does the work, prints, and answers with the exit status. */
  run(args: Args): Promise<number>;
}

/** A row of the list of commands: enough for --help; the command itself loads when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, Options>> = {
  help: { type: 'boolean', alias: 'h', describe: 'Show this help' },
};
