import type { PatternTable } from './pattern-table.ts';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;

/** Kinds of landmark: the whole of a pattern without wildcards, the part before the first wildcard, or 8, 4 or 2 bytes further on. */
export const WHOLE = 0x1f123bb5;
export const START = 0x2c1b3c6d;
export const GRAM8 = 0x297a2d39;
export const GRAM4 = 0x5851f42d;
export const GRAM2 = 0x14057b7f;

/** A pattern that shares its start with this many others or fewer is found quickly enough by it. */
const FEW = 2;

/** Runs of 8 bytes that are looked at in one stretch of literal text, spread over it. */
const MOST_GRAMS = 4;

/** How many times rarer than the start a run of bytes must be to be worth looking for at every place of a key. */
const WORTH: ReadonlyMap<number, number> = new Map([
  [GRAM8, 1],
  [GRAM4, 4],
  [GRAM2, 16],
]);

/** Hash of a start, one byte more. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** Hash of 8 bytes, the first four and the last four as big-endian numbers; its high bits are good enough for a filter. */
export function hashGram8(first: number, last: number): number {
  return (Math.imul(first, 0x2545f491) + Math.imul(last, 0x9e3779b1)) | 0;
}

/** The same of 4 or of 2 bytes. */
export function hashGram4(last: number): number {
  return Math.imul(last, 0x85ebca77);
}

export function hashGram2(last: number): number {
  return Math.imul(last & 0xffff, 0xc2b2ae3d);
}

/** A landmark's number, 32 bits with a sign: its hash mixed with its kind, the high bits best. */
export function landmark(hash: number, kind: number): number {
  const mixed = Math.imul(hash ^ kind ^ ((hash ^ kind) >>> 15), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
}

/** What each pattern is filed under: the number of its landmark, its kind and the hash that the number is made from. */
export interface Filing {
  readonly numbers: Int32Array;
  readonly kinds: Int32Array;
  readonly hashes: Int32Array;
}

/**
 * Chooses for each pattern the literal part that tells most, that is, the one that the fewest patterns share: its start where few
 * share that (`pci:v00008086d00000953sv`), else the rarest run of 8 bytes in what follows (of `Cfsl,imx6q_uart`, `q_uart`), or of 4
 * or 2 where there is no longer one. A key can only match a pattern whose landmark it holds.
 */
export function chooseLandmarks(table: PatternTable): Filing {
  const { size, bytes, starts, literals } = table;
  const numbers = new Int32Array(size);
  const kinds = new Int32Array(size);
  const hashes = new Int32Array(size);
  const counts = new Counts(size);
  for (let row = 0; row < size; row++) {
    const start = starts[row]!;
    const literal = literals[row]!;
    let hash = 0;
    for (let i = start; i < start + literal; i++) hash = hashByte(hash, bytes[i]!);
    const whole = start + literal === starts[row + 1];
    kinds[row] = whole ? WHOLE : START;
    hashes[row] = hash;
    numbers[row] = landmark(hash, kinds[row]!);
    if (!whole) counts.add(numbers[row]!);
  }
  const crowded: number[] = [];
  for (let row = 0; row < size; row++) {
    if (kinds[row] === START && counts.of(numbers[row]!) > FEW) crowded.push(row);
  }
  const grams = new Counts(crowded.length * 8);
  for (const row of crowded) eachGram(table, row, (hash, kind) => grams.add(landmark(hash, kind)));
  for (const row of crowded) {
    let fewest = counts.of(numbers[row]!);
    eachGram(table, row, (hash, kind) => {
      const number = landmark(hash, kind);
      const weighed = grams.of(number) * WORTH.get(kind)!;
      if (weighed >= fewest) return;
      fewest = weighed;
      numbers[row] = number;
      kinds[row] = kind;
      hashes[row] = hash;
    });
  }
  return { numbers, kinds, hashes };
}

/** Counts by number, a little too high where two numbers fall together. */
class Counts {
  readonly #counts: Uint32Array;
  readonly #shift: number;

  constructor(expected: number) {
    const bits = Math.min(22, Math.max(8, Math.ceil(Math.log2(expected + 1)) + 3));
    this.#counts = new Uint32Array(1 << bits);
    this.#shift = 32 - bits;
  }

  add(number: number): void {
    this.#counts[number >>> this.#shift]!++;
  }

  of(number: number): number {
    return this.#counts[number >>> this.#shift]!;
  }
}

/** Visits the runs of 8, 4 or 2 bytes that every match of a pattern holds after the pattern's first wildcard. */
function eachGram(table: PatternTable, row: number, visit: (hash: number, kind: number) => void): void {
  const { bytes } = table;
  const end = table.starts[row + 1]!;
  let run = table.starts[row]! + table.literals[row]!;
  for (let i = run; i <= end; i++) {
    const c = i < end ? bytes[i]! : STAR;
    if (c !== STAR && c !== QUESTION && c !== OPEN && c !== BACKSLASH) continue;
    gramsOf(bytes, run, i, visit);
    if (c === OPEN) {
      i = endOfPlainBracket(bytes, i + 1, end);
      if (i < 0) return;
    } else if (c === BACKSLASH) {
      run = ++i;
      continue;
    }
    run = i + 1;
  }
}

function gramsOf(bytes: Uint8Array, start: number, end: number, visit: (hash: number, kind: number) => void): void {
  const word = (i: number) => (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
  if (end - start >= 8) {
    const stride = Math.max(1, Math.floor((end - start - 8) / (MOST_GRAMS - 1)));
    for (let i = end - 8; i >= start; i -= stride) visit(hashGram8(word(i), word(i + 4)), GRAM8);
  } else if (end - start >= 4) {
    for (let i = start; i + 4 <= end; i++) visit(hashGram4(word(i)), GRAM4);
  } else {
    for (let i = start; i + 2 <= end; i++) visit(hashGram2((bytes[i]! << 8) | bytes[i + 1]!), GRAM2);
  }
}

/** The place of the `]` of a bracket that surely stands for one byte, -1 for any that might not. */
function endOfPlainBracket(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    if (c === OPEN || c === BACKSLASH) return -1;
    if (c === CLOSE) return i - start < (bytes[start] === 0x21 || bytes[start] === 0x5e ? 2 : 1) ? -1 : i;
  }
  return -1;
}
