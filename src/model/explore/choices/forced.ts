import { rowOf } from '../passages.ts';
import { type Search, SLOTS } from '../search.ts';
import { isCertain, stepOf } from '../trace.ts';
import type { Branch } from '../sets/world-set.ts';

/** Most worlds that are gone back through: those that the fewest steps lead to. */
const MOST_WORLDS = 100_000;

/** Ways that lead on from a world: one of them is enough, or every one, as nobody knows which the choice takes. */
interface Ways {
  readonly all: boolean;
  readonly ways: readonly Branch[];
}

/** Whether some world of `goals` can come about whichever way every choice goes, by steps that are certain. */
export function isForced(search: Search, goals: readonly number[]): boolean {
  const { worlds } = search;
  const count = Math.min(worlds.size, MOST_WORLDS);
  const reached = new Set(goals.filter((index) => index < count));
  if (reached.size === 0) return false;
  const taken = new Map<number, Ways>();
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    // Most ways lead to worlds that were found later.
    for (let index = count - 1; index >= 0; index--) {
      if (reached.has(index)) continue;
      const found = waysFrom(search, index).find(({ all, ways }) =>
        all ? ways.every(({ to }) => reached.has(to)) : ways.some(({ to }) => reached.has(to)),
      );
      if (!found) continue;
      reached.add(index);
      taken.set(index, found.all ? found : { all: false, ways: [found.ways.find(({ to }) => reached.has(to))!] });
    }
  }
  const starts = [...Array(count).keys()].filter((index) => worlds.origin(index).from < 0);
  return starts.some((start) => reached.has(start) && allCertain(search, taken, start));
}

/** The ways from a world, those of each process together; none through what is not understood or only assumed. */
function waysFrom(search: Search, index: number): Ways[] {
  const row = rowOf(search, index);
  const choices = new Map<number, Branch[]>();
  const others: Branch[] = [];
  for (const way of search.branches(index)) {
    const doing = search.doing(way.by);
    const move = doing.kind === 'slot' ? search.processes.next(row[SLOTS + doing.slot]!, row[0]!) : undefined;
    if (move?.kind === 'unread') continue;
    // A way of a choice that was not gone may lead anywhere.
    if (doing.kind !== 'slot' || move?.kind !== 'choice') {
      if (way.to >= 0) others.push(way);
    } else choices.set(doing.slot, [...(choices.get(doing.slot) ?? []), way]);
  }
  const open = [...choices.values()].filter((ways) => ways.length > 1).map((ways) => ({ all: true, ways }));
  return [...open, { all: false, ways: others }];
}

/** Whether every step that is taken from a world on is certain, but for what the choices are about. */
function allCertain(search: Search, taken: ReadonlyMap<number, Ways>, start: number): boolean {
  const open = [start];
  const seen = new Set(open);
  for (let index = open.pop(); index !== undefined; index = open.pop())
    for (const { to, by } of taken.get(index)?.ways ?? []) {
      const step = stepOf(search, { before: rowOf(search, index), after: rowOf(search, to), doing: search.doing(by) });
      if (!step.isChoice && !isCertain(step)) return false;
      if (!seen.has(to)) open.push(to);
      seen.add(to);
    }
  return true;
}
