import { byteKinds } from './byte-kinds.ts';
import { firstPlaces, placesAfter } from './place-sets.ts';
import type { Token } from './tokens.ts';

/** Limit on steps, after which a question is left open; real patterns take a few hundred. */
const MOST_STEPS = 400_000;

/** Whether a pattern is within another, and how many steps it took to decide. */
export interface Inclusion {
  readonly included: boolean;
  readonly steps: number;
}

/**
 * Whether every string that `inner` matches is matched by `outer` too. Also false if it would take too long to decide.
 */
export function isIncluded(inner: readonly Token[], outer: readonly Token[]): boolean {
  return inclusion(inner, outer).included;
}

/**
 * The same with its cost. Most questions are settled by one string of `inner` that `outer` does not match, or by
 * `outer` matching `inner` token by token; the rest needs a walk through both.
 */
export function inclusion(inner: readonly Token[], outer: readonly Token[]): Inclusion {
  const sample = sampleOf(inner);
  if (!endsAlike(sample, outer)) return { included: false, steps: 1 };
  const one = match(outer, sample.length, 1, (set, n) => set[sample[n]!] === 1);
  if (!one.included) return one;
  const whole = match(outer, inner.length, 16, (set, n) => isWithin(inner[n]!, set));
  const steps = one.steps + whole.steps;
  if (whole.included || steps > MOST_STEPS) return { included: whole.included, steps };
  return walk(inner, outer, steps);
}

const samples = new WeakMap<readonly Token[], Uint8Array>();

/** One string that the tokens match: the first byte of each set, and byte 1, which no name has, for each star. */
function sampleOf(tokens: readonly Token[]): Uint8Array {
  let sample = samples.get(tokens);
  if (!sample) {
    sample = Uint8Array.from(tokens, (token) => (token === 'star' ? 1 : token.indexOf(1)));
    samples.set(tokens, sample);
  }
  return sample;
}

/** Whether tokens can match a string, judging by what follows their last star. */
function endsAlike(sample: Uint8Array, outer: readonly Token[]): boolean {
  for (let n = sample.length, p = outer.length; p > 0; ) {
    const token = outer[--p]!;
    if (token === 'star') return true;
    if (n === 0 || token[sample[--n]!] !== 1) return false;
  }
  return true;
}

/** Whether a set of `outer` includes everything that a token matches; only a star includes a star. */
function isWithin(token: Token, set: Uint8Array): boolean {
  if (token === set) return true;
  if (token === 'star') return false;
  for (let byte = 1; byte < 256; byte++) if (token[byte] === 1 && set[byte] !== 1) return false;
  return true;
}

/**
 * Matches tokens against `length` things as fnmatch does with bytes: a star takes any number of them, and backtracks
 * until the next star is reached. A comparison counts for `price` steps.
 */
function match(
  outer: readonly Token[],
  length: number,
  price: number,
  takes: (set: Uint8Array, n: number) => boolean,
): Inclusion {
  let steps = 0;
  let afterStar = -1;
  let tried = 0;
  let n = 0;
  for (let p = 0; ; ) {
    steps += price;
    if (steps > MOST_STEPS) return { included: false, steps };
    const token = outer[p];
    if (token === 'star') {
      afterStar = ++p;
      tried = n;
      if (p === outer.length) return { included: true, steps };
    } else if (token !== undefined && n < length && takes(token, n)) {
      p++;
      n++;
    } else if (token === undefined && n === length) return { included: true, steps };
    else {
      if (afterStar < 0 || n === length) return { included: false, steps };
      p = afterStar;
      n = ++tried;
    }
  }
}

/** Steps for a place of `outer` on the walk, against one for a comparison of bytes. */
const PLACE = 8;

/** Walks both patterns at once: one place in `inner` beside all the places where `outer` can be. */
function walk(inner: readonly Token[], outer: readonly Token[], before: number): Inclusion {
  const sets = new Set([...inner, ...outer]);
  const alphabet = byteKinds(sets);
  let steps = before + sets.size * 16;
  const seen = new Set<string>();
  const open: [place: number, outerPlaces: readonly number[]][] = [[0, firstPlaces(outer)]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [place, places] = next;
    const name = `${place}:${places.join()}`;
    steps += PLACE * (1 + places.length);
    if (seen.has(name)) continue;
    seen.add(name);
    if (place === inner.length) {
      if (places.at(-1) !== outer.length) return { included: false, steps };
      continue;
    }
    const token = inner[place]!;
    if (token === 'star') open.push([place + 1, places]);
    for (const byte of alphabet) {
      if (token !== 'star' && !token[byte]) continue;
      steps += PLACE * (1 + places.length);
      if (steps > MOST_STEPS) return { included: false, steps };
      open.push([token === 'star' ? place : place + 1, placesAfter(outer, places, byte)]);
    }
  }
  return { included: true, steps };
}
