import type { Token } from './tokens.ts';

const STAR = -1;
/** Codes from here on name sets of several bytes. */
const SETS = 256;

/** A pattern's tokens as numbers: STAR, a byte for a set of one, or SETS and more for a place in `sets`. */
interface Codes {
  readonly codes: Int16Array;
  readonly sets: readonly Uint8Array[];
  readonly hasStar: boolean;
}

const known = new WeakMap<readonly Token[], Codes>();

function codesOf(tokens: readonly Token[]): Codes {
  let made = known.get(tokens);
  if (!made) {
    const sets: Uint8Array[] = [];
    const codes = Int16Array.from(tokens, (token) => {
      if (token === 'star') return STAR;
      const byte = onlyByte(token);
      return byte === SEVERAL ? SETS + sets.push(token) - 1 : byte;
    });
    made = { codes, sets, hasStar: codes.includes(STAR) };
    known.set(tokens, made);
  }
  return made;
}

/** Stands for a set that has not exactly one byte. */
const SEVERAL = -1;
const onlyBytes = new WeakMap<Uint8Array, number>();

/** The byte of a set of one; patterns share most of their sets. */
function onlyByte(set: Uint8Array): number {
  let byte = onlyBytes.get(set);
  if (byte === undefined) {
    byte = set.indexOf(1);
    if (set.lastIndexOf(1) !== byte) byte = SEVERAL;
    onlyBytes.set(set, byte);
  }
  return byte;
}

/** Whether some string over `alphabet` (1 at the place of each byte that it has) is matched by both patterns. Exact. */
export function intersects(a: readonly Token[], b: readonly Token[], alphabet: Uint8Array): boolean {
  const [one, other] = [codesOf(a), codesOf(b)];
  const [x, y] = [one.codes, other.codes];
  if (!one.hasStar && !other.hasStar && x.length !== y.length) return false;
  const shared = (i: number, j: number) => share(x[i]!, one.sets, y[j]!, other.sets, alphabet);
  const shorter = Math.min(x.length, y.length);
  let same = 0;
  for (; same < shorter && x[same] !== STAR && y[same] !== STAR; same++) if (!shared(same, same)) return false;
  if (same === x.length && same === y.length) return true;
  for (let i = x.length - 1, j = y.length - 1; i >= same && j >= same && x[i] !== STAR && y[j] !== STAR; i--, j--)
    if (!shared(i, j)) return false;
  return reachEnd(one, other, same, alphabet);
}

/** Whether the ends of both patterns can be reached together from `start`, where a star may stand still or go on. */
function reachEnd(one: Codes, other: Codes, start: number, alphabet: Uint8Array): boolean {
  const [a, b] = [one.codes, other.codes];
  let row = new Uint8Array(b.length + 1);
  let next = new Uint8Array(b.length + 1);
  row[start] = 1;
  for (let i = start; ; i++) {
    const x = a[i];
    let alive = false;
    for (let j = start; j <= b.length; j++) {
      if (row[j] === 0) continue;
      alive = true;
      const y = b[j];
      // A star skips what the other has, or ends; two stars come to their ends one after the other.
      if (y === STAR) row[j + 1] = 1;
      if (x === STAR) next[j] = 1;
      if (x === undefined || y === undefined) continue;
      if (x === STAR) {
        if (y !== STAR && takesAny(y, other.sets, alphabet)) row[j + 1] = 1;
      } else if (y === STAR) {
        if (takesAny(x, one.sets, alphabet)) next[j] = 1;
      } else if (share(x, one.sets, y, other.sets, alphabet)) next[j + 1] = 1;
    }
    if (!alive) return false;
    if (i === a.length) return row[b.length] === 1;
    [row, next] = [next, row.fill(0)];
  }
}

/** Whether the sets of two codes, neither STAR, have a byte of the alphabet in common. */
function share(
  x: number,
  xs: readonly Uint8Array[],
  y: number,
  ys: readonly Uint8Array[],
  alphabet: Uint8Array,
): boolean {
  if (x < SETS && y < SETS) return x === y && alphabet[x] === 1;
  if (x < SETS) return ys[y - SETS]![x] === 1 && alphabet[x] === 1;
  if (y < SETS) return xs[x - SETS]![y] === 1 && alphabet[y] === 1;
  const [set, other] = [xs[x - SETS]!, ys[y - SETS]!];
  for (let byte = Math.max(set.indexOf(1), other.indexOf(1), 1); byte < 256; byte++)
    if (set[byte] === 1 && other[byte] === 1 && alphabet[byte] === 1) return true;
  return false;
}

function takesAny(x: number, sets: readonly Uint8Array[], alphabet: Uint8Array): boolean {
  return x < SETS ? alphabet[x] === 1 : share(x, sets, x, sets, alphabet);
}

/** Whether two patterns agree up to the first wildcard of either. */
export function beginAlike(a: string, b: string): boolean {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (isWild(x) || isWild(y)) return true;
    if (x !== y) return false;
  }
  return true;
}

const isWild = (code: number) => code === 0x2a || code === 0x3f || code === 0x5b;
