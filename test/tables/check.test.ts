import type * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { busNamed } from '../../src/bus/buses.ts';
import type { Bus } from '../../src/bus/define/bus.ts';
import { checkValue, refuseArray } from '../../src/tables/check.ts';
import { moduleFrame, tableFrame } from '../../src/tables/module-schema.ts';
import { rowSchema } from '../../src/tables/row-schema.ts';
import type { Path } from '../../src/tables/syntax.ts';

/** Whether a value is valid, and `code pointer: message` of each problem. */
function checked(schema: v.GenericSchema, value: unknown, at: Path = [], bus?: Bus): [boolean, ...string[]] {
  const problems: string[] = [];
  const add = ({ code, severity, pointer, message }: Parameters<Parameters<typeof checkValue>[3]['add']>[0]) =>
    problems.push(`${severity} ${code} ${pointer}: ${message}`);
  return [checkValue(schema, value, at, { full: false, add }, bus), ...problems];
}

const row = (bus: string, value: unknown) => checked(rowSchema(busNamed(bus)!), value, ['rows', 0], busNamed(bus));
const TYPE = 'a device-table type of the kernel';

describe('checkValue', () => {
  test('checkValue says of what is valid that it is', () => {
    expect(checked(moduleFrame, { module: 'a' })).toEqual([true]);
    expect(row('pci', { vendor: 1 })).toEqual([true]);
  });

  test.each<[what: string, schema: v.GenericSchema, value: unknown, at: Path, problem: string]>([
    ['an array', moduleFrame, [], [], 'bad-value : found an array, expected an object'],
    ['an array inside', tableFrame, [1], ['tables', 3], 'bad-value /tables/3: found an array, expected an object'],
    [
      'nothing',
      moduleFrame,
      undefined,
      [],
      'bad-value : found nothing, expected a module object {module, kernel, tables, aliases}',
    ],
    [
      'an infinite number',
      moduleFrame,
      { module: Infinity },
      [],
      'bad-value /module: found Infinity, expected a module name: printable ASCII without blanks or slashes',
    ],
    [
      'an object for a list',
      moduleFrame,
      { module: 'a', aliases: {} },
      [],
      'bad-value /aliases: found an object, expected an array of alias strings',
    ],
    ['a module without a name', moduleFrame, {}, [], "missing-field : 'module' is missing; expected it here"],
    [
      'a schema that is not a text',
      moduleFrame,
      { module: 'a', $schema: 5 },
      [],
      'bad-value /$schema: found 5, expected the address of the JSON Schema, a string',
    ],
    [
      'another version',
      moduleFrame,
      { module: 'a', version: 2 },
      [],
      'bad-value /version: found 2, expected 1, the version of the format that is known here',
    ],
    [
      'a release that is a number',
      moduleFrame,
      { module: 'a', kernel: 6.12 },
      [],
      'bad-value /kernel: found 6.12, expected a kernel release, a string such as "6.12" or "6.12.9"',
    ],
    [
      'a prefix that is not a word',
      moduleFrame,
      { module: 'a', overridePrefixes: { 2: 'A' } },
      [],
      'bad-value /overridePrefixes/2: found "A", expected a word of lower-case letters, digits and underscores',
    ],
    [
      'an alias that is not a text',
      moduleFrame,
      { module: 'a', aliases: [5] },
      [],
      'bad-value /aliases/0: found 5, expected an alias: a text of at most 4095 bytes without NUL or line breaks',
    ],
    [
      'tables that are not a list',
      moduleFrame,
      { module: 'a', tables: 5 },
      [],
      'bad-value /tables: found 5, expected an array of tables',
    ],
    [
      'rows that are not a list',
      tableFrame,
      { bus: 'pci', rows: 5 },
      [],
      'bad-value /rows: found 5, expected an array of rows',
    ],
    [
      'an unknown bus',
      tableFrame,
      { bus: 'pcy', rows: [] },
      [],
      `unknown-bus /bus: found "pcy", expected ${TYPE}; did you mean 'pci'?`,
    ],
    ['a bus that is not a text', tableFrame, { bus: 5, rows: [] }, [], `bad-value /bus: found 5, expected ${TYPE}`],
    [
      'an unknown member of a module',
      moduleFrame,
      { module: 'a', table: 1 },
      [],
      "unknown-field /table: found an unknown field 'table', expected module, kernel, overridePrefixes, tables, aliases; did you mean 'tables'?",
    ],
    [
      'an unknown member of a table',
      tableFrame,
      { bus: 'pci', rows: [], zzzz: 1 },
      ['tables', 0],
      "unknown-field /tables/0/zzzz: found an unknown field 'zzzz', expected bus, name, rows",
    ],
  ])('checkValue says what is wrong: %s', (_what, schema, value, at, problem) => {
    expect(checked(schema, value, at)).toEqual([false, `error ${problem}`]);
  });

  test.each<[bus: string, value: unknown, problem: string]>([
    [
      'mcb',
      {},
      "missing-field /rows/0: 'device' is missing; expected it here: no value of it means any in rows of mcb",
    ],
    ['mcb', { device: undefined }, 'bad-value /rows/0/device: found nothing, expected a number from 0 to 0xffff'],
    [
      'pci',
      { driver_data: 1 },
      "unknown-field /rows/0/driver_data: found 'driver_data', on which no alias depends; remove it",
    ],
    [
      'pnp',
      { idd: 'a', id: 'b' },
      "unknown-field /rows/0/idd: found an unknown field 'idd', expected id; did you mean 'id'?",
    ],
    [
      'of',
      { compatible: 'a\0'.repeat(200) },
      `bad-value /rows/0/compatible: found "${'a\\u0000'.repeat(30)}...", expected a text of at most 136 bytes (one latin1 character each), none of them 0`,
    ],
    [
      'mei',
      { uuid: 'x'.repeat(60) },
      `bad-value /rows/0/uuid: found "${'x'.repeat(60)}", expected a GUID such as 00112233-4455-6677-8899-aabbccddeeff`,
    ],
    [
      'mei',
      { uuid: 'x'.repeat(61) },
      `bad-value /rows/0/uuid: found "${'x'.repeat(60)}...", expected a GUID such as 00112233-4455-6677-8899-aabbccddeeff`,
    ],
    [
      'dmi',
      { matches: [{ slot: 4, substr: '', x: 1 }] },
      "unknown-field /rows/0/matches/0/x: found an unknown field 'x', expected slot, substr, exact_match",
    ],
  ])('checkValue says what is wrong with a row of %s once: %j', (bus, value, problem) => {
    expect(row(bus, value)).toEqual([false, `error ${problem}`]);
  });

  test('checkValue names every field that an object lacks', () => {
    const lacks = (name: string, more = '') => `'${name}' is missing; expected it here${more}`;
    const any = ': no value of it means any in rows of isapnp';
    expect(row('isapnp', {})).toEqual([
      false,
      ...['vendor', 'function'].map((name) => `error missing-field /rows/0: ${lacks(name, any)}`),
    ]);
    expect(checked(tableFrame, {})).toEqual([
      false,
      ...['bus', 'rows'].map((name) => `error missing-field : ${lacks(name)}`),
    ]);
  });

  test('checkValue sees members that valibot leaves out, in what is otherwise valid too', () => {
    const json = '{"module":"a","__proto__":1,"prototype":2,"constructor":3}';
    const names = ['__proto__', 'prototype', 'constructor'];
    expect(checked(moduleFrame, JSON.parse(json))).toEqual([
      false,
      ...names.map((name) => `error unknown-field /${name}: found an unknown field '${name}'`),
    ]);
    expect(checked(moduleFrame, JSON.parse('{"__proto__":1}'))).toHaveLength(3);
  });

  test('refuseArray is never content', () => {
    const problems: object[] = [];
    expect(refuseArray(['a', 1], { full: false, add: (problem) => problems.push(problem) })).toBe(false);
    expect(problems).toEqual([
      { code: 'bad-value', severity: 'error', pointer: '/a/1', message: 'found an array, expected an object' },
    ]);
  });
});
