import { type KernelEvent, type KernelState, type Result, step } from '../../driver-core/index.ts';
import { type Passage, passagesTo, rowOf } from './passages.ts';
import { KERNEL, type Search, SLOTS } from './search.ts';

/** A step of a replay: what is done to the kernel in turn, each with how it ends, and the kernel afterwards. */
export interface ReplayStep {
  readonly acts: readonly { readonly event: KernelEvent; readonly result: Result }[];
  readonly after: KernelState;
}

/** A trace as the kernel meets it, which is enough to do it again to a real one: every step that acts upon it. */
export interface Replay {
  readonly start: KernelState;
  readonly steps: readonly ReplayStep[];
}

/** How the search came to a world, as the kernel met it. */
export function replayTo(search: Search, index: number): Replay {
  const { states } = search.setup.kernels;
  const stateOf = (row: Int32Array) => states[row[KERNEL]!]!;
  const passages = passagesTo(search, index);
  const steps = passages.flatMap((passage): ReplayStep[] => {
    const events = eventsOf(search, passage);
    const after = stateOf(passage.after);
    return events.length > 0 ? [{ acts: actsOf(stateOf(passage.before), after, events), after }] : [];
  });
  return { start: stateOf(passages[0]?.before ?? rowOf(search, index)), steps };
}

/** One replay after the other, as a second run follows the first. */
export function joined(first: Replay, second: Replay): Replay {
  return { start: first.start, steps: [...first.steps, ...second.steps] };
}

/**
 * What was done in a world to come to the next: nothing where a process only looked or was started, or was killed and
 * held nothing.
 */
function eventsOf(search: Search, { before: row, doing }: Passage): readonly KernelEvent[] {
  if (doing.kind === 'act') return doing.act.events;
  if (doing.kind === 'kill') return search.processes.closing(row[SLOTS + doing.program]!, row[KERNEL]!);
  if (doing.kind !== 'slot') return [];
  const move = search.processes.next(row[SLOTS + doing.slot]!, row[KERNEL]!);
  return move.kind === 'event' ? [move.step.event] : [];
}

/** Events with their results, up to the first that fails; `after` knows what was decided of drivers on the way. */
function actsOf(before: KernelState, after: KernelState, events: readonly KernelEvent[]): ReplayStep['acts'] {
  const acts: { event: KernelEvent; result: Result }[] = [];
  let now: KernelState = { ...before, evidence: after.evidence };
  for (const event of events) {
    const { state, result } = step(now, event);
    acts.push({ event, result });
    now = state;
    if (result.kind !== 'ok') break;
  }
  return acts;
}
