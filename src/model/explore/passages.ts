import type { Doing } from './acts.ts';
import type { Search } from './search.ts';

/** A step on the way to a world: the rows before and after it, and who did it. */
export interface Passage {
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly doing: Doing;
}

/** How the search came to a world: every step from the start, none where it started there. */
export function passagesTo(search: Search, index: number): Passage[] {
  const { worlds } = search;
  const passages: Passage[] = [];
  let after = rowOf(search, index);
  for (let origin = worlds.origin(index); origin.from >= 0; origin = worlds.origin(origin.from)) {
    const before = rowOf(search, origin.from);
    passages.push({ before, after, doing: search.doing(origin.by) });
    after = before;
  }
  return passages.reverse();
}

/** The row of a world. */
export function rowOf({ worlds }: Search, index: number): Int32Array {
  const row = new Int32Array(worlds.width);
  worlds.read(index, row);
  return row;
}
