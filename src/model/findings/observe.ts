import { type KernelEvent, type KernelState, type Result, step } from '../../driver-core/index.ts';
import { alternatives, undecided, withEvidence } from '../explore/evidence.ts';
import { STEP_WORK, Work, workOf } from '../explore/work.ts';
import type { Place, Program, Unread } from '../script/program.ts';
import { Ways } from '../script/ways.ts';

/** A step of a program that runs alone: an act with what it led to, or a look. */
export type Observed =
  | {
      readonly kind: 'act';
      readonly place: Place;
      readonly text: string;
      readonly event: KernelEvent;
      readonly before: KernelState;
      readonly after: KernelState;
      readonly result: Result;
    }
  | { readonly kind: 'look'; readonly place: Place; readonly text: string };

export type ObservedAct = Observed & { readonly kind: 'act' };

/** What a program does to a machine on which nothing else happens. */
export interface Observation {
  readonly start: KernelState;
  readonly end: KernelState;
  readonly steps: readonly Observed[];
  /** Its status, or null where it could not be followed to its end. */
  readonly status: number | null;
  /** What of the program was not understood. */
  readonly unread: readonly Unread[];
}

const MOST_STEPS = 20_000;
const MOST_FACTS = 50;

/** Of machines with many devices, fewer steps. */
const MOST_WORK = 200_000;

/**
 * Runs a program alone. What the machine's description leaves open is taken as it most often is: a driver that matches
 * a device takes it.
 */
export function observe(program: Program, start: KernelState): Observation {
  const steps: Observed[] = [];
  const unread: Unread[] = [];
  let kernel = start;
  let at = program.start;
  const work = new Work(MOST_WORK);
  const ways = new Ways();
  for (let i = 0; i < MOST_STEPS && !work.isUsedUp; i++) {
    const next = program.next(at, kernel);
    work.spend(STEP_WORK + workOf(kernel) + (next.effort ?? 0));
    if (next.kind === 'end') return { start, end: kernel, steps, status: next.status, unread };
    if (next.kind === 'choice') {
      at = ways.at(at, next).then;
      continue;
    }
    const { place, text } = next;
    if (next.kind === 'read') steps.push({ kind: 'look', place, text });
    else if (next.kind === 'unread') unread.push({ place, text });
    else {
      const { before, after, result } = act(kernel, next.event);
      steps.push({ kind: 'act', place, text, event: next.event, before, after, result });
      kernel = after;
      at = next.then(result);
      continue;
    }
    if (next.then === null) break;
    at = next.then;
  }
  return { start, end: kernel, steps, status: null, unread };
}

/** What an event leads to once what is open about it is decided. */
function act(kernel: KernelState, event: KernelEvent): { before: KernelState; after: KernelState; result: Result } {
  let before = kernel;
  for (let i = 0; i < MOST_FACTS; i++) {
    const transition = step(before, event);
    const open = undecided(before, transition);
    if (!open) return { before, after: transition.state, result: transition.result };
    before = withEvidence(before, alternatives(open)[0]!);
  }
  const { state, result } = step(before, event);
  return { before, after: state, result };
}
