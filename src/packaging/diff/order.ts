import { fnmatch } from '../../pattern/fnmatch.ts';
import type { Pair } from './pair.ts';
import { type Key, PairCase } from './pair-case.ts';
import type { Shift } from './shifts.ts';
import type { View } from './view.ts';

/**
 * Where the same modules answer and another comes first in NEW. Only pairs whose pattern includes another's compete for
 * it, the one of lowest priority comes first; what merely overlaps is background. Each pattern is reported once, for
 * the module that was first if the pattern is its own.
 */
export function orderShifts(old: View, now: View): Shift[] {
  const told = new Map<string, Shift>();
  for (const pair of contested(old)) {
    const known = told.get(pair.pattern);
    if (known) {
      if (old.answer(known.example)[0] === pair.name) told.set(pair.pattern, { ...known, pair });
      continue;
    }
    if (!haveExchanged(pair, old)) continue;
    const example = orderExample(pair, old, now);
    if (example !== undefined) told.set(pair.pattern, { class: 'order', pair, example });
  }
  return [...told.values()];
}

/**
 * The pairs for which two modules that exchanged places may compete: those of a module that moved, and those that its
 * patterns include.
 */
function contested(old: View): Pair[] {
  const shared = old.pairs.filter((pair) => pair.twin && !pair.builtin);
  const moved = movedModules(shared);
  const patterns = new Set(shared.filter(({ module }) => moved.has(module)).map(({ pattern }) => pattern));
  if (patterns.size === 0) return [];
  const keys = sortedKeys(shared);
  const found = new Set<Pair>();
  for (const pattern of patterns) {
    const start = /^[^*?[]*/.exec(pattern)![0];
    const longest = pattern.split(PARTS).reduce((a, b) => (b.length > a.length ? b : a));
    for (const { barest, pair } of keys.holding(start, longest))
      if (pattern === pair.pattern || fnmatch(pattern, barest)) found.add(pair);
  }
  return old.pairs.filter((pair) => found.has(pair));
}

/** Whether modules that may serve all keys of the pattern exchanged places: then they do so for the barest. */
function haveExchanged(pair: Pair, { find }: View): boolean {
  const found = find(barestKey(pair.pattern));
  const places = found.flatMap(({ builtin, twin }) => (builtin || !twin ? [] : [twin.priority]));
  return !found.includes(pair) || places.some((place, i) => place < places[i - 1]!);
}

const PARTS = /\*|\?|\[[^\]]*\]/;

/**
 * A key that a pattern matches, every star for nothing and the first byte for a bracket; what includes the pattern
 * matches it too.
 */
function barestKey(pattern: string): string {
  const unbracketed = pattern.includes('[') ? pattern.replace(/\[([^\]])[^\]]*\]/g, '$1') : pattern;
  return unbracketed.replaceAll('*', '').replaceAll('?', '0');
}

interface BarestKey {
  readonly pair: Pair;
  readonly barest: string;
}

/** The barest keys of pairs, to be searched for those that begin with a text and have another one in them. */
function sortedKeys(pairs: readonly Pair[]): { holding(start: string, part: string): Iterable<BarestKey> } {
  const keys = pairs
    .map((pair) => ({ pair, barest: barestKey(pair.pattern) }))
    .sort((a, b) => (a.barest < b.barest ? -1 : a.barest > b.barest ? 1 : 0));
  // All in one text: hundreds of patterns such as hid:b0003g*v0000046Dp0000C52B begin alike, and each asks for others.
  const text = keys.map(({ barest }) => barest).join('\0');
  const places = new Int32Array(keys.length + 1);
  for (const [i, { barest }] of keys.entries()) places[i + 1] = places[i]! + barest.length + 1;
  return {
    *holding(start, part) {
      const end = firstNotBelow(keys.length, (i) => keys[i]!.barest < `${start}\uffff`);
      let i = firstNotBelow(end, (k) => keys[k]!.barest < start);
      const from = places[i]!;
      const near = text.slice(from, places[end]);
      while (i < end) {
        const at = near.indexOf(part, places[i]! - from);
        if (at === -1) return;
        i = firstNotBelow(end, (k) => places[k + 1]! <= from + at);
        yield keys[i++]!;
      }
    },
  };
}

/** The first of so many places in order that is not below what is sought; the number of them where all are. */
function firstNotBelow(count: number, isBelow: (place: number) => boolean): number {
  let low = 0;
  for (let high = count; low < high; ) {
    const middle = (low + high) >> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Modules such that all others stand in the same order on both sides: those outside of a longest run of modules whose
 * places rise in both. Of two modules that exchanged places at least one is among them.
 */
function movedModules(shared: readonly Pair[]): Set<string> {
  const places = new Map<string, { old: number; now: number }>();
  for (const { module, priority, twin } of shared) {
    const place = places.get(module);
    if (!place) places.set(module, { old: priority, now: twin!.priority });
    else if (priority < place.old || twin!.priority < place.now)
      places.set(module, { old: Math.min(place.old, priority), now: Math.min(place.now, twin!.priority) });
  }
  const modules = [...places].sort(([, a], [, b]) => a.old - b.old).map(([module, place]) => ({ module, ...place }));
  const run = longestRise(modules.map((module) => module.now));
  return new Set(modules.filter((_, i) => !run.has(i)).map(({ module }) => module));
}

/** The places of a longest strictly rising subsequence. */
function longestRise(numbers: readonly number[]): Set<number> {
  const ends: number[] = [];
  const before: number[] = [];
  numbers.forEach((number, i) => {
    const low = firstNotBelow(ends.length, (place) => numbers[ends[place]!]! < number);
    before.push(low > 0 ? ends[low - 1]! : -1);
    ends[low] = i;
  });
  const run = new Set<number>();
  for (let i = ends.at(-1) ?? -1; i !== -1; i = before[i]!) run.add(i);
  return run;
}

function orderExample(pair: Pair, old: View, now: View): string | undefined {
  const pairCase = new PairCase(pair, { from: old, to: now });
  const sample = pairCase.findPlausible(() => true) ?? pairCase.find(() => true);
  if (!sample) return undefined;
  const firstOf = (pairs: readonly Pair[]) => pairs.find((other) => !other.builtin && pairCase.isWithin(other))?.module;
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
