import { expect, test } from 'vitest';
import { MAX_DEPTH } from '../../src/tables/split.ts';
import { findPointers, findTextProblems, toPointer } from '../../src/tables/syntax.ts';

test.each<[path: readonly (string | number)[], pointer: string]>([
  [[], ''],
  [['tables', 0, 'rows'], '/tables/0/rows'],
  [['a/b', 'c~d', '~1', '//~~'], '/a~1b/c~0d/~01/~1~1~0~0'],
  [[''], '/'],
])('toPointer of %j is %j', (path, pointer) => {
  expect(toPointer(path)).toBe(pointer);
});

test('findPointers gives the offset of each value, of a member that of its name, the first where it stands twice', () => {
  const text = '{"a":[1,{"b":null}], "a":2}';
  const all = ['', '/a', '/a/0', '/a/1', '/a/1/b', '/none'];
  expect([...findPointers(text, new Set(all))]).toEqual([
    ['', 0],
    ['/a', 1],
    ['/a/0', 6],
    ['/a/1', 8],
    ['/a/1/b', 9],
  ]);
  expect(findPointers(text, new Set())).toEqual(new Map());
});

test.each<[text: string, message: string, pointer: string, offset: number]>([
  ['{"a":}', "found '}' where a value was expected", '/a', 5],
  ['{"a" 1}', "found '1' where ':' was expected", '/a', 5],
  ['{"a":1 "b":2}', "found '\"b\"' where ',' was expected", '/a', 7],
  ['{"a":[1 2]}', "found '2' where ',' was expected", '/a', 8],
  [
    '{a:1}',
    "found 'a', which is not a JSON value; expected a string, a number, true, false, null, an array or an object",
    '',
    1,
  ],
  ['{"a":1', "found the end where '}' was expected", '', 6],
  ['{"a":[1', "found the end where ']' was expected", '', 7],
  [
    '{"a":1}x',
    "found 'x', which is not a JSON value; expected a string, a number, true, false, null, an array or an object",
    '',
    7,
  ],
  ['{"a":/*x*/1}', "found '/*x*/', which is a comment; JSON has none, so remove it", '/a', 5],
  ['{"a":1}//x', "found '//x', which is a comment; JSON has none, so remove it", '', 7],
  ['{"a":"b', "found '\"b', which is a string without its closing '\"'", '/a', 5],
  ['{"a":1.}', "found '1.', which is a truncated number", '/a', 5],
  ['{"a":"\\uzz"}', 'found \'"\\uzz"\', which is a bad \\u escape; expected four hexadecimal digits', '/a', 5],
  ['{"a":"\\q"}', 'found \'"\\q"\', which has an escape that JSON does not have', '/a', 5],
  ['{"a":"\t"}', 'found \'" "\', which has a raw control character; write it as \\u00XX', '/a', 5],
  ['{"a":1,"a":2}', "'a' is here a second time; expected one value", '/a', 7],
])('findTextProblems of %j: the first is %s', (text, message, pointer, offset) => {
  expect(findTextProblems(text, 9)[0]).toMatchObject({ message, pointer, offset });
});

test('findTextProblems finds members that stand twice in the same object only, and reports at most so many', () => {
  const text = '{"a":{"b":1,"b":2},"b":[{"a":1},{"a":1}],"a":1}';
  const pointers = (limit: number) => findTextProblems(text, limit).map(({ code, pointer }) => `${code} ${pointer}`);
  expect(pointers(9)).toEqual(['duplicate-member /a/b', 'duplicate-member /a']);
  expect(pointers(1)).toEqual(['duplicate-member /a/b']);
  expect(findTextProblems('{"a":[{"b":1}]}', 9)).toEqual([]);
});

test('findTextProblems shows at most 40 characters of what it found', () => {
  const [problem] = findTextProblems(`{"a":${'x'.repeat(50)}}`, 9);
  expect(problem!.message).toMatch(new RegExp(`^found '${'x'.repeat(40)}', which is not a JSON value`));
});

test('findTextProblems says what stands after the end of the value, and what a control character looks like', () => {
  expect(findTextProblems('[1] [2]', 9)).toEqual([
    { code: 'bad-json', message: "found '[' after the end of the value", pointer: '', offset: 4 },
  ]);
  expect(findTextProblems('[\u0001]', 9)[0]!.message).toMatch(/^found ' ', which is not a JSON value/);
  expect(findTextProblems('x', 9)[0]).toMatchObject({ pointer: '', offset: 0 });
});

test('findTextProblems reports another problem of the same place, and none that follows from one there', () => {
  const codes = (text: string) => findTextProblems(text, 9).map(({ code, offset }) => `${code} ${offset}`);
  expect(codes('{"a":1,"a" 2}')).toEqual(['duplicate-member 7', 'bad-json 11']);
  expect(codes('{"a":1,"a"')).toEqual(['duplicate-member 7', 'bad-json 10']);
  expect(codes('{"a"')).toEqual(['bad-json 4']);
});

test.each([0, 1, 2])('findTextProblems reports at most %i problems, and reads no further', (limit) => {
  expect(findTextProblems('[x,[y,[z,[w]]]]', limit)).toHaveLength(limit);
  const deeper = `[x,${'['.repeat(100_000)}`;
  expect(findTextProblems(deeper, 1)).toHaveLength(1);
});

const nested = (depth: number, inside = '') => `${'['.repeat(depth)}${inside}${']'.repeat(depth)}`;

test('findTextProblems reads as deep as a module object may be, and not a bracket deeper', () => {
  expect(findTextProblems(nested(MAX_DEPTH, 'x'), 9)).toHaveLength(1);
  expect(findTextProblems(nested(MAX_DEPTH + 1, 'x'), 9)).toEqual([]);
  expect(findTextProblems('['.repeat(200_000), 9)).toEqual([]);
  expect(findTextProblems(`[${nested(MAX_DEPTH - 1)},${nested(MAX_DEPTH - 1)},x]`, 1)).toHaveLength(1);
});

test('findPointers reads as deep, and counts the brackets that are open only', () => {
  const at = (text: string, pointer: string) => findPointers(text, new Set([pointer])).get(pointer);
  expect(at(nested(MAX_DEPTH, '5'), '/0'.repeat(MAX_DEPTH))).toBe(MAX_DEPTH);
  expect(at(nested(MAX_DEPTH + 1, '5'), '/0'.repeat(MAX_DEPTH + 1))).toBeUndefined();
  expect(at('['.repeat(200_000), '/1')).toBeUndefined();
  const wide = `[${'[],'.repeat(3 * MAX_DEPTH)}7]`;
  expect(at(wide, `/${3 * MAX_DEPTH}`)).toBe(wide.indexOf('7'));
});
