import { bracket, LITERAL_BRACKET } from './bracket.ts';

const WILDCARD = /[*?[]/;

/** A step of a pattern: any run of bytes, or one byte out of a set (1 for each member). */
export type Token = 'star' | Uint8Array;

/** The bytes, other than NUL, for which something holds: 1 for each of them. */
export function setOf(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (byte > 0 && holds(byte) ? 1 : 0));
}

/** The set of every byte. */
export const ANY: Uint8Array = setOf(() => true);

const singles = new Map<number, Uint8Array>();

/** The set of one byte, the same object each time. */
function only(byte: number): Uint8Array {
  let set = singles.get(byte);
  if (!set) {
    set = new Uint8Array(256);
    if (byte > 0) set[byte] = 1;
    singles.set(byte, set);
  }
  return set;
}

/** A bracket in which nothing is special: what it holds follows from its text alone. */
const SIMPLE_BRACKET = /\[[0-9A-Za-z][0-9A-Za-z-]*\]/y;
/** Most sets of simple brackets that are kept: all patterns of a kernel have some tens of them. */
const MOST_SIMPLE = 1000;
const simples = new Map<string, Uint8Array>();

/**
 * The set of a bracket at `start` and where it ends; undefined where its extent depends on the byte, and where it never
 * closes. Patterns share most of their sets.
 */
function bracketAt(pattern: string, bytes: Uint8Array, start: number): [Uint8Array, number] | undefined {
  SIMPLE_BRACKET.lastIndex = start;
  const simple = SIMPLE_BRACKET.exec(pattern)?.[0];
  const known = simple === undefined ? undefined : simples.get(simple);
  if (known) return [known, start + simple!.length];
  const nexts = Array.from({ length: 255 }, (_, i) => bracket(bytes, start + 1, bytes.length, i + 1));
  const reach = new Set(nexts.filter((next) => next >= 0 || next === LITERAL_BRACKET));
  const [next] = reach;
  if (reach.size !== 1 || next === LITERAL_BRACKET) return undefined;
  const set = setOf((byte) => nexts[byte - 1] === next);
  if (simple !== undefined && simples.size < MOST_SIMPLE) simples.set(simple, set);
  return [set, next!];
}

/**
 * A normalised pattern of an index (or a whole pattern of fnmatch, for `config`) as tokens: literal up to the first
 * wildcard, then by the rules of fnmatch(3). Undefined for the rare bracket whose extent depends on the byte, and for a
 * pattern that can never match.
 */
export function tokenize(pattern: string, source: string): readonly Token[] | undefined {
  const bytes = Buffer.from(pattern, 'latin1');
  const literal = source === 'config' ? 0 : pattern.search(WILDCARD);
  const tokens: Token[] = [];
  for (let p = 0; p < bytes.length; ) {
    const c = bytes[p]!;
    const wild = literal !== -1 && p >= literal;
    if (wild && c === 0x2a) {
      if (tokens.at(-1) !== 'star') tokens.push('star');
      p++;
    } else if (wild && c === 0x3f) {
      tokens.push(ANY);
      p++;
    } else if (wild && c === 0x5b) {
      const found = bracketAt(pattern, bytes, p);
      if (!found) return undefined;
      tokens.push(found[0]);
      p = found[1];
    } else {
      const escaped = wild && c === 0x5c;
      if (escaped && p + 1 === bytes.length) return undefined;
      const byte = escaped ? bytes[p + 1]! : c;
      tokens.push(only(byte));
      p += escaped ? 2 : 1;
    }
  }
  return tokens;
}

/** About how many steps `tokenize` takes: a bracket is reread for each byte. */
export function stepsToTokenize(pattern: string): number {
  return pattern.length * (pattern.includes('[') ? 1000 : 1);
}
