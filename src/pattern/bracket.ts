/** The byte is not matched, whatever follows. */
export const NO_MATCH = -1;
/** The bracket never closes: `[` is literal. */
export const LITERAL_BRACKET = -2;

const BANG = 0x21;
const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const EQUALS = 0x3d;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const CARET = 0x5e;

/** CHARCLASS_NAME_MAX of Linux, glibc's limit on a name: a longer one makes the whole bracket match nothing. */
const CLASS_NAME_MAX = 2048;

/**
 * The classes of the C locale by name. A name with a `z` is not valid: glibc's scan of names stops before that letter.
 */
const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** A part of a bracket: its bytes, where the next part starts, and whether any other byte fails at once. */
interface Element {
  readonly next: number;
  readonly holds: (byte: number) => boolean;
  readonly last?: boolean;
}

/** An end of a range: a character, perhaps escaped or written as `[.c.]`. */
interface Bound {
  readonly next: number;
  readonly byte: number;
  readonly symbol: boolean;
}

/** A pattern's bytes up to a place. */
interface Pattern {
  readonly bytes: Uint8Array;
  readonly end: number;
}

/** The byte at a place, 0 past the end, as C strings have it. */
function at({ bytes, end }: Pattern, i: number): number {
  return i < end ? bytes[i]! : 0;
}

/**
 * Matches one byte against the bracket expression whose `[` is just before `start`. Returns the place after its `]`,
 * NO_MATCH or LITERAL_BRACKET. How far a bracket reaches can depend on the byte: glibc reads the rest of a bracket that
 * has matched already by other rules than one that has not (posix/fnmatch_loop.c, after `matched:`), and so does this.
 */
export function bracket(bytes: Uint8Array, start: number, end: number, byte: number): number {
  const pattern = { bytes, end };
  const negated = at(pattern, start) === BANG || at(pattern, start) === CARET;
  for (let p = negated ? start + 1 : start; ; ) {
    if (p >= end) return LITERAL_BRACKET;
    const element = readElement(pattern, p);
    if (!element) return NO_MATCH;
    p = element.next;
    if (element.holds(byte)) {
      const after = skipRest(pattern, p);
      return negated && after !== LITERAL_BRACKET ? NO_MATCH : after;
    }
    if (element.last) return NO_MATCH;
    if (at(pattern, p) === CLOSE) return negated ? p + 1 : NO_MATCH;
  }
}

/** The part at `p`: `[:name:]`, `[=c=]`, a range or a character; undefined if glibc gives up on the whole bracket. */
function readElement(pattern: Pattern, p: number): Element | undefined {
  const c = at(pattern, p);
  const second = at(pattern, p + 1);
  if (c === OPEN && second === COLON) {
    const end = endOfName(pattern, p + 2, CLASS_NAME_MAX);
    if (end === NO_MATCH) return undefined;
    if (end !== undefined) {
      const name = String.fromCharCode(...pattern.bytes.subarray(p + 2, end));
      const members = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
      return members && { next: end + 2, holds: (byte) => members.test(String.fromCharCode(byte)) };
    }
  }
  if (c === OPEN && second === EQUALS && at(pattern, p + 3) === EQUALS && at(pattern, p + 4) === CLOSE) {
    return { next: p + 5, holds: (byte) => byte === at(pattern, p + 2) };
  }
  const low = readBound(pattern, p);
  if (!low) return undefined;
  const afterDash = at(pattern, low.next) === DASH ? at(pattern, low.next + 1) : CLOSE;
  if (afterDash === CLOSE) {
    const lost = low.symbol && at(pattern, low.next) === DASH;
    return { next: low.next, holds: (byte) => byte === low.byte && !lost };
  }
  if (afterDash === 0) return { next: low.next, holds: (byte) => byte === low.byte, last: true };
  const high = readBound(pattern, low.next + 1);
  return high && { next: high.next, holds: (byte) => low.byte <= byte && byte <= high.byte };
}

/**
 * One end of a range at `p`; undefined for a backslash at the very end and for a `[.` without exactly one character and
 * `.]`.
 */
function readBound(pattern: Pattern, p: number): Bound | undefined {
  const c = at(pattern, p);
  if (c === BACKSLASH) {
    return p + 1 < pattern.end ? { next: p + 2, byte: at(pattern, p + 1), symbol: false } : undefined;
  }
  if (c === OPEN && at(pattern, p + 1) === DOT) {
    const end = endOfSymbol(pattern, p + 2);
    return end === p + 3 ? { next: end + 2, byte: at(pattern, p + 2), symbol: true } : undefined;
  }
  return { next: p + 1, byte: c, symbol: false };
}

/** Where the name of a class ends, at its `:]`; undefined if it is not a name, NO_MATCH after `limit` letters. */
function endOfName(pattern: Pattern, start: number, limit: number): number | undefined {
  for (let p = start; ; p++) {
    if (p - start === limit) return NO_MATCH;
    if (at(pattern, p) === COLON && at(pattern, p + 1) === CLOSE) return p;
    if (at(pattern, p) < 0x61 || at(pattern, p) >= 0x7a) return undefined;
  }
}

/** The place of the next `.]`, -1 if none. */
function endOfSymbol(pattern: Pattern, start: number): number {
  for (let p = start; p < pattern.end; p++) if (at(pattern, p) === DOT && at(pattern, p + 1) === CLOSE) return p;
  return -1;
}

/** The place after the `]` that closes a bracket which has matched already. */
function skipRest(pattern: Pattern, start: number): number {
  for (let p = start; p < pattern.end; ) {
    const c = at(pattern, p++);
    if (c === CLOSE) return p;
    if (c === BACKSLASH) {
      if (p === pattern.end) return NO_MATCH;
      p++;
    } else if (c === OPEN && at(pattern, p) === COLON) {
      const end = endOfName(pattern, p + 1, CLASS_NAME_MAX - 1);
      if (end === NO_MATCH) return NO_MATCH;
      if (end !== undefined) p = end + 2;
    } else if (c === OPEN && at(pattern, p) === EQUALS) {
      if (at(pattern, p + 1) === 0 || at(pattern, p + 2) !== EQUALS || at(pattern, p + 3) !== CLOSE) return NO_MATCH;
      p += 4;
    } else if (c === OPEN && at(pattern, p) === DOT) {
      const end = endOfSymbol(pattern, p + 1);
      if (end === -1) return NO_MATCH;
      p = end + 2;
    }
  }
  return LITERAL_BRACKET;
}
