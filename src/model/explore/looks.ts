import type { Passage } from './passages.ts';
import { isEnded, statusOf } from './processes.ts';
import { KERNEL, type Search, SLOTS } from './search.ts';

/** A look at sysfs on the way to a world. */
interface Look {
  readonly passage: Passage;
  readonly slot: number;
  readonly program: number;
  /** Where the process stood, and where it stood then. */
  readonly position: number;
  readonly then: number;
}

/** The step of a passage if it is a look. */
function lookOf(search: Search, passage: Passage): Look | null {
  const { before, doing } = passage;
  if (doing.kind !== 'slot') return null;
  const program = doing.slot % search.setup.programs.length;
  const position = before[SLOTS + doing.slot]!;
  const move = search.processes.next(position, before[KERNEL]!);
  return move.kind === 'read' ? { passage, slot: doing.slot, program, position, then: move.then } : null;
}

/**
 * The passages without the looks that decide nothing. A look stays if its process fails with it; if the process goes
 * on, or the trace ends, when it would see something else; and if it sees what the programs do not see undisturbed
 * (`usual` are their looks), unless it would see the same at any time of the trace.
 */
export function decisive(search: Search, passages: readonly Passage[], usual: ReadonlySet<string>): readonly Passage[] {
  const looks = passages.map((passage) => lookOf(search, passage));
  const kernels = new Set(passages.flatMap(({ before, after }) => [before[KERNEL]!, after[KERNEL]!]));
  return passages.filter((_, i) => {
    const look = looks[i];
    if (!look) return true;
    const { program, position, then, slot, passage } = look;
    const same = (kernel: number) => {
      const move = search.processes.next(position, kernel);
      return move.kind === 'read' && move.then === then;
    };
    const end = passage.after[SLOTS + slot]!;
    if (isEnded(end) && statusOf(end) !== 0) return true;
    const until = whenUsed(search, passages, looks, i);
    if (until !== null && !same(until)) return true;
    return !usual.has(search.processes.lookName(program, position, then)) && ![...kernels].every(same);
  });
}

/** The kernel in which the process of a look does its next step that is none; null where it is killed before that. */
function whenUsed(
  search: Search,
  passages: readonly Passage[],
  looks: readonly (Look | null)[],
  at: number,
): number | null {
  const { slot, program } = looks[at]!;
  for (let i = at + 1; i < passages.length; i++) {
    const { doing, before } = passages[i]!;
    if (doing.kind === 'slot' && doing.slot === slot && !looks[i]) return before[KERNEL]!;
    if (doing.kind === 'kill' && doing.program === program && slot < search.setup.programs.length) return null;
  }
  return passages.at(-1)!.after[KERNEL]!;
}
