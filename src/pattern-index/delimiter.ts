import { literalRuns } from './literal-runs.ts';
import type { PatternTable } from './pattern-table.ts';
import { BASE } from './rolling-hash.ts';

/** Number of patterns of a group to sample, spread over it. */
const SAMPLE = 32;
/** A group of no more patterns gets all lower-case letters without sampling. */
const SMALL = 16;
/** Bytes of a word to sample. */
const LONGEST = 64;
/** Limit in bits on the number of a word. */
const SEEN_BITS = 15;

/** Bytes that separate the words of a text: 1 at the index of each. */
export type Delimiters = Uint8Array;

/** The index of all lower-case letters together among the single bytes. */
const LETTERS = 256;

/** What separates words in most groups. */
export const SMALL_LETTERS: Delimiters = Uint8Array.from({ length: 256 }, (_, c) => (isLetter(c) ? 1 : 0));

/**
 * The delimiters that give most patterns of a group a word that others lack: one byte (`C` for the compatible strings
 * of `of:`, `:` for acpi's ids) or all lower-case letters, which name the fields elsewhere; undefined if none yields
 * any word. Digits do not
 * count: values are full of them. A word is between two delimiters (both included) in one stretch of literal text, or
 * after the last one of a pattern that ends with literal text.
 */
export function chooseDelimiters(table: PatternTable, rows: readonly number[]): Delimiters | undefined {
  if (rows.length <= SMALL) return SMALL_LETTERS;
  const { bytes, starts } = table;
  const bits = Math.min(SEEN_BITS, 8 + Math.ceil(Math.log2(rows.length)));
  const seen = new Uint8Array(1 << bits);
  const score = new Uint32Array(LETTERS + 1);
  const counted = new Int32Array(LETTERS + 1).fill(-1);
  const countedNew = counted.slice();
  const runs: number[] = [];
  const stride = Math.floor(rows.length / SAMPLE) | 1; // odd: patterns often come in pairs, `of:N*T*CNAME` and the same with `C*`
  for (let r = 0; r < rows.length; r += stride) {
    const row = rows[r]!;
    const end = starts[row + 1]!;
    const count = literalRuns(table, row, runs);
    for (let k = 0; k < count; k += 2) {
      const runEnd = runs[k + 1]!;
      for (let i = runs[k]!; i < runEnd; i++) {
        const opening = bytes[i]!;
        if (opening >= 0x30 && opening <= 0x39) continue;
        let hash = opening;
        let letters = isLetter(opening) ? 1 : 0;
        const far = Math.min(runEnd, i + LONGEST);
        for (let j = i + 1; ; j++) {
          const closing = j < far ? bytes[j]! : -1;
          const last = j === runEnd && j === end;
          const closed = closing === opening || (closing < 0 && last);
          const lettersClosed = letters === 1 && (isLetter(closing) || (closing < 0 && last));
          if (j > i + 1 && (closed || lettersClosed)) {
            const word = last ? ~hash : hash;
            const number = Math.imul(word ^ (word >>> 15), 0xc2b2ae35);
            if (closed) count1(opening, number);
            if (lettersClosed) count1(LETTERS, (number ^ Math.imul(closing + 2, 0x85ebca6b)) | 0);
          }
          if (isLetter(closing)) letters = 0;
          if (closed || closing < 0) break;
          hash = (Math.imul(hash, BASE) + closing) | 0;
        }
      }
    }
    function count1(delimiter: number, number: number): void {
      const place = number >>> (32 - bits);
      const isNew = seen[place] === 0;
      seen[place] = 1;
      if (counted[delimiter] !== row) {
        counted[delimiter] = row;
        score[delimiter]!++;
      }
      if (isNew && countedNew[delimiter] !== row) {
        countedNew[delimiter] = row;
        score[delimiter]!++;
      }
    }
  }
  let best = 0;
  for (let c = 1; c <= LETTERS; c++) if (score[c]! > score[best]!) best = c;
  if (score[best] === 0) return undefined;
  return best === LETTERS ? SMALL_LETTERS : Uint8Array.from({ length: 256 }, (_, c) => (c === best ? 1 : 0));
}

function isLetter(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}
