import { bracket, LITERAL_BRACKET, NO_MATCH } from './bracket.ts';

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;

/** 1 for each byte that is special in a pattern. */
export const IS_SPECIAL: Uint8Array = new Uint8Array(256);
for (const c of [STAR, QUESTION, OPEN, BACKSLASH]) IS_SPECIAL[c] = 1;

/**
 * Whether a text matches a shell pattern, as fnmatch(3) does with flags 0 in the C locale: `*` and `?` match any byte,
 * also `/` and a leading `.`; a backslash takes the next character literally. Both strings are latin1, one character a
 * byte.
 */
export function fnmatch(pattern: string, text: string): boolean {
  return fnmatchBytes(Buffer.from(pattern, 'latin1'), 0, pattern.length, Buffer.from(text, 'latin1'), 0, text.length);
}

/**
 * The same for the bytes of a pattern from `p` to `patternEnd` and those of a text from `n` to `textEnd`. A `*`
 * backtracks only until the next `*` is reached, so that the time is bounded by the product of the two lengths. glibc
 * posix/fnmatch_loop.c, in 2.36 to 2.41. (In 2.29 an unclosed bracket that contains the byte fails; here its `[` is
 * literal.)
 */
export function fnmatchBytes(
  pattern: Uint8Array,
  p: number,
  patternEnd: number,
  text: Uint8Array,
  n: number,
  textEnd: number,
): boolean {
  let afterStar = -1;
  let tried = 0;
  for (;;) {
    if (p === patternEnd) {
      if (n === textEnd) return true;
      tried++;
    } else {
      const c = pattern[p]!;
      if (c === STAR) {
        if (++p === patternEnd) return true;
        afterStar = p;
        tried = n;
      } else {
        if (n === textEnd) return false;
        const next =
          IS_SPECIAL[c] === 1 ? matchSpecial(pattern, p, patternEnd, text[n]!) : c === text[n] ? p + 1 : NO_MATCH;
        if (next !== NO_MATCH) {
          p = next;
          n++;
          continue;
        }
        tried++;
      }
    }
    if (afterStar < 0) return false;
    p = afterStar;
    n = tried;
    const first = pattern[p]!;
    if (IS_SPECIAL[first] === 1) continue;
    while (n < textEnd && text[n] !== first) n++;
    if (n === textEnd) return false;
    tried = n++;
    p++;
  }
}

/**
 * Matches one byte against `?`, a backslash with what follows, or a bracket; returns the place of the next element or
 * NO_MATCH.
 */
function matchSpecial(pattern: Uint8Array, p: number, end: number, byte: number): number {
  const c = pattern[p]!;
  if (c === QUESTION) return p + 1;
  if (c === BACKSLASH) return p + 1 < end && pattern[p + 1] === byte ? p + 2 : NO_MATCH;
  const next = bracket(pattern, p + 1, end, byte);
  if (next !== LITERAL_BRACKET) return next;
  return byte === OPEN ? p + 1 : NO_MATCH;
}
