import { chooseDelimiters, type Delimiters, SMALL_LETTERS } from './delimiter.ts';
import type { FoundRows } from './found-rows.ts';
import { LandmarkTable, SLOT } from './landmark-table.ts';
import { type LookupKey, matches, standsAt } from './lookup-key.ts';
import type { PatternTable } from './pattern-table.ts';
import { FOUR_GRAM, hashBetween, LAST_WORD, landmark, WORD } from './rolling-hash.ts';
import { chooseWords, type Word } from './words.ts';

/** A word that more patterns share is worth less than a 4-gram from elsewhere. */
const COMMON = 24;
/** Up to this many patterns are tried one by one rather than filed. */
const FEW = 2;
/** Stands for the start of a stretch of text: the word is all of it. */
const WORD_ONLY = -1;

/**
 * Patterns with the same start, too many to be tried one by one. Each is filed under the most distinctive part of its
 * rest: the rarest of its words (`Cfsl,imx6q_uart` of `of:N*T*Cfsl,imx6q_uart`, see `chooseDelimiters`) or a 4-gram
 * (`0094` of `cpu:`'s features). They are filed on the first key with that start, as most buses are never asked about.
 */
export class Group {
  readonly #table: PatternTable;
  readonly #rows: readonly number[];
  /** Length of the start. */
  readonly #start: number;
  /** Places of the delimiters of a key. */
  readonly #places: Uint16Array;
  #filed: Filed | undefined;

  constructor(table: PatternTable, rows: readonly number[], places: Uint16Array) {
    this.#table = table;
    this.#rows = rows;
    this.#places = places;
    this.#start = table.literals[rows[0]!]!;
  }

  /** Finds the patterns that match a key; `key.hashes` holds the start of the group at its length. */
  search(key: LookupKey, found: FoundRows): void {
    this.#filed ??= file(this.#table, this.#rows);
    const { words, delimiters, grams, others } = this.#filed;
    if (delimiters) this.#searchWords(words, this.#filed, delimiters, key, found);
    if (grams) this.#searchGrams(words, key, found);
    const { bytes, starts } = this.#table;
    for (let i = 0; i < others.length; i++) {
      const row = others[i]!;
      const start = starts[row]!;
      if (matches(bytes, start, this.#start, starts[row + 1]! - start, key)) found.add(row);
    }
  }

  #searchWords(
    words: LandmarkTable,
    { closings, lasts }: Filed,
    delimiters: Delimiters,
    key: LookupKey,
    found: FoundRows,
  ) {
    const { bytes, hashes, length } = key;
    const letters = delimiters === SMALL_LETTERS;
    const places = letters ? key.letters : this.#places;
    const count = letters ? key.letterCount : placesOf(delimiters, key, this.#start, places);
    let k = 0;
    while (k < count && places[k]! < this.#start) k++;
    if (k === count) return;
    let from = places[k]!;
    let opening = bytes[from]!;
    while (++k < count) {
      const close = places[k]!;
      const closing = bytes[close]!;
      if (close > from + 1 && (closings[opening]! >>> closing) & 1) {
        const word = landmark(hashBetween(hashes, from, close + 1), WORD);
        if (words.mayHold(word, word)) this.#try(words, word, from, key, found);
      }
      from = close;
      opening = closing;
    }
    if (length > from + 1 && lasts[opening] === 1) {
      const last = landmark(hashBetween(hashes, from, length), LAST_WORD);
      if (words.mayHold(last, last)) this.#try(words, last, from, key, found);
    }
  }

  #searchGrams(words: LandmarkTable, key: LookupKey, found: FoundRows): void {
    const { hashes, length } = key;
    for (let i = this.#start; i + 4 <= length; i++) {
      const gram = landmark(hashBetween(hashes, i, i + 4), FOUR_GRAM);
      if (words.mayHold(gram, gram)) this.#try(words, gram, i, key, found);
    }
  }

  /** Tries the patterns filed under a word, which is in the key at `place`; their bucket holds a few others too. */
  #try(
    { slots, buckets, bucketShift }: LandmarkTable,
    number: number,
    place: number,
    key: LookupKey,
    found: FoundRows,
  ) {
    const { bytes, starts } = this.#table;
    const bucket = number >>> bucketShift;
    const end = SLOT * buckets[bucket + 1]!;
    for (let slot = SLOT * buckets[bucket]!; slot < end; slot += SLOT) {
      const row = slots[slot + 1]!;
      if (slots[slot] !== number || found.wasTried(row)) continue;
      const run = slots[slot + 2]!;
      const patternEnd = starts[row + 1]!;
      if (run !== WORD_ONLY) {
        const at = place - slots[slot + 3]!;
        if (at < this.#start || !standsAt(bytes, run, patternEnd, key, at)) continue;
      }
      found.markTried(row);
      const start = starts[row]!;
      if (matches(bytes, start, this.#start, patternEnd - start, key)) found.add(row);
    }
  }
}

/** Writes the places of delimiters in a key, from `start` on, and returns how many there are. */
function placesOf(delimiters: Delimiters, { bytes, length }: LookupKey, start: number, into: Uint16Array): number {
  let count = 0;
  for (let i = start; i < length; i++) if (delimiters[bytes[i]!] === 1) into[count++] = i;
  return count;
}

/** A group filed: its patterns by word, with the start of the word's stretch of text and the word's place in that. */
interface Filed {
  readonly words: LandmarkTable;
  /** What separates words; undefined if no pattern is filed under a word. */
  readonly delimiters: Delimiters | undefined;
  /** For each byte that opens a word a bit for each byte, modulo 32, that closes one. */
  readonly closings: Uint32Array;
  /** 1 for each byte that opens a last word. */
  readonly lasts: Uint8Array;
  /** Whether patterns are filed under 4-grams, at any place. */
  readonly grams: boolean;
  /** Patterns without either. */
  readonly others: readonly number[];
}

function file(table: PatternTable, rows: readonly number[]): Filed {
  const delimiters = chooseDelimiters(table, rows);
  const byWord = delimiters ? chooseWords(table, rows, delimiters, COMMON) : { words: [], left: [...rows] };
  const { left } = byWord;
  const byGram = left.length > FEW ? chooseWords(table, left, undefined, left.length) : { words: [], left };
  const closings = new Uint32Array(256);
  const lasts = new Uint8Array(256);
  for (const { start, end, last } of byWord.words) {
    const opening = table.bytes[start]!;
    if (last) lasts[opening] = 1;
    else closings[opening]! |= 1 << table.bytes[end - 1]!;
  }
  return {
    words: tableOf([...byWord.words, ...byGram.words]),
    delimiters: byWord.words.length > 0 ? delimiters : undefined,
    closings,
    lasts,
    grams: byGram.words.length > 0,
    others: byGram.left,
  };
}

function tableOf(words: readonly Word[]): LandmarkTable {
  const table = new LandmarkTable(Int32Array.from(words, ({ number }) => number));
  for (const { row, number, start, end, run, runEnd } of words) {
    const slot = table.put(number, number);
    table.slots[slot + 1] = row;
    table.slots[slot + 2] = start === run && end === runEnd ? WORD_ONLY : run;
    table.slots[slot + 3] = start - run;
  }
  return table;
}
