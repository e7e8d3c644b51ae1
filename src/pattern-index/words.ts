import { CountMin } from './count-min.ts';
import type { Delimiters } from './delimiter.ts';
import { literalRuns } from './literal-runs.ts';
import type { PatternTable } from './pattern-table.ts';
import { FOUR_GRAM, hashOf, LAST_WORD, landmark, WORD } from './rolling-hash.ts';

/**
 * A word that patterns of a group are filed under: its place in the pattern, and the stretch of literal text that
 * contains it.
 */
export interface Word {
  readonly row: number;
  readonly number: number;
  /** Places in the table's bytes. */
  readonly start: number;
  readonly end: number;
  readonly run: number;
  readonly runEnd: number;
  readonly last: boolean;
}

/**
 * Chooses for each pattern of a group its rarest word, or without delimiters its rarest 4-gram, where not more than
 * `common` patterns share that. `left` are the others.
 */
export function chooseWords(
  table: PatternTable,
  rows: readonly number[],
  delimiters: Delimiters | undefined,
  common: number,
): { words: Word[]; left: number[] } {
  const { bytes, starts } = table;
  const counts = new CountMin(rows.length * 4);
  const runs: number[] = [];
  /** Counts the words of a pattern, or returns its rarest. */
  const visit = (row: number, counting: boolean): Word | undefined => {
    const patternEnd = starts[row + 1]!;
    let rarest: Word | undefined;
    const runCount = literalRuns(table, row, runs);
    for (let k = 0; k < runCount; k += 2) {
      const run = runs[k]!;
      const runEnd = runs[k + 1]!;
      let start = delimiters ? nextDelimiter(delimiters, bytes, run, runEnd) : run;
      while (start < runEnd) {
        const close = delimiters ? nextDelimiter(delimiters, bytes, start + 1, runEnd) : start + 3;
        if (close >= runEnd && !(delimiters && runEnd === patternEnd)) break;
        if (close > start + 1) {
          const last = close >= runEnd;
          const end = last ? runEnd : close + 1;
          const kind = !delimiters ? FOUR_GRAM : last ? LAST_WORD : WORD;
          const number = landmark(hashOf(bytes, start, end), kind);
          if (counting) counts.add(number);
          else if (rarest === undefined || counts.of(number) < counts.of(rarest.number))
            rarest = { row, number, start, end, run, runEnd, last };
        }
        start = delimiters ? close : start + 1;
      }
    }
    return rarest;
  };
  for (const row of rows) visit(row, true);
  const words: Word[] = [];
  const left: number[] = [];
  for (const row of rows) {
    const word = visit(row, false);
    if (word === undefined || counts.of(word.number) > common) left.push(row);
    else words.push(word);
  }
  return { words, left };
}

function nextDelimiter(delimiters: Delimiters, bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && delimiters[bytes[i]!] === 0) i++;
  return i;
}
