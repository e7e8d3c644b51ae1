import { type JSONPath, type JSONVisitor, visit } from 'jsonc-parser';
import { MAX_DEPTH } from './split.ts';

/** Something wrong in a JSON text, at a character offset of it. */
export interface TextProblem {
  readonly code: 'bad-json' | 'duplicate-member';
  readonly message: string;
  readonly pointer: string;
  readonly offset: number;
}

const STRICT = { disallowComments: true, allowTrailingComma: false } as const;

/** jsonc-parser's error codes in words: what was expected, or what is wrong. Its enum exists in its types only. */
const EXPECTED: Readonly<Record<number, string>> = {
  1: ', which is not a JSON value; expected a string, a number, true, false, null, an array or an object',
  2: ', which is not a JSON number',
  3: ' where a member name in double quotes was expected',
  4: ' where a value was expected',
  5: " where ':' was expected",
  6: " where ',' was expected",
  7: " where '}' was expected",
  8: " where ']' was expected",
  9: ' after the end of the value',
  10: ', which is a comment; JSON has none, so remove it',
  11: ', which is a comment; JSON has none, so remove it',
  12: ", which is a string without its closing '\"'",
  13: ', which is a truncated number',
  14: ', which is a bad \\u escape; expected four hexadecimal digits',
  15: ', which has an escape that JSON does not have',
  16: ', which has a raw control character; write it as \\u00XX',
};

/** Every syntax error and every duplicate member of an object, at most `limit` of them. */
export function findTextProblems(text: string, limit: number): TextProblem[] {
  const problems: TextProblem[] = [];
  /** Pointers of the brackets that are open, and for objects the members seen. */
  const open: { readonly pointer: string; readonly members: Set<string> }[] = [];
  let pointer = '';
  const add = (code: TextProblem['code'], message: string, offset: number) => {
    if (problems.length < limit) problems.push({ code, message, pointer, offset });
  };
  const begin = (_o: number, _l: number, _line: number, _char: number, path: () => JSONPath) => {
    pointer = toPointer(path());
    open.push({ pointer, members: new Set() });
    // Brackets hidden in comments must not exhaust the parser's stack; one problem is reported already.
    if (open.length > MAX_DEPTH || problems.length >= limit) throw STOP;
  };
  const end = () => {
    open.pop();
    pointer = open.at(-1)?.pointer ?? '';
  };
  walk(text, begin, end, {
    onObjectProperty: (name, offset, _l, _line, _char, path) => {
      pointer = toPointer([...path(), name]);
      const { members } = open.at(-1)!;
      if (members.has(name)) add('duplicate-member', `'${name}' is here a second time; expected one value`, offset);
      members.add(name);
    },
    onError: (code, offset, length) => {
      // One mistake often makes the parser fail again at the same place.
      if (problems.at(-1)?.code === 'bad-json' && problems.at(-1)?.offset === offset) return;
      add('bad-json', `found ${excerpt(text, offset, length)}${EXPECTED[code] ?? ', which is not JSON'}`, offset);
    },
  });
  return problems;
}

/** Thrown by a visitor that has seen enough. */
const STOP = Symbol('stop');

/** Visits a JSON text until `STOP` is thrown; objects and arrays begin and end alike. */
function walk(
  text: string,
  begin: NonNullable<JSONVisitor['onObjectBegin']>,
  end: () => void,
  others: Omit<JSONVisitor, 'onObjectBegin' | 'onArrayBegin' | 'onObjectEnd' | 'onArrayEnd'>,
): void {
  const brackets = { onObjectBegin: begin, onArrayBegin: begin, onObjectEnd: end, onArrayEnd: end };
  try {
    visit(text, { ...brackets, ...others }, STRICT);
  } catch (error) {
    if (error !== STOP) throw error;
  }
}

/**
 * Character offsets of the values (of the names, for members) that the pointers name. Unknown pointers are left out,
 * and what comes after brackets deeper than `MAX_DEPTH`.
 */
export function findPointers(text: string, pointers: ReadonlySet<string>): Map<string, number> {
  const found = new Map<string, number>();
  let depth = 0;
  const at = (path: JSONPath, offset: number) => {
    const pointer = toPointer(path);
    if (pointers.has(pointer) && !found.has(pointer)) found.set(pointer, offset);
  };
  const begin = (offset: number, _l: number, _line: number, _char: number, path: () => JSONPath) => {
    if (++depth > MAX_DEPTH) throw STOP;
    at(path(), offset);
  };
  const end = () => {
    depth--;
  };
  walk(text, begin, end, {
    onLiteralValue: (_v, offset, _l, _line, _char, path) => at(path(), offset),
    onObjectProperty: (name, offset, _l, _line, _char, path) => at([...path(), name], offset),
  });
  return found;
}

/** Names and indices of a value, from the outermost in. */
export type Path = readonly (string | number)[];

/** A path as a JSON pointer (RFC 6901). */
export function toPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function excerpt(text: string, offset: number, length: number): string {
  if (offset >= text.length) return 'the end';
  const words = text.slice(offset, offset + Math.max(1, Math.min(length, 40)));
  return `'${words.replace(/[^ -~\u00a0-\uffff]+/g, ' ').trim() || ' '}'`;
}
