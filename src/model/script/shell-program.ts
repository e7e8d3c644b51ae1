import type { Program } from './program.ts';
import { compile } from './shell/compile.ts';
import { nextStep } from './shell/machine.ts';
import type { Setting } from './shell/perform.ts';
import { parseSource } from './shell/source.ts';
import { survey } from './shell/survey.ts';
import { Thread } from './shell/thread.ts';

/** How a script is run. */
export interface ShellOptions {
  /** Its arguments, $1 and so on. */
  readonly words?: readonly string[];
  /** Variables of its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What to show of a line, where the text was made of another language. */
  readonly shown?: (line: number) => string;
}

const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/sh',
  UID: '0',
  EUID: '0',
};

/**
 * A script of POSIX sh or bash as a program for the model: it runs as root and alone. `text` is latin1. sh is dash, as
 * on Debian; without a first line that names a shell it is bash. Throws `bad-script` where the text does not parse.
 */
export function shellProgram(text: string, file: string, options: ShellOptions = {}): Program {
  const source = parseSource(text, file, options.shown);
  const { assigned, unread } = survey(source);
  const environment = { ...ENVIRONMENT, ...options.environment };
  const shebang = /^#!\s*(?:\/usr\/bin\/env\s+(?:-S\s*)?)?\S*?([\w-]+)(?:\s+(-\w+))?\s*$/m.exec(
    text.slice(0, 200).split('\n', 1)[0]!,
  );
  const setting: Setting = { assigned, posix: shebang?.[1] === 'sh' || shebang?.[1] === 'dash' };
  const start = new Thread(compile(source), new Map(Object.entries(environment)), options.words ?? [], file);
  start.exported = new Set(Object.keys(environment));
  if (shebang?.[2]?.includes('e')) start.options = new Set(['errexit']);
  const program = (from: Thread): Program => ({
    name: file,
    start: from,
    next: (at, kernel) => nextStep(at, kernel, setting),
    changed: from.changed,
    assuming: (facts) => {
      const assumed = from.copy();
      assumed.facts = facts;
      return program(assumed);
    },
    unread,
  });
  return program(start);
}
