import type { Token } from './tokens.ts';

/** Steps after which the question is left open; real patterns take a few hundred. */
const MOST_STEPS = 20_000;

/**
 * Whether every string that `inner` matches is matched by `outer` too. False also where it would take too long to tell. Walks
 * both patterns at once: one place in `inner` beside all the places where `outer` can be.
 */
export function isIncluded(inner: readonly Token[], outer: readonly Token[]): boolean {
  const alphabet = representatives([...inner, ...outer]);
  const seen = new Set<string>();
  const open: [place: number, outerPlaces: readonly number[]][] = [[0, closure(outer, [0])]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [place, places] = next;
    const name = `${place}:${places.join()}`;
    if (seen.has(name)) continue;
    if (seen.add(name).size > MOST_STEPS) return false;
    if (place === inner.length) {
      if (!places.includes(outer.length)) return false;
      continue;
    }
    const token = inner[place]!;
    if (token === 'star') open.push([place + 1, places]);
    for (const byte of alphabet) {
      if (token === 'star') open.push([place, step(outer, places, byte)]);
      else if (token[byte]) open.push([place + 1, step(outer, places, byte)]);
    }
  }
  return true;
}

/** The places after one byte. */
function step(tokens: readonly Token[], places: readonly number[], byte: number): readonly number[] {
  const after = new Set<number>();
  for (const place of places) {
    const token = tokens[place];
    if (token === 'star') after.add(place);
    else if (token?.[byte]) after.add(place + 1);
  }
  return closure(tokens, [...after]);
}

/** The places, and those past each star that may match nothing; ascending. */
function closure(tokens: readonly Token[], places: readonly number[]): readonly number[] {
  const all = new Set(places);
  for (const place of all) if (tokens[place] === 'star') all.add(place + 1);
  return [...all].sort((a, b) => a - b);
}

/** One byte of each kind that the tokens tell apart: kinds split where a set holds some bytes of one and not others. */
function representatives(tokens: readonly Token[]): number[] {
  const kindOf = new Uint8Array(256);
  let kinds = 1;
  for (const set of new Set(tokens)) {
    if (set === 'star') continue;
    const split = new Map<number, number>();
    const kept = new Uint8Array(256);
    for (let byte = 1; byte < 256; byte++) if (!set[byte]) kept[kindOf[byte]!] = 1;
    for (let byte = 1; byte < 256; byte++) {
      const kind = kindOf[byte]!;
      if (!set[byte] || !kept[kind]) continue;
      if (!split.has(kind)) split.set(kind, kinds++);
      kindOf[byte] = split.get(kind)!;
    }
  }
  const first = new Map<number, number>();
  for (let byte = 255; byte > 0; byte--) first.set(kindOf[byte]!, byte);
  return [...first.values()];
}
