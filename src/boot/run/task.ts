import type { Decision, KernelEvent, KernelState } from '../../driver-core/index.ts';
import type { Because } from '../because.ts';

/** One thing that a program does to the kernel; `null` where the kernel's state leaves nothing to do. */
export type EventOf = KernelEvent | ((state: KernelState) => KernelEvent | null);

/** A step of a task. */
export type TaskStep =
  /** Asks something of the kernel's state and keeps the answer in a slot. */
  | { readonly kind: 'test'; readonly slot: number; readonly test: (state: KernelState) => Decision }
  /** Does something, where all of the slots that it needs are yes. */
  | ({
      readonly kind: 'act';
      /** Slots that have to be yes; -1 - SLOT for one that has to be no. */
      readonly needs: readonly number[];
    } & Doing);

/** Something that is done, and what decides that. */
export interface Doing {
  readonly event: EventOf;
  readonly because: readonly Because[];
  /** Conditions of a script around it. */
  readonly when?: readonly Gate[];
  /** A write to a file of a driver that is not there yet is tried again until it is. */
  readonly patient?: boolean;
}

/** A condition of a script; several things that depend on it share its `test`, which is asked once. */
export interface Gate {
  readonly test: (state: KernelState) => Decision;
  readonly isNot: boolean;
}

/** Steps that do things one after the other; each condition is asked before the first thing that depends on it. */
export function acting(
  doings: readonly Doing[],
  needs: readonly number[] = [],
  slots: { next: number } = { next: 0 },
): TaskStep[] {
  const asked = new Map<Gate['test'], number>();
  return doings.flatMap(({ event, because, when = [], patient = false }): TaskStep[] => {
    const tests: TaskStep[] = [];
    const own = when.map(({ test, isNot }) => {
      let slot = asked.get(test);
      if (slot === undefined) {
        slot = slots.next++;
        asked.set(test, slot);
        tests.push({ kind: 'test', slot, test });
      }
      return isNot ? -1 - slot : slot;
    });
    return [...tests, { kind: 'act', needs: [...needs, ...own], event, because, patient }];
  });
}

/**
 * What runs by itself at boot: the handling of one device by udev, a unit, the script of an initramfs. Its steps run in
 * order; those of other tasks come between them, except where `after` says so.
 */
export interface Task {
  readonly name: string;
  /** Names of tasks that have to be over before this one begins. */
  readonly after: readonly string[];
  readonly steps: readonly TaskStep[];
}
