import { bracket, LITERAL_BRACKET, NO_MATCH } from './bracket.ts';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;

/**
 * Whether a text matches a shell pattern, as fnmatch(3) with flags 0 in the C locale answers: `*` and `?` match any byte, also `/` and a
 * leading `.`; a backslash takes the next character literally. Both strings are latin1, one byte a character. The parts before
 * `patternFrom` and `textFrom` are left out of the comparison. glibc posix/fnmatch_loop.c (the same answers from 2.3 to 2.41).
 *
 * A `*` gives way only until the next `*` is reached, so that the time is bounded by the product of the two lengths.
 */
export function fnmatch(pattern: string, text: string, patternFrom = 0, textFrom = 0): boolean {
  let p = patternFrom;
  let n = textFrom;
  let afterStar = -1;
  let starText = 0;
  for (;;) {
    if (p < pattern.length && pattern.charCodeAt(p) === STAR) {
      afterStar = ++p;
      starText = n;
      if (p === pattern.length) return true;
      continue;
    }
    if (n === text.length) return p === pattern.length;
    const next = p < pattern.length ? matchOne(pattern, p, text.charCodeAt(n)) : NO_MATCH;
    if (next !== NO_MATCH) {
      p = next;
      n++;
    } else if (afterStar >= 0) {
      p = afterStar;
      n = ++starText;
    } else return false;
  }
}

/** Matches one byte against the pattern's element at `p`, which is not a star; answers with the place of the next element or NO_MATCH. */
function matchOne(pattern: string, p: number, byte: number): number {
  const c = pattern.charCodeAt(p);
  if (c === QUESTION) return p + 1;
  if (c === BACKSLASH) return p + 1 < pattern.length && pattern.charCodeAt(p + 1) === byte ? p + 2 : NO_MATCH;
  if (c === OPEN) {
    const next = bracket(pattern, p + 1, byte);
    if (next !== LITERAL_BRACKET) return next;
  }
  return c === byte ? p + 1 : NO_MATCH;
}
