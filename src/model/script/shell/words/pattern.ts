/** One element of a pattern: a character, any character, any text, or a set of characters. */
type Token =
  | string
  | { readonly kind: 'one' | 'any' }
  | { readonly kind: 'set'; readonly not: boolean; readonly ranges: readonly (readonly [string, string])[] };

export type Pattern = readonly Token[];

const CLASSES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  digit: [['0', '9']],
  xdigit: [
    ['0', '9'],
    ['a', 'f'],
    ['A', 'F'],
  ],
  alpha: [
    ['a', 'z'],
    ['A', 'Z'],
  ],
  alnum: [
    ['0', '9'],
    ['a', 'z'],
    ['A', 'Z'],
  ],
  lower: [['a', 'z']],
  upper: [['A', 'Z']],
  space: [
    ['\t', '\r'],
    [' ', ' '],
  ],
  blank: [
    ['\t', '\t'],
    [' ', ' '],
  ],
};

/** Reads a shell pattern in which a backslash quotes: `*`, `?`, `[a-z]`, `[!a-z]`, `[[:digit:]]`. */
export function parsePattern(text: string): Pattern {
  const tokens: Token[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\' && i + 1 < text.length) tokens.push(text[++i]!);
    else if (c === '*') tokens.push({ kind: 'any' });
    else if (c === '?') tokens.push({ kind: 'one' });
    else if (c === '[') {
      const set = parseSet(text, i);
      if (set) {
        tokens.push(set.token);
        i = set.end;
      } else tokens.push(c);
    } else tokens.push(c);
  }
  return tokens;
}

function parseSet(text: string, start: number): { token: Token; end: number } | null {
  let i = start + 1;
  const not = text[i] === '!' || text[i] === '^';
  if (not) i++;
  const ranges: (readonly [string, string])[] = [];
  for (const first = i; i < text.length; i++) {
    if (text[i] === ']' && i > first) return { token: { kind: 'set', not, ranges }, end: i };
    const named = /^\[:(\w+):\]/.exec(text.slice(i, i + 12));
    if (named && CLASSES[named[1]!]) {
      ranges.push(...CLASSES[named[1]!]!);
      i += named[0].length - 1;
      continue;
    }
    if (text[i] === '\\' && i + 1 < text.length) i++;
    const from = text[i]!;
    if (text[i + 1] === '-' && text[i + 2] !== undefined && text[i + 2] !== ']') {
      ranges.push([from, text[i + 2]!]);
      i += 2;
    } else ranges.push([from, from]);
  }
  return null;
}

function fits(token: Token, c: string): boolean {
  if (typeof token === 'string') return token === c;
  if (token.kind !== 'set') return true;
  return token.ranges.some(([from, to]) => from <= c && c <= to) !== token.not;
}

const isAny = (token: Token | undefined) => typeof token === 'object' && token.kind === 'any';

/** Whether a pattern matches a whole text; in the worst case in the product of their lengths. */
export function matches(pattern: Pattern, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (isAny(pattern[p])) {
      star = p++;
      mark = t;
    } else if (p < pattern.length && fits(pattern[p]!, text[t]!)) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (isAny(pattern[p])) p++;
  return p === pattern.length;
}

/** The text as a pattern that matches it alone. */
export function quotePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

/** Whether a pattern has more than characters. */
export function hasWildcard(pattern: Pattern): boolean {
  return pattern.some((token) => typeof token !== 'string');
}

/** A pattern without wildcards as the text that it matches. */
export function plainText(pattern: Pattern): string {
  return pattern.join('');
}

/** `${x#p}`, `##`, `%`, `%%`: the text without the shortest or the longest match at its start or its end. */
export function removeMatch(text: string, operator: '#' | '##' | '%' | '%%', pattern: Pattern): string {
  const longest = operator.length === 2;
  for (let i = 0; i <= text.length; i++) {
    const length = longest ? text.length - i : i;
    if (operator[0] === '#' && matches(pattern, text.slice(0, length))) return text.slice(length);
    if (operator[0] === '%' && matches(pattern, text.slice(text.length - length)))
      return text.slice(0, text.length - length);
  }
  return text;
}

/** `${x/p/r}`, `//`, `/#`, `/%`: the longest match at each place is replaced. */
export function replaceMatch(text: string, operator: '/' | '//' | '/#' | '/%', pattern: Pattern, by: string): string {
  let out = '';
  for (let i = 0; i <= text.length; ) {
    const length = operator === '/#' && i > 0 ? -1 : longestAt(text, i, pattern, operator === '/%');
    if (length > 0) {
      out += by;
      i += length;
      if (operator !== '//') return out + text.slice(i);
    } else out += text[i++] ?? '';
  }
  return out;
}

function longestAt(text: string, at: number, pattern: Pattern, toEnd: boolean): number {
  for (let end = text.length; end > at; end--) {
    if (matches(pattern, text.slice(at, end))) return end - at;
    if (toEnd) return -1;
  }
  return -1;
}
