import type { KernelState } from '../../driver-core/index.ts';
import { Remembered } from '../../driver-core/lists/remembered.ts';

/**
 * What checks may still do, together: counted, not timed, so that the same input has the same answer on every machine.
 * 1 is about what it takes to come to one more state of a search.
 */
export class Work {
  #left: number;
  readonly #whole: Work | undefined;

  /** Without a number there is no end of it. What is spent of a part is spent of the whole. */
  constructor(most = Number.POSITIVE_INFINITY, whole?: Work) {
    this.#left = most;
    this.#whole = whole;
  }

  /** This share of what is left. */
  part(share: number): Work {
    return new Work(this.#left * share, this);
  }

  /** Counts something as done. */
  spend(units: number): void {
    this.#left -= units;
    this.#whole?.spend(units);
  }

  /** Whether nothing more is to be done. */
  get isUsedUp(): boolean {
    return this.#left <= 0;
  }
}

/** What a usual check may do: some seconds' worth of it. */
export const USUAL_WORK = 1_000_000;

/** What it takes to run a program to its next step, besides looking at the kernel. */
export const STEP_WORK = 24;

/** How many dynamic ids drivers have: each is compared with devices and with new ids. */
const IDS = new Remembered((drivers: KernelState['drivers']) =>
  drivers.reduce((sum, { dynids }) => sum + dynids.length, 0),
);

/** What it takes to look at a state of the kernel, or to make another of it: lists are copied and compared. */
export function workOf({ devices, drivers, evidence, groups, modules }: KernelState): number {
  const size = devices.length + drivers.length + groups.length + modules.length;
  return 4 + size / 150 + evidence.length / 4000 + IDS.of(drivers) / 8;
}
