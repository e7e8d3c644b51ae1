import {
  type DeviceFile,
  type Evidence,
  type KernelEvent,
  type KernelState,
  pendingProbes,
  step as kernelStep,
  type Result,
  type Transition,
} from '../../driver-core/index.ts';
import { UNSETTLED } from '../../driver-core/lists/devices.ts';
import { alternatives, undecided, withEvidence } from './evidence.ts';
import { Parts } from './sets/parts.ts';
import { Work, workOf } from './work.ts';

/** One way in which an event may end. */
export interface Outcome {
  /** The kernel afterwards. */
  readonly to: number;
  readonly result: Result;
  /** What was taken to be so of drivers that are not known, on the way to this outcome. */
  readonly decisions: readonly Evidence[];
  /** Why this outcome is not certain although everything that can be decided was; null where it is. */
  readonly open: string | null;
}

/** Most ways in which one event is followed; what a machine leaves open beyond that stays open. */
const MOST_OUTCOMES = 64;

/** 2 to this many kernels are told apart in the key of a step. */
const KERNEL_BITS = 2 ** 26;

const NONE: readonly DeviceFile[] = [];

/**
 * The kernels that were met, each once: states and their lists are numbered, and each event is done once in each state.
 * A list that an event leaves alone stays the same object, and so do most items of one that it changes.
 */
export class Kernels {
  readonly work: Work;
  readonly states: KernelState[] = [];
  readonly events: KernelEvent[] = [];
  readonly #ids = new Map<string, number>();
  readonly #parts = new Parts();
  readonly #eventIds = new Map<string, number>();
  readonly #probes: boolean[] = [];
  readonly #outcomes = new Map<number, readonly Outcome[]>();

  /** What is done with the kernels counts as work. */
  constructor(work: Work = new Work()) {
    this.work = work;
  }

  /** The number of a state. Equal states have one number. `like` is one that was numbered, from which it was made. */
  intern(state: KernelState, like?: KernelState): number {
    const devices = this.#parts.listed(state.devices, like?.devices);
    const drivers = this.#parts.listed(state.drivers, like?.drivers);
    const modules = this.#parts.listed(state.modules, like?.modules);
    const groups = this.#parts.listed(state.groups, like?.groups);
    const evidence = this.#parts.listed(state.evidence, like?.evidence);
    const key = [
      devices.id,
      drivers.id,
      modules.id,
      groups.id,
      evidence.id,
      this.#parts.listed(state.buses).id,
      this.#parts.listed(state.waiting).id,
      this.#parts.listed(state.deviceFiles ?? NONE).id,
      [state.noiommu, state.disableDenylist, state.enableSriov, state.asyncProbe],
    ].join('|');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const lists = {
      devices: devices.list,
      drivers: drivers.list,
      modules: modules.list,
      groups: groups.list,
      evidence: evidence.list,
    };
    const id = this.states.push({ ...state, ...lists }) - 1;
    this.#ids.set(key, id);
    return id;
  }

  /** Whether workers of the kernel have probes to do. */
  hasProbes(kernel: number): boolean {
    this.#probes[kernel] ??= pendingProbes(this.states[kernel]!).length > 0;
    return this.#probes[kernel];
  }

  /** The number of an event. */
  eventId(event: KernelEvent): number {
    const key = JSON.stringify(event);
    let id = this.#eventIds.get(key);
    if (id === undefined) {
      id = this.events.push(event) - 1;
      this.#eventIds.set(key, id);
    }
    return id;
  }

  /** Every way in which an event may end in a state: one, unless what a driver does is not known. */
  step(kernel: number, event: number): readonly Outcome[] {
    const key = event * KERNEL_BITS + kernel;
    let outcomes = this.#outcomes.get(key);
    if (!outcomes) {
      outcomes = this.#follow(this.states[kernel]!, this.events[event]!);
      this.#outcomes.set(key, outcomes);
    }
    return outcomes;
  }

  /** Where events lead to one after the other, up to the first that is not done at once. */
  stepAll(kernel: number, events: readonly number[]): readonly Omit<Outcome, 'result'>[] {
    let going: readonly Omit<Outcome, 'result'>[] = [{ to: kernel, decisions: [], open: null }];
    const done: Omit<Outcome, 'result'>[] = [];
    for (const event of events)
      going = going.flatMap(({ to, decisions, open }) =>
        this.step(to, event).flatMap((one) => {
          const effect = { to: one.to, decisions: [...decisions, ...one.decisions], open: open ?? one.open };
          if (one.result.kind === 'ok') return [effect];
          done.push(effect);
          return [];
        }),
      );
    return [...done, ...going];
  }

  /** The state in which these facts are known. */
  decided(kernel: number, decisions: readonly Evidence[]): number {
    return decisions.length === 0 ? kernel : this.#withFacts(kernel, decisions);
  }

  #withFacts(kernel: number, facts: readonly Evidence[]): number {
    const state = this.states[kernel]!;
    return this.intern(facts.reduce(withEvidence, state), state);
  }

  #follow(start: KernelState, event: KernelEvent): readonly Outcome[] {
    const outcomes: Outcome[] = [];
    const pending: [KernelState, readonly Evidence[]][] = [[start, []]];
    for (let one = pending.pop(); one; one = pending.pop()) {
      const [state, decisions] = one;
      this.work.spend(workOf(state));
      const transition = kernelStep(state, event);
      const missing = undecided(state, transition);
      if (missing && pending.length + outcomes.length < MOST_OUTCOMES) {
        for (const fact of alternatives(missing).reverse())
          pending.push([withEvidence(state, fact), [...decisions, fact]]);
        continue;
      }
      const { result } = transition;
      outcomes.push({ to: this.intern(transition.state, start), result, decisions, open: openIn(transition) });
    }
    return outcomes;
  }
}

function openIn({ state, result, trace }: Transition): string | null {
  if (result.kind === 'unknown') return result.why;
  const read = trace.find(({ fromSource }) => fromSource);
  if (read) return `${read.text} (${read.rule}): read in the kernel's source, not seen`;
  const open = UNSETTLED.of(state.devices).find(({ driver }) => typeof driver === 'object' && driver !== null);
  return open ? `which driver has ${open.name} is not known` : null;
}
