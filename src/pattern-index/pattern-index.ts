import { PATH_MAX } from '../pattern/normalize.ts';
import { FoundRows, sortRows } from './found-rows.ts';
import type { LookupKey } from './lookup-key.ts';
import type { PatternTable } from './pattern-table.ts';
import { StartIndex } from './start-index.ts';

/*
 * How patterns are found
 * ======================
 *
 * libkmod walks a trie along the key and, where a pattern has a wildcard, calls fnmatch(3) for every pattern below: a
 * few dozen for a usb key, thousands for `of:`. Here each pattern is filed under one landmark, a stretch of literal
 * text that every key it matches must hold, and a search tries only the patterns whose landmark the key holds.
 *
 *     table      row 0  pci:v00008086d00000953sv*sd*bc*sc*i*     PatternTable: the patterns' bytes, one after another
 *                row 1  pci:v00008086d000010D3sv*sd*bc*sc*i*
 *                row 2  usb:v*p*d*dc*dsc*dp*ic07isc01ip02in*
 *                ...
 *     PatternIndex
 *       "pci" -> StartIndex                      by first three bytes, made on the first such key
 *                  lengths 5, 14, 24, ...        of the literal starts that its patterns have
 *                  landmarks                     LandmarkTable: filter, buckets, slots
 *                    pci:v00008086d00000953sv -> row 0
 *                    pci:v00008086d000010D3sv -> row 1
 *       "usb" -> StartIndex
 *                    usb:v -> Group              a start that more than two share says too little
 *                               ic07isc -> row 2     so each is filed under its rarest word
 *
 * A landmark is, in this order: the whole pattern, where it has no wildcard; its start, up to the first wildcard; in a
 * group of patterns with one start its rarest word, delimited by what separates words in that group (small letters, `C`
 * in `of:`, `:` in `acpi`); its rarest 4-gram, where it has no word; or nothing: then the pattern is tried for every
 * key that has the start.
 *
 * What is hashed: a rolling hash (Rabin-Karp) is kept for each prefix of a key, so that any stretch of it costs one
 * multiplication instead of a pass over its bytes. The finalizer of MurmurHash3 makes it a landmark's number. A blocked
 * Bloom filter in front of the buckets rejects most numbers with one read. How many patterns share a landmark is
 * counted in a count-min sketch. A hash only selects what is tried: its own bytes and fnmatch decide whether a pattern
 * matches, so hash collisions cost time but never change an answer.
 *
 * Why three bytes: they distinguish most buses (`pci`, `usb`, `acp`, `of:`, `vir`), every alias of a bus has them
 * literally, and a map of small integers finds the part; patterns with fewer are in a part that every key searches.
 *
 * What a search costs: one pass over the key for its hashes; one filter read for each length of start that the bus has,
 * eight at most in Debian's kernels; for each group on the way one filter read for each word, or byte, of the rest;
 * then one comparison or fnmatch for each pattern that shares a landmark with the key, most often those that match. No
 * step depends on how many patterns there are. A bus is indexed in one pass over its rows, a group in two over its own.
 */

/** The key for literal parts of less than three bytes. */
const SHORT = -1;

/** Finds the patterns that match a key, see above. */
export class PatternIndex {
  readonly table: PatternTable;
  /** By first three bytes, the bounds of the stretches of rows that begin so. */
  readonly #stretches = new Map<number, number[]>();
  readonly #indexes = new Map<number, StartIndex>();
  readonly #short: StartIndex | undefined;
  /** The index that was used last: keys of a bus often come together. */
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

  /** The rows that the last search found, as many as it returned. */
  get rows(): Int32Array {
    return this.#found.rows;
  }

  /**
   * Finds the rows of the patterns that match a key without wildcards and returns how many there are. They are in
   * `rows`, in libkmod's order: ascending priority, then see `compareRows`.
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
