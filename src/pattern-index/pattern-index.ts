import { PATH_MAX } from '../pattern/normalize.ts';
import { FoundRows } from './found-rows.ts';
import type { LookupKey } from './lookup-key.ts';
import type { PatternTable } from './pattern-table.ts';
import { sortRows } from './row-order.ts';
import { StartIndex } from './start-index.ts';

/** Stands for the first three bytes of a literal part that is shorter. */
const SHORT = -1;

/**
 * Finds the patterns that match a key, in time that grows with the key's length and the number of patterns that share a landmark
 * with it, not with the number of patterns. Patterns are parted by their first three bytes, which tell most buses from each other; each
 * part is indexed (`StartIndex`) when the first key that begins so is looked up.
 */
export class PatternIndex {
  readonly table: PatternTable;
  /** By first three bytes, the bounds of the stretches of rows that begin so. */
  readonly #stretches = new Map<number, number[]>();
  readonly #indexes = new Map<number, StartIndex>();
  readonly #short: StartIndex | undefined;
  /** The index that was asked last: keys of a bus often come together. */
  #last: StartIndex | undefined;
  #lastBytes = SHORT;
  readonly #found: FoundRows;
  readonly #places: Uint16Array = new Uint16Array(PATH_MAX);

  constructor(table: PatternTable) {
    this.table = table;
    this.#found = new FoundRows(table.size);
    const { size, bytes, starts, literals } = table;
    let last = SHORT;
    let stretches: number[] = [];
    for (let row = 0; row < size; row++) {
      const three = literals[row]! < 3 ? SHORT : threeBytes(bytes, starts[row]!);
      if (three === last && row > 0) continue;
      stretches.push(row);
      stretches = this.#stretches.get(three) ?? [];
      this.#stretches.set(three, stretches);
      stretches.push(row);
      last = three;
    }
    stretches.push(size);
    this.#short = this.#open(SHORT);
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
    const short = this.#short;
    const index = key.length < 3 ? short : this.#at(threeBytes(key.bytes, 0));
    if (index) {
      index.searchWholes(key, found);
      index.searchStarts(key, found);
    }
    if (short && short !== index) short.searchStarts(key, found);
    if (found.count > 1) sortRows(this.table, found.rows, found.count);
    return found.count;
  }

  #at(three: number): StartIndex | undefined {
    if (three !== this.#lastBytes) {
      this.#last = this.#indexes.get(three) ?? this.#open(three);
      this.#lastBytes = three;
    }
    return this.#last;
  }

  /** Indexes the patterns that begin with these three bytes; undefined where there are none. */
  #open(three: number): StartIndex | undefined {
    const stretches = this.#stretches.get(three);
    if (!stretches) return undefined;
    let count = 0;
    for (let i = 0; i < stretches.length; i += 2) count += stretches[i + 1]! - stretches[i]!;
    const rows = new Int32Array(count);
    let end = 0;
    for (let i = 0; i < stretches.length; i += 2)
      for (let row = stretches[i]!; row < stretches[i + 1]!; row++) rows[end++] = row;
    const index = new StartIndex(this.table, rows, this.#places);
    this.#indexes.set(three, index);
    this.#stretches.delete(three);
    return index;
  }
}

function threeBytes(bytes: Uint8Array, start: number): number {
  return (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
}
