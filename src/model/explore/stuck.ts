import { LOST } from './processes.ts';
import { rowOf } from './passages.ts';
import { KERNEL, type Search, SLOTS } from './search.ts';

/** Worlds from which the processes do not come to their end unless somebody helps. */
export interface Stuck {
  /** Those in which they do nothing to the kernel any more, the nearest first. */
  readonly waiting: readonly number[];
  /** Whether there are others, in which they go on and on. */
  readonly restless: boolean;
}

const NOTHING: Stuck = { waiting: [], restless: false };

/** The worlds of a search that is done in which the processes are stuck: in a loop, or in a wait for each other. */
export function stuckWorlds(search: Search): Stuck {
  if (search.truncated || !search.processes.mayStay()) return NOTHING;
  const all = [...Array(search.worlds.size).keys()];
  const ending = closure(search, all, new Set(all.filter((index) => endsItself(search, index))));
  const stuck = all.filter((index) => !ending.has(index));
  const quiet = quietOf(search, stuck);
  const { frontier } = search;
  return {
    waiting: [...quiet].sort((a, b) => frontier.distanceOf(a) - frontier.distanceOf(b)),
    restless: closure(search, stuck, quiet).size < stuck.length,
  };
}

/** Of some worlds, those that lead to one of `goals`, and these. */
function closure(search: Search, among: readonly number[], goals: ReadonlySet<number>): ReadonlySet<number> {
  const leading = new Set(goals);
  for (let before = -1; before !== leading.size; ) {
    before = leading.size;
    // Most ways lead to worlds that were found later.
    for (let i = among.length - 1; i >= 0; i--)
      if (!leading.has(among[i]!) && search.following(among[i]!).some((to) => leading.has(to))) leading.add(among[i]!);
  }
  return leading;
}

/**
 * Whether all has ended in a world, or what becomes of it is open: a process stopped at something that is not
 * understood, or waits for somebody else to close a group.
 */
function endsItself(search: Search, index: number): boolean {
  const row = rowOf(search, index);
  if (search.isOver(row) || row.includes(LOST, SLOTS)) return true;
  const { kernels, programs, secondRun } = search.setup;
  const mine = new Set(programs.flatMap(({ opens = [] }) => opens));
  const { groups, deviceFiles = [], waiting } = kernels.states[row[KERNEL]!]!;
  const isMine = (by: string) => mine.has(by) || (secondRun && mine.has(by.replace(/ \(second run\)$/, '')));
  return waiting.some(({ device, group }) =>
    [
      ...deviceFiles.filter((one) => one.device === device),
      ...groups.flatMap(({ id, file }) => (id === group && file ? file : [])),
    ].some(({ by }) => !isMine(by)),
  );
}

/** Of worlds that lead only to each other, those from which the kernel stays as it is. */
function quietOf(search: Search, stuck: readonly number[]): ReadonlySet<number> {
  const kernelOf = (index: number) => rowOf(search, index)[KERNEL]!;
  const quiet = new Set(stuck);
  for (let before = -1; before !== quiet.size; ) {
    before = quiet.size;
    for (const one of quiet) {
      const kernel = kernelOf(one);
      if (search.following(one).some((to) => !quiet.has(to) || kernelOf(to) !== kernel)) quiet.delete(one);
    }
  }
  return quiet;
}
