import type { Pair } from './pair.ts';
import type { Key, PairCase } from './pair-case.ts';

/** A change of a pair whose devices all keep its module. */
export interface Shift {
  readonly class: 'builtin' | 'loadable' | 'order' | 'package';
  readonly pair: Pair;
  /** A modalias that shows it. */
  readonly example: string;
}

/**
 * `builtin` or `loadable` where a pair's module is found by another source now; the example is best one that libkmod
 * answers by it.
 */
export function sourceShift(pairCase: PairCase): Shift | undefined {
  const { pair } = pairCase;
  if (!pairCase.own.some(({ builtin }) => builtin !== pair.builtin)) return undefined;
  const isBuiltin = (pairs: readonly Pair[]) => {
    const own = pairs.filter(({ module }) => module === pair.module);
    return own.length === 0 ? undefined : own.every(({ builtin }) => builtin);
  };
  const isShifted = (key: Key) => isBuiltin(key.from) === pair.builtin && isBuiltin(key.to) === !pair.builtin;
  const answers = (pairs: readonly Pair[]) => !isBuiltin(pairs) || pairs.every(({ builtin }) => builtin);
  const key =
    pairCase.findPlausible((k) => isShifted(k) && answers(k.from) && answers(k.to)) ??
    pairCase.findPlausible(isShifted) ??
    pairCase.find(isShifted);
  return key && isShifted(key) ? { class: pair.builtin ? 'loadable' : 'builtin', pair, example: key.text } : undefined;
}
