import type { KernelEvent, KernelModule, KernelState, LoadParameters, Result } from '../../driver-core/index.ts';

/** Where a step stands in what was read. */
export interface Place {
  readonly file: string;
  /** Line number, the first is 1. */
  readonly line: number;
}

/** Where a process stands: plain immutable data; two positions of a program with the same key behave the same. */
export interface Position {
  readonly key: string;
}

/** Something that could not be read, as it stands there. */
export interface Unread {
  readonly place: Place;
  readonly text: string;
}

/** What a process does next; `effort` is what it took to find that out, where it was much: 1 is some microseconds. */
export type Step = { readonly effort?: number } & StepKind;

type StepKind =
  /** One act upon the kernel; the caller steps the model and goes on at `then(result)`. */
  | {
      readonly kind: 'event';
      readonly place: Place;
      readonly text: string;
      readonly event: KernelEvent;
      then(result: Result): Position;
    }
  /** One look at the kernel (a glob, test -e, readlink, cat): it saw the state passed to `next`. */
  | { readonly kind: 'read'; readonly place: Place; readonly text: string; readonly then: Position }
  /**
   * Something that is not known, and that decides where it goes on: each way may be the one. A trace with it shows what
   * can happen only if the machine is so.
   */
  | {
      readonly kind: 'choice';
      readonly place: Place;
      readonly text: string;
      /** What is asked about the machine, where the answer is the same whenever it is asked; else null. */
      readonly fact: string | null;
      readonly ways: readonly { readonly text: string; readonly then: Position }[];
    }
  | { readonly kind: 'end'; readonly status: number }
  /**
   * Not understood: bounds the verdict. `then` goes on as if it did nothing to the kernel; null where that is unsound.
   */
  | { readonly kind: 'unread'; readonly place: Place; readonly text: string; readonly then: Position | null };

/** A process that can be run against a model of the kernel, one step at a time. */
export interface Program {
  readonly name: string;
  readonly start: Position;
  /** What the process at `at` does next, in `kernel`. Pure. A process that reads and then writes gives two steps. */
  next(at: Position, kernel: KernelState): Step;
  /** Files outside sysfs that its runs have changed as far as they were followed; with U+F8FF in it, any. */
  readonly changed?: ReadonlySet<string>;
  /** What it calls itself where it opens a group: which of its runs holds one matters then. Default: it opens none. */
  readonly opens?: readonly string[];
  /** What modprobe gives modules whenever it loads them, by the module's name with underscores. Default: nothing. */
  readonly options?: Readonly<Record<string, LoadParameters>>;
  /** What modprobe loads before and after modules, by the module's name with underscores, in place of what it did. */
  readonly softdeps?: Readonly<Record<string, Pick<KernelModule, 'before' | 'after'>>>;
  /** The program where these answers hold of the machine, each the number of a way, by `fact` of a choice. */
  assuming?(facts: ReadonlyMap<string, number>): Program;
  /** Everything that could not be read, found without running. */
  readonly unread: readonly Unread[];
}
