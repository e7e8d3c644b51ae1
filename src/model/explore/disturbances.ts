import { type PendingProbe, pendingProbes } from '../../driver-core/index.ts';
import { eventText } from '../script/event-text.ts';
import type { Act } from './acts.ts';
import type { Kernels, Outcome } from './kernels.ts';
import { PairMap } from './sets/pair-map.ts';

/** Where an act of the environment leads to from a pair of kernels. */
export interface Disturbed {
  readonly kernel: number;
  readonly shadow: number;
  /** The bit that it sets where it may happen once. */
  readonly bit: number;
  readonly late: boolean;
  /** Whether it is a worker of the kernel. */
  readonly worker: boolean;
  readonly who: number;
  readonly outcome: number;
}

type Effect = Omit<Outcome, 'result'>;

/** Acts that have a bit; those beyond happen as often as they like, which finds more, not less. */
const MOST_BITS = 31;

/** What the acts of the environment do to a kernel, and to the one as they alone made it; each pair is asked once. */
export class Disturbances {
  readonly #setup: { readonly kernels: Kernels; readonly acts: readonly Act[]; readonly once: boolean };
  readonly #first: number;
  readonly #bound: (text: string) => void;
  /** What was given, and each probe that a worker of the kernel had to do. */
  readonly #acts: Act[];
  readonly #events: (readonly number[])[];
  readonly #workers = new Map<string, number>();
  readonly #disturbed = new PairMap<readonly Disturbed[]>();
  /** By kernel, then by act. */
  readonly #effects: (readonly Effect[])[][] = [];
  readonly #happening: boolean[][] = [];

  /** The acts are numbered from `first` on; `bound` is called with what is not certain of them. */
  constructor(
    setup: { readonly kernels: Kernels; readonly acts: readonly Act[]; readonly once: boolean },
    first: number,
    bound: (text: string) => void,
  ) {
    this.#setup = setup;
    this.#first = first;
    this.#bound = bound;
    this.#acts = [...setup.acts];
    this.#events = setup.acts.map(({ events }) => events.map((event) => setup.kernels.eventId(event)));
  }

  /** Where the acts of the environment lead to from a pair of kernels, without those that change neither. */
  of(kernel: number, shadow: number): readonly Disturbed[] {
    const known = this.#disturbed.get(kernel, shadow);
    if (known) return known;
    const { kernels, acts, once } = this.#setup;
    const found: Disturbed[] = [];
    for (const act of [...acts.keys(), ...this.#workersIn(kernel, shadow)]) {
      if (acts[act]?.when && !this.#happens(act, kernel)) continue;
      for (const [i, effect] of this.#effectsOf(act, kernel).entries())
        for (const [j, alone] of this.#effectsOf(act, kernels.decided(shadow, effect.decisions)).entries()) {
          const to = kernels.decided(effect.to, alone.decisions);
          if (to === kernel && alone.to === shadow) continue;
          if (effect.open !== null) this.#bound(effect.open);
          const bit = once && act < Math.min(acts.length, MOST_BITS) ? 1 << act : 0;
          const late = acts[act]?.late === true;
          const worker = act >= acts.length;
          const who = this.#first + act;
          found.push({ kernel: to, shadow: alone.to, bit, late, worker, who, outcome: i * 256 + j });
        }
    }
    this.#disturbed.set(kernel, shadow, found);
    return found;
  }

  /** Which act of a row is one of the environment's. */
  act(who: number): Act {
    return this.#acts[who - this.#first]!;
  }

  /** The numbers of the probes that workers have to do in either kernel: whatever else happens, these do. */
  #workersIn(kernel: number, shadow: number): number[] {
    const { states } = this.#setup.kernels;
    const due = [kernel, shadow].flatMap((one) => pendingProbes(states[one]!).map((probe) => this.#worker(probe)));
    return [...new Set(due)];
  }

  #worker(probe: PendingProbe): number {
    const event = { kind: 'asyncProbe', ...probe } as const;
    const key = `${probe.bus} ${probe.device} ${probe.driver ?? ''}`;
    let number = this.#workers.get(key);
    if (number === undefined) {
      number = this.#acts.push({ who: 'a worker of the kernel', text: eventText(event), events: [event] }) - 1;
      this.#events.push([this.#setup.kernels.eventId(event)]);
      this.#workers.set(key, number);
    }
    return number;
  }

  #happens(act: number, kernel: number): boolean {
    this.#happening[kernel] ??= [];
    this.#happening[kernel][act] ??= this.#setup.acts[act]!.when!(this.#setup.kernels.states[kernel]!);
    return this.#happening[kernel][act];
  }

  /** What an act leads to: its events in order, up to the first that is not done at once. */
  #effectsOf(act: number, kernel: number): readonly Effect[] {
    this.#effects[kernel] ??= [];
    const known = this.#effects[kernel][act];
    if (known) return known;
    this.#effects[kernel][act] = this.#setup.kernels.stepAll(kernel, this.#events[act]!);
    return this.#effects[kernel][act];
  }
}
