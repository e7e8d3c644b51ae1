/** An extended regular expression as a tree. Characters are bytes: kmod never leaves the C locale. */
export type Ere =
  | { readonly kind: 'set'; readonly has: (byte: number) => boolean }
  | { readonly kind: 'assert'; readonly at: Assertion }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Ere[] }
  /** `max` undefined: unbounded. */
  | { readonly kind: 'repeat'; readonly of: Ere; readonly min: number; readonly max: number | undefined };

export type Assertion = 'start' | 'end' | 'word-edge' | 'inside' | 'word-start' | 'word-end';

/** The expression is malformed: regcomp(3) fails, and depmod treats that as "does not match". */
export class EreSyntaxError extends Error {}
/** The expression is sound but needs a back-reference, for which no bounded matching algorithm is known. */
export class EreUnsupportedError extends Error {}

/** RE_DUP_MAX of glibc. */
const MAX_REPEAT = 0x7fff;
const MAX_NESTING = 200;

const between = (from: number, to: number) => (b: number) => b >= from && b <= to;
const upper = between(65, 90);
const lower = between(97, 122);
const digit = between(48, 57);
const alpha = (b: number) => upper(b) || lower(b);
const alnum = (b: number) => alpha(b) || digit(b);
const space = (b: number) => b === 32 || between(9, 13)(b);
const graph = between(33, 126);

const CLASSES: Readonly<Record<string, (byte: number) => boolean>> = {
  alpha,
  upper,
  lower,
  digit,
  alnum,
  space,
  graph,
  xdigit: (b) => digit(b) || between(65, 70)(b) || between(97, 102)(b),
  blank: (b) => b === 32 || b === 9,
  print: between(32, 126),
  punct: (b) => graph(b) && !alnum(b),
  cntrl: (b) => b < 32 || b === 127,
};

/** A letter, a digit or `_`: the word characters of `\w`, `\b` and so on. */
export const isWordByte = (byte: number): boolean => alnum(byte) || byte === 95;

const ESCAPES: Readonly<Record<string, Ere>> = {
  w: { kind: 'set', has: isWordByte },
  W: { kind: 'set', has: (b) => !isWordByte(b) },
  s: { kind: 'set', has: space },
  S: { kind: 'set', has: (b) => !space(b) },
  b: { kind: 'assert', at: 'word-edge' },
  B: { kind: 'assert', at: 'inside' },
  '<': { kind: 'assert', at: 'word-start' },
  '>': { kind: 'assert', at: 'word-end' },
  '`': { kind: 'assert', at: 'start' },
  "'": { kind: 'assert', at: 'end' },
};

/**
 * Parses a POSIX extended regular expression (latin1) as glibc's regcomp does with REG_EXTENDED in the C locale: GNU's
 * `\w`, `\<` and so on are supported, `*` without anything before it is an error, a lone `)` stands for itself. Throws
 * EreSyntaxError, EreUnsupportedError.
 */
export function parseEre(source: string): Ere {
  let at = 0;
  let groups = 0;
  const fail = (why: string): never => {
    throw new EreSyntaxError(`${why} at character ${at + 1} of '${source}'`);
  };

  function choice(depth: number): Ere {
    if (depth > MAX_NESTING) fail(`more than ${MAX_NESTING} nested groups`);
    const branches: Ere[] = [];
    do branches.push(sequence(depth));
    while (source[at] === '|' && ++at);
    return branches.length === 1 ? branches[0]! : { kind: 'choice', of: branches };
  }

  function sequence(depth: number): Ere {
    const items: Ere[] = [];
    while (at < source.length && source[at] !== '|' && !(depth > 0 && source[at] === ')'))
      items.push(expression(depth));
    return { kind: 'sequence', of: items };
  }

  function expression(depth: number): Ere {
    let item = atom(depth);
    // glibc ends an expression at an anchor, so that what follows starts one: `^*` is an error.
    if (item.kind === 'assert') return item;
    for (;;) {
      const c = source[at];
      if (c === '*') item = { kind: 'repeat', of: item, min: 0, max: undefined };
      else if (c === '+') item = { kind: 'repeat', of: item, min: 1, max: undefined };
      else if (c === '?') item = { kind: 'repeat', of: item, min: 0, max: 1 };
      else if (c === '{') {
        item = interval(item);
        continue;
      } else return item;
      at++;
    }
  }

  function interval(of: Ere): Ere {
    const m = /^\{(\d*)(,?)(\d*)\}/.exec(source.slice(at));
    if (!m || (m[1] === '' && m[2] === '')) return fail('malformed braces');
    at += m[0].length;
    const min = Number(m[1]);
    const max = m[2] === '' ? min : m[3] === '' ? undefined : Number(m[3]);
    if ((max ?? min) > MAX_REPEAT || (max !== undefined && min > max)) fail('impossible numbers in braces');
    return { kind: 'repeat', of, min, max };
  }

  function atom(depth: number): Ere {
    const c = source[at++]!;
    switch (c) {
      case '*':
      case '+':
      case '?':
      case '{':
        return fail(`nothing for '${c}' to repeat`);
      case '.':
        return { kind: 'set', has: () => true };
      case '^':
        return { kind: 'assert', at: 'start' };
      case '$':
        return { kind: 'assert', at: 'end' };
      case '[':
        return { kind: 'set', has: bracket() };
      case '(': {
        const inner = choice(depth + 1);
        if (source[at++] !== ')') fail("'(' without ')'");
        groups++;
        return { kind: 'sequence', of: [inner] };
      }
      case '\\': {
        const e = source[at++] ?? fail('a backslash at the end');
        if (e >= '1' && e <= '9') {
          if (Number(e) > groups) fail(`no group for '\\${e}'`);
          throw new EreUnsupportedError(`'${source}' uses a back-reference (\\${e}), which is not supported`);
        }
        return ESCAPES[e] ?? literal(e);
      }
      default:
        return literal(c);
    }
  }

  function bracket(): (byte: number) => boolean {
    const parts: ((byte: number) => boolean)[] = [];
    const negated = source[at] === '^';
    if (negated) at++;
    for (let first = true; first || source[at] !== ']'; first = false) {
      const start = element(first);
      if (start.class === undefined && source[at] === '-' && source[at + 1] !== ']') {
        at++;
        const end = element(true);
        if (start.range === false || end.class !== undefined || start.byte > end.byte) fail('impossible range');
        parts.push(between(start.byte, end.byte));
      } else parts.push(start.class ?? ((b) => b === start.byte));
    }
    at++;
    const has = (byte: number) => parts.some((part) => part(byte));
    return negated ? (byte) => !has(byte) : has;
  }

  /** One member of a bracket expression; `class` where it is a class, `range` false where no range can start. */
  function element(hyphenAllowed: boolean): { byte: number; class?: (byte: number) => boolean; range?: false } {
    const c = source[at] ?? fail("'[' without ']'");
    const kind = c === '[' ? source[at + 1] : undefined;
    if (kind === '.' || kind === '=' || kind === ':') {
      const close = source.indexOf(`${kind}]`, at + 2);
      if (close === -1) fail(`'[${kind}' without '${kind}]'`);
      const name = source.slice(at + 2, close);
      at = close + 2;
      if (kind === ':') return { byte: 0, class: CLASSES[name] ?? fail(`no class '${name}'`) };
      if (name.length !== 1) fail(`no character '${name}'`);
      const byte = name.charCodeAt(0);
      return kind === '=' ? { byte, class: (b) => b === byte } : { byte };
    }
    if (c === '-' && !hyphenAllowed && source[at + 1] !== ']') fail("misplaced '-'");
    at++;
    return { byte: c.charCodeAt(0) };
  }

  return choice(0);
}

function literal(c: string): Ere {
  const byte = c.charCodeAt(0);
  return { kind: 'set', has: (b) => b === byte };
}
