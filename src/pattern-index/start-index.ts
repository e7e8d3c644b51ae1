import { CountMin } from './count-min.ts';
import type { FoundRows } from './found-rows.ts';
import { Group } from './group.ts';
import { LandmarkTable, SLOT } from './landmark-table.ts';
import { type LookupKey, matches } from './lookup-key.ts';
import type { PatternTable } from './pattern-table.ts';
import { hashOf, landmark, START, WHOLE } from './rolling-hash.ts';

/** A start that this many patterns or fewer share is enough: they are tried one by one. */
const FEW = 2;
/** The size that marks a group instead of a pattern. */
const GROUP = 0xffff;

/**
 * Patterns of one bus by landmark: the whole of a pattern without wildcards, else its literal start
 * (`pci:v00008086d00000953sv`). Patterns with the same start, too many to be tried one by one, make a `Group`. A search
 * tries the few lengths of start that exist.
 */
export class StartIndex {
  readonly #table: PatternTable;
  /** Lengths of the literal parts before a wildcard, ascending. */
  readonly #lengths: readonly number[];
  /** The most common of them. What is filed under a start at least as long is filtered together with that start. */
  readonly #anchor: number;
  /** A bit for each length, modulo 32, of a pattern without wildcards. */
  readonly #wholes: number;
  /**
   * A slot: row, start of its bytes, lengths of literal part and whole. A group has `~place` as its row and the bytes
   * of one of its patterns.
   */
  readonly #landmarks: LandmarkTable;
  readonly #groups: readonly Group[];

  /** `places` has space for the places of a key, for one search at a time. */
  constructor(table: PatternTable, rows: Int32Array, places: Uint16Array) {
    this.#table = table;
    const { numbers, counts, lengths, wholes } = survey(table, rows);
    this.#lengths = lengths.flatMap((_, length) => length);
    this.#anchor = this.#lengths.reduce(
      (most, length) => (lengths[length]! > lengths[most]! ? length : most),
      this.#lengths[0] ?? 0,
    );
    this.#wholes = wholes;
    const crowds = crowdsOf(table, rows, numbers, counts);
    this.#groups = crowds.map(
      (crowd) =>
        new Group(
          table,
          crowd.map((i) => rows[i]!),
          places,
        ),
    );
    const entries = entriesOf(rows.length, crowds);
    this.#landmarks = new LandmarkTable(Int32Array.from(entries, (i) => numbers[i]!));
    const alone = entries.length - crowds.length;
    for (let e = 0; e < entries.length; e++) {
      const i = entries[e]!;
      this.#file(e < alone ? rows[i]! : ~(e - alone), rows[i]!, numbers[i]!);
    }
  }

  /** Files a row, or a group by one of its rows. */
  #file(entry: number, row: number, number: number): void {
    const { bytes, starts, literals } = this.#table;
    const start = starts[row]!;
    const literal = literals[row]!;
    const size = starts[row + 1]! - start;
    const anchor = this.#anchor;
    const block =
      size === literal || literal <= anchor ? number : landmark(hashOf(bytes, start, start + anchor), START);
    const slot = this.#landmarks.put(block, number);
    const { slots } = this.#landmarks;
    slots[slot + 1] = entry;
    slots[slot + 2] = start;
    slots[slot + 3] = (literal << 16) | (entry < 0 ? GROUP : size);
  }

  /** Finds the pattern without wildcards that is the key. */
  searchWholes(key: LookupKey, found: FoundRows): void {
    if (((this.#wholes >>> key.length) & 1) === 0) return;
    const whole = landmark(key.hashes[key.length]!, WHOLE);
    if (this.#landmarks.mayHold(whole, whole)) this.#try(whole, key.length, true, key, found);
  }

  /** Finds the patterns with wildcards that match the key. */
  searchStarts(key: LookupKey, found: FoundRows): void {
    const { hashes, length } = key;
    const landmarks = this.#landmarks;
    const lengths = this.#lengths;
    const anchor = this.#anchor;
    const block = anchor <= length ? landmark(hashes[anchor]!, START) : 0;
    for (let i = 0; i < lengths.length; i++) {
      const literal = lengths[i]!;
      if (literal > length) return;
      const start = landmark(hashes[literal]!, START);
      if (landmarks.mayHold(literal < anchor ? start : block, start)) this.#try(start, literal, false, key, found);
    }
  }

  /** Tries what is filed under the whole or the start of a key, of this length; their bucket holds a few others too. */
  #try(number: number, literal: number, whole: boolean, key: LookupKey, found: FoundRows): void {
    const { slots, buckets, bucketShift } = this.#landmarks;
    const bucket = number >>> bucketShift;
    const end = SLOT * buckets[bucket + 1]!;
    for (let slot = SLOT * buckets[bucket]!; slot < end; slot += SLOT) {
      if (slots[slot] !== number) continue;
      const lengths = slots[slot + 3]!;
      const size = lengths & 0xffff;
      // Starts of different lengths can have the same number: each is tried at its own length.
      if (lengths >>> 16 !== literal || (size === literal) !== whole) continue;
      const entry = slots[slot + 1]!;
      if (entry < 0) this.#groups[~entry]!.search(key, found);
      else if (matches(this.#table.bytes, slots[slot + 2]!, literal, size, key)) found.add(entry);
    }
  }
}

/**
 * The landmarks of rows, how many have each, how many literal parts before a wildcard have each length, and the lengths
 * of the others.
 */
function survey({ starts, literals, hashes }: PatternTable, rows: Int32Array) {
  const numbers = new Int32Array(rows.length);
  const counts = new CountMin(rows.length);
  const lengths: number[] = [];
  let wholes = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const literal = literals[row]!;
    if (literal === starts[row + 1]! - starts[row]!) {
      numbers[i] = landmark(hashes[row]!, WHOLE);
      wholes |= 1 << literal;
    } else {
      numbers[i] = landmark(hashes[row]!, START);
      lengths[literal] = (lengths[literal] ?? 0) + 1;
      counts.add(numbers[i]!);
    }
  }
  return { numbers, counts, lengths, wholes };
}

/** The places in `rows` of those with a wildcard that share their start with more than a few others, by start. */
function crowdsOf(
  { starts, literals }: PatternTable,
  rows: Int32Array,
  numbers: Int32Array,
  counts: CountMin,
): number[][] {
  const crowds = new Map<number, number[]>();
  for (let i = 0; i < rows.length; i++) {
    const number = numbers[i]!;
    if (counts.of(number) <= FEW) continue;
    const row = rows[i]!;
    const literal = literals[row]!;
    if (literal === starts[row + 1]! - starts[row]!) continue;
    const crowd = crowds.get(number);
    if (!crowd) crowds.set(number, [i]);
    else if (literals[rows[crowd[0]!]!] === literal) crowd.push(i);
  }
  return [...crowds.values()].filter((crowd) => crowd.length > FEW);
}

/** What to file, by places in the rows: the single ones, then the first of each group. */
function entriesOf(count: number, crowds: readonly (readonly number[])[]): Int32Array {
  const inCrowd = new Uint8Array(count);
  for (const crowd of crowds) for (const i of crowd) inCrowd[i] = 1;
  const entries = new Int32Array(count);
  let end = 0;
  for (let i = 0; i < count; i++) if (inCrowd[i] === 0) entries[end++] = i;
  for (const crowd of crowds) entries[end++] = crowd[0]!;
  return entries.subarray(0, end);
}
