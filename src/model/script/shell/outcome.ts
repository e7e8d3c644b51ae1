import type { KernelEvent } from '../../../driver-core/index.ts';
import type { Place } from '../program.ts';
import type { Files } from './files.ts';
import type { Thread } from './thread.ts';
import type { Expander } from './words/expand.ts';

/** What a command did: its status, what it wrote to its output, and what it does to the kernel first. */
export interface Outcome {
  readonly status: number;
  readonly out?: string;
  readonly events?: readonly KernelEvent[];
  /** It changed where the thread goes on: nothing more is to be done. */
  readonly jumped?: boolean;
}

/** Where and how a command runs. */
export interface Context {
  readonly thread: Thread;
  readonly files: Files;
  readonly expander: Expander;
  readonly guarded: boolean;
  readonly posix: boolean;
  readonly place: Place;
  /** The command as it stands in the script. */
  readonly text: string;
}

/** What a command is run with. `words` are its arguments, without its name. */
export interface Run extends Context {
  readonly name: string;
  readonly words: readonly string[];
  /** Text of the standard input; UNKNOWN_TEXT in it is what is not known. */
  readonly input: string;
}

export type CommandRule = (run: Run) => Outcome;

/** Commands by their names. */
export type CommandTable = Readonly<Record<string, CommandRule>>;

export const DONE: Outcome = { status: 0 };

export const FAILED: Outcome = { status: 1 };

export const said = (out: string): Outcome => ({ status: 0, out });
