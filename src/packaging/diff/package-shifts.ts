import { packageMoves } from './packages.ts';
import type { Pair } from './pair.ts';
import { PairCase } from './pair-case.ts';
import type { Shift } from './shifts.ts';
import type { DiffSide } from './side.ts';
import type { View } from './view.ts';

/**
 * The pairs whose devices all keep their module, which comes from another package in NEW. Each has an example that the
 * module answers on both sides.
 */
export function packageShifts(
  [old, now]: readonly [View, View],
  sides: readonly [DiffSide, DiffSide],
  isTold: (pair: Pair) => boolean,
): Shift[] {
  if (!sides.every((side) => side.packageOf)) return [];
  const namesOf = (pair: Pair) => [...new Set(loadable(now.ofModule(pair.module)).map(({ name }) => name))];
  const hasMoved = packageMoves(sides, new Map(loadable(old.pairs).map((pair) => [pair.name, namesOf(pair)])));
  const shifts: Shift[] = [];
  for (const pair of loadable(old.pairs)) {
    if (!hasMoved(pair.name) || isTold(pair)) continue;
    const pairCase = new PairCase(pair, { from: old, to: now });
    pairCase.coreOnly = false;
    const answers = (view: View, key: string, names: readonly string[]) =>
      view.answer(key).some((module) => names.includes(module));
    const key =
      pairCase.findPlausible(
        ({ text, served }) => served && answers(old, text, [pair.name]) && answers(now, text, namesOf(pair)),
      ) ?? pairCase.find(({ served }) => served);
    if (key) shifts.push({ class: 'package', pair, example: key.text });
  }
  return shifts;
}

const loadable = (pairs: readonly Pair[]) => pairs.filter(({ builtin }) => !builtin);
