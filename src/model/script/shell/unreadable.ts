import type { ParsedScript } from 'unbash';

/** Thrown where the shell cannot be followed: its text says what was not understood. Never leaves the interpreter. */
export class Unreadable extends Error {
  /** The process goes on as if the command did nothing to the kernel; else nothing is known from here on. */
  readonly goesOn: boolean;

  constructor(text: string, goesOn = false) {
    super(text);
    this.goesOn = goesOn;
  }
}

/** `$(..)`, backquotes or `<(..)`. */
export interface Substitution {
  readonly pos: number;
  readonly text: string;
  readonly script: ParsedScript | undefined;
}

/**
 * Thrown where an expansion needs the output of a command that has not run yet. Never leaves the interpreter. No Error,
 * for the stack that an Error holds takes longer to find than the output.
 */
export class NeedsSubstitution {
  readonly node: Substitution;

  constructor(node: Substitution) {
    this.node = node;
  }
}

/** Most variables, elements of an array, or functions to which another one is added: each time, all are copied. */
const MOST_NAMES = 1024;

/** Unreadable where a name is one too many. */
export function needFew(names: ReadonlyMap<string, unknown>, name: string, what: string): void {
  if (names.size >= MOST_NAMES && !names.has(name)) throw new Unreadable(`more than ${MOST_NAMES} ${what}`);
}

/** Longest text that the shell's own operations work on. */
const MOST_TEXT = 65_536;

/** The text, or Unreadable where it is too long to work on. */
export function ofBearableLength(text: string): string {
  if (text.length > MOST_TEXT) throw new Unreadable(`a text of ${text.length} characters`);
  return text;
}
