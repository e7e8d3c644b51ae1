import type { Pair } from './pair.ts';
import { type Key, PairCase } from './pair-case.ts';
import { plausibleKeys } from './plausible.ts';
import type { View } from './view.ts';

/** A change of a pair whose devices all keep its module. */
export interface Shift {
  readonly class: 'builtin' | 'loadable' | 'order';
  readonly pair: Pair;
  /** A modalias that shows it. */
  readonly example: string;
}

/** `builtin` or `loadable` where a pair's module is found by another source now; the example is best one that libkmod answers by it. */
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

/**
 * Where the same modules answer and another comes first in NEW. Only pairs whose pattern includes another's compete for it, the one of lowest
 * priority comes first; what merely overlaps is background. Each pattern is told once, for the module that was first if the pattern is its own.
 */
export function orderShifts(old: View, now: View): Shift[] {
  const told = new Map<string, Shift>();
  for (const pair of old.pairs) {
    if (!pair.shared || pair.builtin) continue;
    const known = told.get(pair.pattern);
    if (known) {
      if (old.answer(known.example)[0] === pair.name) told.set(pair.pattern, { ...known, pair });
      continue;
    }
    if (!hasRivals(pair, old)) continue;
    const example = orderExample(pair, old, now);
    if (example !== undefined) told.set(pair.pattern, { class: 'order', pair, example });
  }
  return [...told.values()];
}

/** Whether some other loadable module serves a key of the pattern; one that includes the pattern serves all of them. */
function hasRivals(pair: Pair, { find }: View): boolean {
  for (const key of plausibleKeys(pair.pattern)) {
    const found = find(key);
    if (found.includes(pair)) return found.some(({ module, builtin }) => module !== pair.module && !builtin);
  }
  return true;
}

function orderExample(pair: Pair, old: View, now: View): string | undefined {
  const pairCase = new PairCase(pair, { from: old, to: now });
  const sample = pairCase.findPlausible(() => true) ?? pairCase.find(() => true);
  if (!sample) return undefined;
  const firstOf = (pairs: readonly Pair[]) => {
    const rivals = pairs.filter((other) => !other.builtin && pairCase.isWithin(other));
    return rivals.reduce((a, b) => (b.priority < a.priority ? b : a)).module;
  };
  if (firstOf(sample.from) === firstOf(sample.to)) return undefined;
  const isShifted = ({ text, from, to }: Key) => {
    const same = modulesOf(from) === modulesOf(to);
    const [before] = old.answer(text);
    const [after] = now.answer(text);
    return (
      same &&
      from.some((p) => p.name === before) &&
      !to.some((p) => p.name === after && p.module === moduleOf(from, before))
    );
  };
  return (pairCase.findPlausible(isShifted) ?? (isShifted(sample) ? sample : undefined))?.text;
}

const moduleOf = (pairs: readonly Pair[], name: string | undefined) => pairs.find((pair) => pair.name === name)?.module;

function modulesOf(pairs: readonly Pair[]): string {
  return [...new Set(pairs.map(({ module }) => module))].sort().join(' ');
}
