import { fnmatchBytes } from '../alias/fnmatch.ts';
import {
  chooseLandmarks,
  type Filing,
  GRAM2,
  GRAM4,
  GRAM8,
  hashByte,
  hashGram2,
  hashGram4,
  hashGram8,
  landmark,
  START,
  WHOLE,
} from './landmarks.ts';
import type { PatternTable } from './pattern-table.ts';
import { sortRows } from './row-order.ts';

const NO_ROWS: number[] = [];

/** What is known of the patterns whose first three bytes are the same: which landmarks a key of theirs can hold at all. */
interface Family {
  /** Lengths of the starts that patterns are filed under, ascending. */
  readonly starts: number[];
  whole: boolean;
  gram8: boolean;
  gram4: boolean;
  gram2: boolean;
  /** Patterns filed under runs of bytes, and a bit at the hash of each such run, shifted right by `shift`. */
  grams: number;
  filter: Int32Array;
  shift: number;
}

/**
 * Finds the patterns that match a key, in time that grows with the key's length and the number of patterns that share a landmark
 * with it, not with the number of patterns. A pattern is filed under one landmark (see `chooseLandmarks`); a search computes the
 * landmarks of the key in one pass, asks a bit table whether any pattern has them, and tries the patterns that do.
 */
export class PatternIndex {
  readonly table: PatternTable;
  /** A bit for each landmark there is, 16 places a pattern. */
  readonly #filter: Int32Array;
  readonly #filterShift: number;
  /** Patterns by landmark: those of bucket `b` stand in `#slots` from `#buckets[b]` to `#buckets[b + 1]`. */
  readonly #buckets: Uint32Array;
  readonly #bucketShift: number;
  /** Four numbers a pattern, side by side for the cache: landmark, row, start of its bytes, lengths of literal part and whole. */
  readonly #slots: Int32Array;
  /** Families by their first three bytes; -1 for patterns with a wildcard among those. */
  readonly #families = new Map<number, Family>();
  readonly #anywhere: Family | undefined;
  #hits: number[] = NO_ROWS;
  /** The search that last found a row: a key can hold one landmark twice. */
  readonly #seen: Uint32Array;
  #searches = 0;

  constructor(table: PatternTable) {
    this.table = table;
    const filing = chooseLandmarks(table);
    const bits = Math.max(4, Math.ceil(Math.log2(table.size + 1)));
    this.#bucketShift = 32 - bits;
    this.#filterShift = 32 - Math.min(26, bits + 4);
    this.#filter = new Int32Array(1 << Math.max(0, 27 - this.#filterShift));
    this.#buckets = new Uint32Array((1 << bits) + 1);
    this.#slots = new Int32Array(table.size * 4);
    this.#seen = new Uint32Array(table.size);
    this.#file(filing.numbers);
    this.#describe(filing);
    this.#anywhere = this.#families.get(-1);
  }

  /** Fills buckets and filter: counts, running sums, then each row into its place. */
  #file(numbers: Int32Array): void {
    const buckets = this.#buckets;
    for (const number of numbers) {
      buckets[(number >>> this.#bucketShift) + 1]!++;
      const place = number >>> this.#filterShift;
      this.#filter[place >>> 5]! |= 1 << (place & 31);
    }
    for (let b = 1; b < buckets.length; b++) buckets[b]! += buckets[b - 1]!;
    const next = buckets.slice();
    const { starts, literals } = this.table;
    for (let row = 0; row < numbers.length; row++) {
      const slot = 4 * next[numbers[row]! >>> this.#bucketShift]!++;
      this.#slots[slot] = numbers[row]!;
      this.#slots[slot + 1] = row;
      this.#slots[slot + 2] = starts[row]!;
      this.#slots[slot + 3] = (literals[row]! << 16) | (starts[row + 1]! - starts[row]!);
    }
  }

  /** Finds the families and what their patterns are filed under. */
  #describe({ kinds, hashes }: Filing): void {
    const { literals, size } = this.table;
    for (let row = 0; row < size; row++) {
      const family = this.#familyOf(row);
      const kind = kinds[row];
      if (kind === WHOLE) family.whole = true;
      else if (kind === START) {
        if (!family.starts.includes(literals[row]!)) family.starts.push(literals[row]!);
      } else {
        family.grams++;
        if (kind === GRAM8) family.gram8 = true;
        else if (kind === GRAM4) family.gram4 = true;
        else family.gram2 = true;
      }
    }
    for (const family of this.#families.values()) {
      family.starts.sort((a, b) => a - b);
      const bits = Math.min(27, Math.max(5, Math.ceil(Math.log2(family.grams * 40 + 1))));
      family.filter = new Int32Array(1 << (bits - 5));
      family.shift = 32 - bits;
    }
    for (let row = 0; row < size; row++) {
      if (kinds[row] === START || kinds[row] === WHOLE) continue;
      const family = this.#familyOf(row);
      const place = hashes[row]! >>> family.shift;
      family.filter[place >>> 5]! |= 1 << (place & 31);
    }
  }

  #familyOf(row: number): Family {
    const name = this.table.literals[row]! < 3 ? -1 : familyOf(this.table.bytes, this.table.starts[row]!);
    let family = this.#families.get(name);
    if (!family) {
      const flags = { whole: false, gram8: false, gram4: false, gram2: false };
      family = { starts: [], ...flags, grams: 0, filter: new Int32Array(1), shift: 31 };
      this.#families.set(name, family);
    }
    return family;
  }

  /**
   * The rows of the patterns that match the first `length` bytes of `key`, in libkmod's order: ascending priority, then see
   * `compareRows`. The key holds no `*`, `?` or `[`.
   */
  search(key: Uint8Array, length: number): readonly number[] {
    this.#hits = NO_ROWS;
    this.#searches = (this.#searches + 1) >>> 0;
    const family = length < 3 ? undefined : this.#families.get(familyOf(key, 0));
    if (family) this.#searchFamily(family, key, length);
    if (this.#anywhere) this.#searchFamily(this.#anywhere, key, length);
    if (this.#hits.length > 1) sortRows(this.table, this.#hits);
    return this.#hits;
  }

  #searchFamily(family: Family, key: Uint8Array, length: number): void {
    const { starts } = family;
    let hash = 0;
    let hashed = 0;
    for (let i = 0; i < starts.length; i++) {
      const end = starts[i]!;
      if (end > length) break;
      while (hashed < end) hash = hashByte(hash, key[hashed++]!);
      this.#tryIfKnown(landmark(hash, START), key, length);
    }
    if (family.whole) {
      while (hashed < length) hash = hashByte(hash, key[hashed++]!);
      this.#tryIfKnown(landmark(hash, WHOLE), key, length);
    }
    if (family.gram8 || family.gram4) this.#searchGrams(family, key, length);
    if (family.gram2) this.#searchPairs(family, key, length);
  }

  #searchGrams({ gram8, gram4, filter, shift }: Family, key: Uint8Array, length: number): void {
    let first = 0;
    let last = 0;
    for (let i = 0; i < length; i++) {
      first = (first << 8) | (last >>> 24);
      last = (last << 8) | key[i]!;
      if (gram8) {
        const hash = hashGram8(first, last);
        if (mayHold(filter, hash >>> shift)) this.#try(landmark(hash, GRAM8), key, length);
      }
      if (gram4) {
        const hash = hashGram4(last);
        if (mayHold(filter, hash >>> shift)) this.#try(landmark(hash, GRAM4), key, length);
      }
    }
  }

  #searchPairs({ filter, shift }: Family, key: Uint8Array, length: number): void {
    for (let i = 1; i < length; i++) {
      const hash = hashGram2((key[i - 1]! << 8) | key[i]!);
      if (mayHold(filter, hash >>> shift)) this.#try(landmark(hash, GRAM2), key, length);
    }
  }

  #tryIfKnown(number: number, key: Uint8Array, length: number): void {
    if (mayHold(this.#filter, number >>> this.#filterShift)) this.#try(number, key, length);
  }

  /** Tries the patterns filed under a landmark; their bucket holds a few others too. */
  #try(number: number, key: Uint8Array, length: number): void {
    const slots = this.#slots;
    const bucket = number >>> this.#bucketShift;
    const end = 4 * this.#buckets[bucket + 1]!;
    for (let slot = 4 * this.#buckets[bucket]!; slot < end; slot += 4) {
      if (slots[slot] !== number) continue;
      const lengths = slots[slot + 3]!;
      if (matches(this.table.bytes, slots[slot + 2]!, lengths >>> 16, lengths & 0xffff, key, length)) {
        this.#hit(slots[slot + 1]!);
      }
    }
  }

  #hit(row: number): void {
    if (this.#seen[row] === this.#searches) return;
    this.#seen[row] = this.#searches;
    if (this.#hits === NO_ROWS) this.#hits = [row];
    else this.#hits.push(row);
  }
}

/** Whether a pattern matches the key: its literal part compared, the rest as fnmatch(3). */
function matches(
  bytes: Uint8Array,
  start: number,
  literal: number,
  size: number,
  key: Uint8Array,
  length: number,
): boolean {
  if (literal > length) return false;
  for (let i = 0; i < literal; i++) if (bytes[start + i] !== key[i]) return false;
  if (literal === size) return length === literal;
  return fnmatchBytes(bytes, start + literal, start + size, key, literal, length);
}

function mayHold(filter: Int32Array, place: number): boolean {
  return ((filter[place >>> 5]! >>> (place & 31)) & 1) === 1;
}

function familyOf(bytes: Uint8Array, start: number): number {
  return (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
}
