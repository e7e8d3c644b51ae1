import * as v from 'valibot';
import { expect, test } from 'vitest';
import { ModaliasError } from '../../src/errors.ts';
import { linesOf, parseChecked, strictObject } from '../../src/packaging/checked-json.ts';

const inner = strictObject(
  { name: v.string('a text'), many: v.optional(v.array(v.number('a number'), 'an array')) },
  'an object {name}',
);
const schema = strictObject({ inner, other: v.optional(v.string('a text')) }, 'an object {inner}');
/** The problems of a text: line, code, pointer and message. */
function problems(text: string): string[] {
  try {
    parseChecked(text, 'f', schema);
    return [];
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    expect(error.place).toMatchObject({ file: 'f' });
    return error.problems.map(({ line, code, pointer, message }) => `${line} ${code} ${pointer} ${message}`);
  }
}

test('parseChecked: gives what a schema makes of a sound text', () => {
  expect(parseChecked('{"inner": {"name": "x"}}', 'f', schema)).toEqual({ inner: { name: 'x' } });
});

test.each<[text: string, told: readonly string[]]>([
  ['{"inner": {"name": 1}}', ['1 bad-value /inner/name found 1, expected a text']],
  ['{"inner":\n{}}', ["1 missing-field /inner 'name' is missing; expected it here"]],
  [
    '{"inner": {"name": "x"},\n"othre": 1}',
    ["2 unknown-field /othre found an unknown member 'othre', expected inner, other; did you mean 'other'?"],
  ],
  ['{"inner": []}', ['1 bad-value /inner found an array, expected an object {name}']],
  ['[]', ['1 bad-value  found an array, expected an object {inner}']],
  [
    '{"inner": {"name": {}, "many": [1, "2"]}}',
    [
      '1 bad-value /inner/name found an object, expected a text',
      '1 bad-value /inner/many/1 found "2", expected a number',
    ],
  ],
  ['{"inner": {"name": "x"}, "__proto__": 1}', ["1 unknown-field /__proto__ found an unknown member '__proto__'"]],
  [
    '{"inner": 1,\n"inner": 2,\n"x": tru}',
    [
      "2 duplicate-member /inner 'inner' is here a second time; expected one value",
      "3 bad-json /x found 'tru', which is not a JSON value; expected a string, a number, true, false, null, an array or an object",
    ],
  ],
])('parseChecked: says of %j what is wrong, and where', (text, told) => {
  expect(problems(text).slice(0, told.length)).toEqual(told);
});

test('parseChecked: names 100 problems at most', () => {
  const many = (count: number) => `{"inner": {"name": "x", "many": [${Array.from({ length: count }, () => '"x"')}]}}`;
  expect([problems(many(100)).length, problems(many(101)).length]).toEqual([100, 100]);
});

test('linesOf: the lines of what pointers name, and none of what is not there', () => {
  const text = '{\n"a": 1,\n"b": [\n2,\n{"c": 3}]}';
  expect([...linesOf(text, new Set(['/b/1/c', '/a', '/b/0', '/none']))]).toEqual([
    ['/a', 2],
    ['/b/0', 4],
    ['/b/1/c', 5],
  ]);
});
