import { chooseDelimiters, type Delimiters } from './delimiter.ts';
import { literalRuns } from './literal-runs.ts';
import type { PatternTable } from './pattern-table.ts';
import { GRAM, LAST_WORD, landmark, START, sumOf, WHOLE, WORD } from './sums.ts';

/** A start that this many patterns share, or fewer, tells enough: they are tried one by one. */
const FEW = 2;
/** A word that more patterns share is worth less than four bytes of another place. */
const COMMON = 24;

/** Patterns with the same start, too many to be tried one by one: what a key with that start is searched for next. */
export interface Group {
  /** The number of the start, which goes into the landmarks of the group. */
  readonly number: number;
  /** A pattern of the group, and the length of the start. */
  readonly row: number;
  readonly start: number;
  /** What stands between words; undefined where no pattern is filed under a word. */
  readonly delimiters: Delimiters | undefined;
  /** Whether patterns are filed under four bytes at any place. */
  readonly grams: boolean;
}

/** What each pattern is filed under, and the groups. */
export interface Filing {
  readonly numbers: Int32Array;
  readonly groups: readonly Group[];
  /** 1 for each pattern that is filed under its start. */
  readonly byStart: Uint8Array;
}

/**
 * Chooses for each pattern the literal part that tells most, so that a key can only match a pattern whose landmark it holds: the whole
 * of a pattern without wildcards; its start where few share that (`pci:v00008086d00000953sv`); else the rarest of its words after
 * the start (`fsl,imx6q_uart` of `of:N*T*Cfsl,imx6q_uart`, see `chooseDelimiters`), or four bytes of it (`0094` of `cpu:`'s features).
 */
export function chooseLandmarks(table: PatternTable): Filing {
  const { size, starts, literals, sums } = table;
  const numbers = new Int32Array(size);
  const byStart = new Uint8Array(size);
  const counts = new Counts(size);
  for (let row = 0; row < size; row++) {
    const whole = literals[row] === starts[row + 1]! - starts[row]!;
    const number = landmark(sums[row]!, whole ? WHOLE : START);
    numbers[row] = number;
    if (whole) continue;
    byStart[row] = 1;
    counts.add(number);
  }
  const crowds = new Map<number, number[]>();
  for (let row = 0; row < size; row++) {
    if (byStart[row] === 0 || counts.of(numbers[row]!) <= FEW) continue;
    const crowd = crowds.get(numbers[row]!);
    if (crowd) crowd.push(row);
    else crowds.set(numbers[row]!, [row]);
  }
  const groups: Group[] = [];
  for (const [number, rows] of crowds) {
    if (rows.length <= FEW) continue;
    const filer = new Filer(table, number, rows.length);
    const delimiters = chooseDelimiters(table, rows);
    const left = delimiters ? filer.file(rows, delimiters, COMMON, numbers, byStart) : rows;
    const still = left.length <= FEW ? left : filer.file(left, undefined, left.length, numbers, byStart);
    groups.push({
      number,
      row: rows[0]!,
      start: literals[rows[0]!]!,
      delimiters: left.length < rows.length ? delimiters : undefined,
      grams: still.length < left.length,
    });
  }
  return { numbers, groups, byStart };
}

/** Files the patterns of one group. */
class Filer {
  readonly #table: PatternTable;
  readonly #group: number;
  readonly #counts: Counts;
  readonly #runs: number[] = [];

  constructor(table: PatternTable, group: number, rows: number) {
    this.#table = table;
    this.#group = group;
    this.#counts = new Counts(rows * 4);
  }

  /**
   * Files each pattern under its rarest word, or without delimiters under its rarest four bytes, where not more than `common` patterns
   * share that. Answers with the others.
   */
  file(
    rows: readonly number[],
    delimiters: Delimiters | undefined,
    common: number,
    numbers: Int32Array,
    byStart: Uint8Array,
  ): number[] {
    const left: number[] = [];
    for (const row of rows) this.#visit(row, delimiters, true);
    for (const row of rows) {
      const number = this.#visit(row, delimiters, false);
      if (number === undefined || this.#counts.of(number) > common) left.push(row);
      else {
        numbers[row] = number;
        byStart[row] = 0;
      }
    }
    return left;
  }

  /** Counts the landmarks of a pattern, or answers with its rarest. */
  #visit(row: number, delimiters: Delimiters | undefined, counting: boolean): number | undefined {
    const { bytes, starts } = this.#table;
    const end = starts[row + 1]!;
    const runs = this.#runs;
    const counts = this.#counts;
    let rarest: number | undefined;
    const count = literalRuns(this.#table, row, runs);
    for (let k = 0; k < count; k += 2) {
      const runEnd = runs[k + 1]!;
      let from = delimiters ? nextDelimiter(delimiters, bytes, runs[k]!, runEnd) : runs[k]!;
      while (from < runEnd) {
        const close = delimiters ? nextDelimiter(delimiters, bytes, from + 1, runEnd) : from + 3;
        if (close >= runEnd && !(delimiters && runEnd === end)) break;
        if (close > from + 1) {
          const kind = !delimiters ? GRAM : close < runEnd ? WORD : LAST_WORD;
          const number = landmark((sumOf(bytes, from, Math.min(runEnd, close + 1)) + this.#group) | 0, kind);
          if (counting) counts.add(number);
          else if (rarest === undefined || counts.of(number) < counts.of(rarest)) rarest = number;
        }
        from = delimiters ? close : from + 1;
      }
    }
    return rarest;
  }
}

function nextDelimiter(delimiters: Delimiters, bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && delimiters[bytes[i]!] === 0) i++;
  return i;
}

/** Counts by number, a little too high where two numbers fall together. */
class Counts {
  readonly #counts: Uint32Array;
  readonly #shift: number;

  constructor(expected: number) {
    const bits = Math.min(22, Math.max(8, Math.ceil(Math.log2(expected + 1)) + 3));
    this.#counts = new Uint32Array(1 << bits);
    this.#shift = 32 - bits;
  }

  add(number: number): void {
    this.#counts[number >>> this.#shift]!++;
  }

  of(number: number): number {
    return this.#counts[number >>> this.#shift]!;
  }
}
