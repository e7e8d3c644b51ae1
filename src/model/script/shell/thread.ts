import type { KernelEvent } from '../../../driver-core/index.ts';
import { Remembered } from '../../../driver-core/lists/remembered.ts';
import type { Place, Position } from '../program.ts';
import type { Code } from './code.ts';
import { digest, digestedLength, itemsKey, leftKey, mapKey, valueKey } from './digest.ts';

/** Stands for text that cannot be known; no script holds it, as scripts are read as latin1. */
export const UNKNOWN_TEXT = '\u{f8ff}';

/** Likewise, and it is not empty. */
export const SOME_TEXT = `${UNKNOWN_TEXT}\u{f8fe}`;

/** Likewise: the value of a variable that nobody sets. Where a script asks about it, it is empty. */
export const UNSET_TEXT = `${UNKNOWN_TEXT}\u{f8fd}`;

/** Part of the number of the shell's own process, which is not known otherwise. */
export const OWN_PROCESS = `${UNKNOWN_TEXT}\u{f8fb}`;

/** Stands for the name of a file that is not known: one word, without a slash. */
export const SOME_NAME = `${UNKNOWN_TEXT}\u{f8fc}`;

/** Stands for words that are not known within a line: there may be none, and they hold no newline. */
export const SOME_WORDS = `${UNKNOWN_TEXT}\u{f8f9}`;

/** A text that is asked about, in which variables that nobody sets are empty. */
export const asAsked = (text: string): string => text.replaceAll(UNSET_TEXT, '');

/** An exit status that cannot be known. */
export const UNKNOWN_STATUS = -1;

/** One that is neither 0 nor 1. */
export const OTHER_STATUS = -2;

/** A variable: a text, or an array by index or by name. */
export type Value = string | ReadonlyMap<string, string>;

/** Where a file descriptor leads. */
export type Descriptor =
  /** What is left to be read; UNKNOWN_TEXT in it is what is not known. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'terminal' }
  | { readonly kind: 'capture'; readonly depth: number }
  | { readonly kind: 'file'; readonly path: string };

/** A command whose words are expanded and which is about to run. */
export interface Ready {
  readonly words: readonly string[];
  readonly assignments: readonly (readonly [name: string, value: Value])[];
  readonly redirects: readonly ReadyRedirect[];
}

export interface ReadyRedirect {
  readonly operator: string;
  readonly descriptor: number;
  /** The file's name, the number of a descriptor, or the text of a here-document. */
  readonly target: string;
}

/** Events that are still to happen before a command has ended. */
export interface Acts {
  readonly place: Place;
  readonly text: string;
  readonly events: readonly KernelEvent[];
  /** The first of them that did not happen yet. */
  readonly at: number;
  readonly status: number;
  readonly guarded: boolean;
}

/** What an unfinished construct left on the stack. */
export type Frame = { readonly next: Frame | null } & (
  | {
      readonly kind: 'loop';
      readonly items: readonly string[];
      readonly at: number;
      readonly end: number;
      readonly again: number;
    }
  | { readonly kind: 'redirect'; readonly saved: Descriptors; readonly input: boolean }
  | {
      readonly kind: 'call';
      readonly saved: Thread;
      readonly redirects: boolean;
      readonly guarded: boolean;
      readonly own: 'function' | 'shell' | null;
    }
  /** A subshell, a part of a pipeline or a substitution: what it changes of the shell is lost. */
  | {
      readonly kind: 'scope';
      readonly saved: Thread;
      /** Instruction that closes it; for a substitution, the one that is tried again with its text. */
      readonly end: number;
      readonly substitution: string | null;
      readonly pipe: 'middle' | 'last' | null;
      readonly guarded: boolean;
    }
);

export type Descriptors = readonly (Descriptor | undefined)[];

/** Where a shell process stands. Copied before it is changed, and never changed once it is given out. */
export class Thread implements Position {
  code: Code;
  pc = 0;
  frames: Frame | null = null;
  depth = 0;
  variables: ReadonlyMap<string, Value>;
  exported: ReadonlySet<string> = new Set();
  functions: ReadonlyMap<string, Code> = new Map();
  words: readonly string[];
  name: string;
  status = 0;
  /** Status of the last substitution of the command that is being expanded. */
  substituted = 0;
  directory = '/';
  /** errexit, pipefail, noglob. */
  options: ReadonlySet<string> = new Set();
  /** Runs where a failure does not end the script. */
  guarded = false;
  /** What `local` hid, in a function. */
  locals: ReadonlyMap<string, Value | undefined> | null = null;
  descriptors: Descriptors = [{ kind: 'text', text: UNKNOWN_TEXT }, { kind: 'terminal' }, { kind: 'terminal' }];
  captures: readonly string[] = [];
  /** What is assumed of the machine: the number of an answer, by what is asked. The same for the whole program. */
  facts: ReadonlyMap<string, number> = new Map();
  /** Where getopts stands in a word of several options. */
  inOption: { readonly index: number; readonly at: number } | null = null;
  /** It ran a text of another file, which may have set any variable. */
  foreign = false;
  /** What the part of the pipeline before wrote. */
  piped = '';
  /** Status of a part of the pipeline that failed. */
  failed = 0;
  /** Files outside sysfs that it wrote; null where it removed one. */
  files: ReadonlyMap<string, string | null> = new Map();
  /** The paths of all that were changed in any run that was followed; UNKNOWN_TEXT for one that is not known. */
  readonly changed: Set<string> = new Set();
  /** Substitutions and globs of the command that is being expanded, by where they stand. */
  memo: ReadonlyMap<string, string> = new Map();
  ready: Ready | null = null;
  acts: Acts | null = null;
  trap: string | null = null;
  /** Why nothing is known from here on. */
  halted: string | null = null;
  /** Whether `set -e` ends the script depends on a status that is not known. */
  doubtful = false;
  private known: string | undefined;
  /** How much text was gone through to make its key. */
  size = 0;

  constructor(code: Code, variables: ReadonlyMap<string, Value>, words: readonly string[], name: string) {
    this.code = code;
    this.variables = variables;
    this.words = words;
    this.name = name;
  }

  /** A copy that may be changed. */
  copy(): Thread {
    const copy = Object.assign(new Thread(this.code, this.variables, this.words, this.name), this);
    copy.known = undefined;
    return copy;
  }

  get key(): string {
    if (this.known === undefined) {
      const before = digestedLength();
      this.known = digest(JSON.stringify([...ownKey(this), frameKeys(this.frames)]));
      this.size = digestedLength() - before;
    }
    return this.known;
  }

  /** Changes a file outside sysfs: its text, or null to remove it. */
  change(path: string, text: string | null): void {
    this.files = new Map(this.files).set(path, text);
    this.changed.add(path.replace(/\/\.$/, ''));
  }

  push(frame: DistributiveOmit<Frame, 'next'>): void {
    this.frames = { ...frame, next: this.frames } as Frame;
    this.depth++;
  }

  pop(): Frame {
    const frame = this.frames!;
    this.frames = frame.next;
    this.depth--;
    return frame;
  }
}

type DistributiveOmit<T, K extends keyof Frame> = T extends unknown ? Omit<T, K> : never;

function ownKey(t: Thread): unknown[] {
  return [
    t.code.id,
    t.pc,
    mapKey(t.variables),
    [...t.exported].sort().join(),
    mapKey(t.functions),
    t.words,
    t.name,
    t.status,
    t.substituted,
    t.directory,
    [...t.options].sort().join(),
    t.guarded,
    t.locals && mapKey(t.locals),
    t.descriptors,
    t.captures,
    t.piped,
    t.failed,
    mapKey(t.files),
    mapKey(t.memo),
    t.ready && [t.ready.words, t.ready.assignments.map(([name, value]) => [name, valueKey(value)]), t.ready.redirects],
    t.acts && [leftKey(t.acts.events, t.acts.at), t.acts.status, t.acts.guarded],
    t.trap,
    t.halted,
    t.doubtful,
    t.foreign,
    t.inOption,
  ];
}

const FRAMES = new Remembered(({ next, ...own }: Frame): string => {
  const saved = own.kind === 'call' || own.kind === 'scope' ? { saved: JSON.stringify(ownKey(own.saved)) } : {};
  const items = own.kind === 'loop' ? { items: itemsKey(own.items) } : {};
  return digest(`${JSON.stringify({ ...own, ...saved, ...items })}\n${frameKeys(next)}`);
});

const frameKeys = (frames: Frame | null): string => (frames ? FRAMES.of(frames) : '');
