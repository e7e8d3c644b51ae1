import type { PatternTable } from './pattern-table.ts';

/** The rows that each search finds. */
export class FoundRows {
  /** The first `count` of these were found. */
  rows: Int32Array = new Int32Array(16);
  count = 0;
  /** The search that last tried a row: a key can contain a word twice. */
  readonly #tried: Uint32Array;
  #searches = 0;

  constructor(size: number) {
    this.#tried = new Uint32Array(size);
  }

  /** Begins another search. */
  clear(): void {
    this.count = 0;
    this.#searches = (this.#searches + 1) >>> 0;
    // A number that recurs after 2^32 searches must not be found in the table.
    if (this.#searches === 0) {
      this.#tried.fill(0);
      this.#searches = 1;
    }
  }

  wasTried(row: number): boolean {
    return this.#tried[row] === this.#searches;
  }

  markTried(row: number): void {
    this.#tried[row] = this.#searches;
  }

  add(row: number): void {
    if (this.count === this.rows.length) {
      const rows = new Int32Array(2 * this.count);
      rows.set(this.rows);
      this.rows = rows;
    }
    this.rows[this.count++] = row;
  }
}

/**
 * Sorts the first `count` rows, which match one key, into libkmod's order, in place; the usual two or three without a
 * callback.
 */
export function sortRows(table: PatternTable, rows: Int32Array, count: number): void {
  if (count > 16) {
    rows.subarray(0, count).sort((a, b) => compareRows(table, a, b));
    return;
  }
  for (let i = 1; i < count; i++) {
    const row = rows[i]!;
    let j = i;
    for (; j > 0 && compareRows(table, rows[j - 1]!, row) > 0; j--) rows[j] = rows[j - 1]!;
    rows[j] = row;
  }
}

/**
 * The order of two patterns that match one key: ascending priority; among equals the one that libkmod's walk finds
 * later comes first. The walk follows the key and collects the patterns with a wildcard at each place on the way, in
 * ascending order of what follows, longer ones first. Duplicates of a pattern keep the order in which they were added.
 */
function compareRows({ bytes, starts, literals, priorities }: PatternTable, a: number, b: number): number {
  if (priorities[a] !== priorities[b]) return priorities[a]! - priorities[b]!;
  if (literals[a] !== literals[b]) return literals[b]! - literals[a]!;
  let i = starts[a]! + literals[a]!;
  let j = starts[b]! + literals[b]!;
  const endA = starts[a + 1]!;
  const endB = starts[b + 1]!;
  while (i < endA && j < endB && bytes[i] === bytes[j]) {
    i++;
    j++;
  }
  const left = i < endA ? bytes[i]! : 256;
  const right = j < endB ? bytes[j]! : 256;
  return left === right ? a - b : right - left;
}
