import { fnmatchBytes } from '../alias/fnmatch.ts';
import { chooseLandmarks, type Filing, type Group } from './landmarks.ts';
import type { LookupKey } from './lookup-key.ts';
import type { PatternTable } from './pattern-table.ts';
import { sortRows } from './row-order.ts';
import { GRAM, LAST_WORD, landmark, START, sumBetween, WHOLE, WORD } from './sums.ts';

const NO_LENGTHS: readonly number[] = [];

/**
 * Finds the patterns that match a key, in time that grows with the key's length and the number of patterns that share a landmark
 * with it, not with the number of patterns. A pattern is filed under one landmark (see `chooseLandmarks`). A search goes through the
 * few lengths of start that patterns with the key's first three bytes have, asks a bit table whether any pattern has such a start, and
 * tries the patterns that do; where too many do, those with a word of the key.
 */
export class PatternIndex {
  readonly table: PatternTable;
  /** A bit for each landmark there is, 16 places a pattern. */
  readonly #filter: Int32Array;
  readonly #filterShift: number;
  /** Patterns and groups by landmark: those of bucket `b` stand in `#slots` from `#buckets[b]` to `#buckets[b + 1]`. */
  readonly #buckets: Uint32Array;
  readonly #bucketShift: number;
  /** Four numbers a pattern, side by side for the cache: landmark, row, start of its bytes, lengths of literal part and whole. A group has `~place` for a row. */
  readonly #slots: Int32Array;
  readonly #groups: readonly Group[];
  /** Lengths of the starts that patterns are filed under, ascending, by the patterns' first three bytes; -1 for shorter starts. */
  readonly #lengths: ReadonlyMap<number, readonly number[]>;
  readonly #short: readonly number[];
  /** The search that last tried a row: a key can hold one word twice. */
  readonly #tried: Uint32Array;
  #searches = 0;
  /** The rows that the last search found, the first `count` of these. */
  rows: Int32Array = new Int32Array(16);
  #count = 0;

  constructor(table: PatternTable) {
    this.table = table;
    const filing = chooseLandmarks(table);
    const bits = Math.max(4, Math.ceil(Math.log2(table.size + 1)));
    this.#bucketShift = 32 - bits;
    this.#filterShift = 32 - Math.min(26, bits + 4);
    this.#filter = new Int32Array(1 << Math.max(0, 27 - this.#filterShift));
    this.#buckets = new Uint32Array((1 << bits) + 1);
    this.#slots = new Int32Array((table.size + filing.groups.length) * 4);
    this.#tried = new Uint32Array(table.size);
    this.#groups = filing.groups;
    this.#file(filing);
    this.#lengths = lengthsOfStarts(table, filing);
    this.#short = this.#lengths.get(-1) ?? NO_LENGTHS;
  }

  /** Fills buckets and filter: counts, running sums, then each row and each group into its place. */
  #file({ numbers, groups }: Filing): void {
    const shift = this.#bucketShift;
    const buckets = this.#buckets;
    for (let row = 0; row < numbers.length; row++) buckets[(numbers[row]! >>> shift) + 1]!++;
    for (const { number } of groups) buckets[(number >>> shift) + 1]!++;
    for (let b = 1; b < buckets.length; b++) buckets[b]! += buckets[b - 1]!;
    const next = buckets.slice();
    const { starts, literals } = this.table;
    const slots = this.#slots;
    for (let row = 0; row < numbers.length; row++) {
      const number = numbers[row]!;
      this.#mark(number);
      const slot = 4 * next[number >>> shift]!++;
      slots[slot] = number;
      slots[slot + 1] = row;
      slots[slot + 2] = starts[row]!;
      slots[slot + 3] = (literals[row]! << 16) | (starts[row + 1]! - starts[row]!);
    }
    for (let g = 0; g < groups.length; g++) {
      const { number } = groups[g]!;
      this.#mark(number);
      const slot = 4 * next[number >>> shift]!++;
      slots[slot] = number;
      slots[slot + 1] = ~g;
    }
  }

  #mark(number: number): void {
    const place = number >>> this.#filterShift;
    this.#filter[place >>> 5]! |= 1 << (place & 31);
  }

  /**
   * Finds the rows of the patterns that match a key without wildcards and answers with how many there are. They stand in `rows`, in
   * libkmod's order: ascending priority, then see `compareRows`.
   */
  search(key: LookupKey): number {
    this.#count = 0;
    this.#searches = (this.#searches + 1) >>> 0;
    const whole = landmark(key.sums[key.length]!, WHOLE);
    if (isMarked(this.#filter, whole >>> this.#filterShift)) this.#try(whole, key);
    if (key.length >= 3) this.#tryStarts(this.#lengths.get(firstThree(key.bytes, 0)) ?? NO_LENGTHS, key);
    if (this.#short.length > 0) this.#tryStarts(this.#short, key);
    if (this.#count > 1) sortRows(this.table, this.rows, this.#count);
    return this.#count;
  }

  #hit(row: number): void {
    if (this.#count === this.rows.length) {
      const rows = new Int32Array(2 * this.#count);
      rows.set(this.rows);
      this.rows = rows;
    }
    this.rows[this.#count++] = row;
  }

  #tryStarts(lengths: readonly number[], key: LookupKey): void {
    const { sums, length } = key;
    const filter = this.#filter;
    const shift = this.#filterShift;
    for (let i = 0; i < lengths.length && lengths[i]! <= length; i++) {
      const start = landmark(sums[lengths[i]!]!, START);
      if (isMarked(filter, start >>> shift)) this.#try(start, key);
    }
  }

  #searchGroup({ number, start, delimiters, grams }: Group, key: LookupKey): void {
    const { bytes, sums, length } = key;
    const filter = this.#filter;
    const shift = this.#filterShift;
    if (delimiters) {
      let from = length;
      for (let i = start; i < length; i++) {
        if (delimiters[bytes[i]!] === 0) continue;
        if (i > from + 1) {
          const word = landmark((sumBetween(sums, from, i + 1) + number) | 0, WORD);
          if (isMarked(filter, word >>> shift)) this.#try(word, key);
        }
        from = i;
      }
      const last = landmark((sumBetween(sums, from, length) + number) | 0, LAST_WORD);
      if (length > from + 1 && isMarked(filter, last >>> shift)) this.#try(last, key);
    }
    if (!grams) return;
    for (let i = start; i + 4 <= length; i++) {
      const gram = landmark((sumBetween(sums, i, i + 4) + number) | 0, GRAM);
      if (isMarked(filter, gram >>> shift)) this.#try(gram, key);
    }
  }

  /** Tries the patterns filed under a landmark; their bucket holds a few others too. */
  #try(number: number, key: LookupKey): void {
    const slots = this.#slots;
    const bucket = number >>> this.#bucketShift;
    const end = 4 * this.#buckets[bucket + 1]!;
    for (let slot = 4 * this.#buckets[bucket]!; slot < end; slot += 4) {
      if (slots[slot] !== number) continue;
      const row = slots[slot + 1]!;
      if (row < 0) {
        this.#searchGroup(this.#groups[~row]!, key);
      } else if (this.#tried[row] !== this.#searches) {
        this.#tried[row] = this.#searches;
        const lengths = slots[slot + 3]!;
        if (matches(this.table.bytes, slots[slot + 2]!, lengths >>> 16, lengths & 0xffff, key)) this.#hit(row);
      }
    }
  }
}

function isMarked(filter: Int32Array, place: number): boolean {
  return ((filter[place >>> 5]! >>> (place & 31)) & 1) === 1;
}

/** Whether a pattern matches a key: its literal part compared, the rest as fnmatch(3). */
function matches(bytes: Uint8Array, start: number, literal: number, size: number, key: LookupKey): boolean {
  const { length } = key;
  const text = key.bytes;
  if (literal > length) return false;
  for (let i = 0; i < literal; i++) if (bytes[start + i] !== text[i]) return false;
  if (literal === size) return length === literal;
  return fnmatchBytes(bytes, start + literal, start + size, text, literal, length);
}

function lengthsOfStarts({ size, bytes, starts, literals }: PatternTable, { byStart, groups }: Filing) {
  const found = new Map<number, number[]>();
  const add = (first: number, length: number) => {
    const lengths = found.get(first);
    if (!lengths) found.set(first, [length]);
    else if (!lengths.includes(length)) lengths.push(length);
  };
  for (let row = 0; row < size; row++) {
    if (byStart[row] === 1) add(literals[row]! < 3 ? -1 : firstThree(bytes, starts[row]!), literals[row]!);
  }
  for (const { start, row } of groups) add(start < 3 ? -1 : firstThree(bytes, starts[row]!), start);
  for (const lengths of found.values()) lengths.sort((a, b) => a - b);
  return found;
}

function firstThree(bytes: Uint8Array, start: number): number {
  return (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
}
