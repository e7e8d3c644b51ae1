import type { PatternTable } from './pattern-table.ts';

const BANG = 0x21;
const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const CARET = 0x5e;

/**
 * The stretches of literal text that every match of a pattern contains after the pattern's first wildcard: their starts
 * and ends in the table's bytes, one after the other in `into`. Returns how many numbers were written. A stretch at the
 * end of the pattern is at the end of each match.
 */
export function literalRuns(table: PatternTable, row: number, into: number[]): number {
  const { bytes } = table;
  const end = table.starts[row + 1]!;
  let run = table.starts[row]! + table.literals[row]!;
  let count = 0;
  for (let i = run; i <= end; i++) {
    const c = i < end ? bytes[i]! : STAR;
    if (c !== STAR && c !== QUESTION && c !== OPEN && c !== BACKSLASH) continue;
    if (i > run) {
      into[count++] = run;
      into[count++] = i;
    }
    if (c === OPEN) {
      i = endOfPlainBracket(bytes, i + 1, end);
      if (i < 0) return count;
    } else if (c === BACKSLASH) {
      run = ++i;
      continue;
    }
    run = i + 1;
  }
  return count;
}

/** The place of the `]` of a bracket that certainly matches one byte, -1 for any that might not. */
function endOfPlainBracket(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    if (c === OPEN || c === BACKSLASH) return -1;
    if (c === CLOSE) return i - start < (bytes[start] === BANG || bytes[start] === CARET ? 2 : 1) ? -1 : i;
  }
  return -1;
}
