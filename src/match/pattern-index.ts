import { PATH_MAX } from '../alias/normalize.ts';
import { Counts } from './counts.ts';
import { FoundRows } from './found-rows.ts';
import { Group } from './group.ts';
import { LandmarkTable, SLOT } from './landmark-table.ts';
import type { LookupKey } from './lookup-key.ts';
import { type Opening, Openings } from './openings.ts';
import { matches } from './pattern-match.ts';
import type { PatternTable } from './pattern-table.ts';
import { sortRows } from './row-order.ts';
import { landmark, START, sumOf, WHOLE } from './sums.ts';

/** A start that this many patterns share, or fewer, tells enough: they are tried one by one. */
const FEW = 2;
/** The size of a pattern that a group has in place of one. */
const GROUP = 0xffff;

/**
 * Finds the patterns that match a key, in time that grows with the key's length and the number of patterns that share a landmark
 * with it, not with the number of patterns. The landmark of a pattern is the whole of it where it has no wildcard, else its literal
 * start (`pci:v00008086d00000953sv`); patterns with the same start, too many to be tried one by one, make a `Group`. A search goes
 * through the few lengths of start that patterns with the key's first three bytes have.
 */
export class PatternIndex {
  readonly table: PatternTable;
  readonly #openings: Openings;
  /** In a slot: row, start of its bytes, lengths of literal part and whole. A group has `~place` for a row and the bytes of one of its patterns. */
  readonly #landmarks: LandmarkTable;
  readonly #groups: readonly Group[];
  readonly #found: FoundRows;

  constructor(table: PatternTable) {
    this.table = table;
    this.#openings = new Openings(table);
    this.#found = new FoundRows(table.size);
    const numbers = numbersOf(table);
    const crowds = crowdsOf(table, numbers);
    const places = new Uint16Array(PATH_MAX);
    this.#groups = crowds.map((rows) => new Group(table, rows, places));
    const entries = entriesOf(table, crowds);
    this.#landmarks = new LandmarkTable(entries.map((entry) => numbers[entry < 0 ? crowds[~entry]![0]! : entry]!));
    for (const entry of entries) this.#file(entry, entry < 0 ? crowds[~entry]![0]! : entry, numbers);
  }

  /** Files a row, or a group by one of its rows. */
  #file(entry: number, row: number, numbers: Int32Array): void {
    const { bytes, starts, literals } = this.table;
    const number = numbers[row]!;
    const start = starts[row]!;
    const literal = literals[row]!;
    const size = starts[row + 1]! - start;
    const anchor = this.#openings.forLiteral(bytes, start, literal)!.anchor;
    const block = size === literal || literal <= anchor ? number : landmark(sumOf(bytes, start, start + anchor), START);
    const slot = this.#landmarks.put(block, number);
    const { slots } = this.#landmarks;
    slots[slot + 1] = entry;
    slots[slot + 2] = start;
    slots[slot + 3] = (literal << 16) | (entry < 0 ? GROUP : size);
  }

  /** The rows that the last search found, the first so many as it answered. */
  get rows(): Int32Array {
    return this.#found.rows;
  }

  /**
   * Finds the rows of the patterns that match a key without wildcards and answers with how many there are. They stand in `rows`, in
   * libkmod's order: ascending priority, then see `compareRows`.
   */
  search(key: LookupKey): number {
    const found = this.#found;
    found.clear();
    const { short } = this.#openings;
    const opening = key.length < 3 ? short : this.#openings.at(key.bytes, 0);
    if (opening) {
      this.#searchWholes(opening, key);
      this.#searchStarts(opening, key);
    }
    if (short && short !== opening) this.#searchStarts(short, key);
    if (found.count > 1) sortRows(this.table, found.rows, found.count);
    return found.count;
  }

  #searchWholes({ wholes }: Opening, key: LookupKey): void {
    if (((wholes >>> key.length) & 1) === 0) return;
    const whole = landmark(key.sums[key.length]!, WHOLE);
    if (this.#landmarks.mayHold(whole, whole)) this.#try(whole, key.length, true, key);
  }

  #searchStarts({ lengths, anchor }: Opening, key: LookupKey): void {
    const { sums, length } = key;
    const landmarks = this.#landmarks;
    const block = anchor <= length ? landmark(sums[anchor]!, START) : 0;
    for (let i = 0; i < lengths.length; i++) {
      const literal = lengths[i]!;
      if (literal > length) return;
      const start = landmark(sums[literal]!, START);
      if (landmarks.mayHold(literal < anchor ? start : block, start)) this.#try(start, literal, false, key);
    }
  }
  /** Tries what is filed under the whole or the start of a key, of this length; their bucket holds a few others too. */
  #try(number: number, literal: number, whole: boolean, key: LookupKey): void {
    const { slots, buckets, bucketShift } = this.#landmarks;
    const bucket = number >>> bucketShift;
    const end = SLOT * buckets[bucket + 1]!;
    for (let slot = SLOT * buckets[bucket]!; slot < end; slot += SLOT) {
      if (slots[slot] !== number) continue;
      const lengths = slots[slot + 3]!;
      const size = lengths & 0xffff;
      // Starts of two lengths can have the same number: each is tried at its own.
      if (lengths >>> 16 !== literal || (size === literal) !== whole) continue;
      const entry = slots[slot + 1]!;
      if (entry < 0) this.#groups[~entry]!.search(key, this.#found);
      else if (matches(this.table.bytes, slots[slot + 2]!, literal, size, key)) this.#found.add(entry);
    }
  }
}

/** The landmark of each row. */
function numbersOf({ size, starts, literals, sums }: PatternTable): Int32Array {
  const numbers = new Int32Array(size);
  for (let row = 0; row < size; row++) {
    const whole = literals[row] === starts[row + 1]! - starts[row]!;
    numbers[row] = landmark(sums[row]!, whole ? WHOLE : START);
  }
  return numbers;
}

/** The rows with a wildcard that share their start with more than a few others, by start. */
function crowdsOf({ size, starts, literals }: PatternTable, numbers: Int32Array): number[][] {
  const isWhole = (row: number) => literals[row] === starts[row + 1]! - starts[row]!;
  const counts = new Counts(size);
  for (let row = 0; row < size; row++) counts.add(numbers[row]!);
  const crowds = new Map<number, number[]>();
  for (let row = 0; row < size; row++) {
    const number = numbers[row]!;
    if (counts.of(number) <= FEW || isWhole(row)) continue;
    const crowd = crowds.get(number);
    if (!crowd) crowds.set(number, [row]);
    else if (literals[crowd[0]!] === literals[row]) crowd.push(row);
  }
  return [...crowds.values()].filter((rows) => rows.length > FEW);
}

/** What is to be filed: rows, and for those of a crowd its place in `crowds`, as `~place`. */
function entriesOf({ size }: PatternTable, crowds: readonly (readonly number[])[]): Int32Array {
  const inCrowd = new Uint8Array(size);
  for (const rows of crowds) for (const row of rows) inCrowd[row] = 1;
  const entries = new Int32Array(size);
  let count = 0;
  for (let row = 0; row < size; row++) if (inCrowd[row] === 0) entries[count++] = row;
  for (let crowd = 0; crowd < crowds.length; crowd++) entries[count++] = ~crowd;
  return entries.slice(0, count);
}
