import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { busNamed } from '../../src/bus/buses.ts';
import { checkValue } from '../../src/tables/check.ts';
import { numberWords, OVERRIDE_WORD, rowSchema, textSchema } from '../../src/tables/row-schema.ts';

/** What is wrong with a value by a schema of its own, which no other test has made. */
function problemsOf(schema: v.GenericSchema, value: unknown): string[] {
  const problems: string[] = [];
  checkValue(schema, value, [], {
    full: false,
    add: ({ pointer, message }) => problems.push(`${pointer}: ${message}`),
  });
  return problems;
}

test('numberWords gives the limit in hexadecimal where that differs', () => {
  expect([1, 9, 10, 0xffff].map(numberWords)).toEqual([
    'a number from 0 to 1',
    'a number from 0 to 9',
    'a number from 0 to 0xa',
    'a number from 0 to 0xffff',
  ]);
});

test.each<[most: number, least: number | undefined, text: unknown, expected: string | null]>([
  [3, undefined, '', null],
  [3, undefined, 'a\u00ffc', null],
  [3, undefined, 'abcd', 'found "abcd", expected a text of at most 3 bytes'],
  [3, undefined, 'a\u0100', 'found "a\u0100", expected a text of at most 3 bytes'],
  [3, undefined, 'a\0', 'found "a\\u0000", expected a text of at most 3 bytes'],
  [3, undefined, 5, 'found 5, expected a text of at most 3 bytes'],
  [3, 1, 'a', null],
  [3, 1, '', 'found "", expected a text of 1 to 3 bytes'],
])('textSchema of at most %j and at least %j bytes: %j', (most, least, text, expected) => {
  const problem = expected && `: ${expected} (one latin1 character each), none of them 0`;
  expect(problemsOf(textSchema(most, least), text)).toEqual(problem === null ? [] : [problem]);
});

test.each([
  ['vfio', true],
  ['a_1', true],
  ['1a', false],
  ['Vfio', false],
  ['vfio!', false],
  [' vfio', false],
  ['', false],
])('OVERRIDE_WORD: %j: %j', (word, is) => {
  expect(OVERRIDE_WORD.test(word)).toBe(is);
});

describe('rowSchema', () => {
  const GUID = '00112233-4455-6677-8899-aabbccddeeff';
  const guid = 'a GUID such as 00112233-4455-6677-8899-aabbccddeeff';
  const number = 'a number from 0 to 0xffffffff';
  const override = `${number} or the name of an override prefix, such as vfio`;
  const slot = "a number from 0 to 0x7f or a name such as 'DMI_SYS_VENDOR'";
  const dmi = (match: unknown) => ({ matches: [match] });

  test.each<[bus: string, row: unknown, problems: readonly string[]]>([
    ['pci', 5, [': found 5, expected a pci row, an object']],
    ['pci', null, [': found null, expected a pci row, an object']],
    ['pci', { vendor: 0, device: '0xffffffff', class: '0' }, []],
    ['pci', { vendor: 0x100000000 }, [`/vendor: found 4294967296, expected ${number}`]],
    [
      'pci',
      { vendor: '12' },
      [
        `/vendor: found "12", expected ${number}; did you mean "0x12" (hexadecimal) or 12 (a JSON number, decimal; 0xc)?`,
      ],
    ],
    ['pci', { vendor: 'vfio' }, [`/vendor: found "vfio", expected ${number}`]],
    ['pci', { override_only: 'stub' }, []],
    ['pci', { override_only: 7 }, []],
    ['pci', { override_only: true }, [`/override_only: found true, expected ${override}`]],
    [
      'pci',
      { override_only: 'A' },
      [`/override_only: found "A", expected ${override}; did you mean "0xA" (hexadecimal)?`],
    ],
    ['mei', { uuid: GUID.toUpperCase() }, []],
    ['mei', { uuid: 5 }, [`/uuid: found 5, expected ${guid}`]],
    ['mei', { uuid: `x${GUID}` }, [`/uuid: found "x${GUID}", expected ${guid}`]],
    ['mei', { uuid: `${GUID}0` }, [`/uuid: found "${GUID}0", expected ${guid}`]],
    ['mei', { uuid: GUID.replace('-4455', '') }, [`/uuid: found "00112233-6677-8899-aabbccddeeff", expected ${guid}`]],
    ['pcmcia', { prod_id_hash: [1, null, '0x2', 0] }, []],
    [
      'pcmcia',
      { prod_id_hash: ['a', null, null, null] },
      [`/prod_id_hash/0: found "a", expected ${number}; did you mean "0xa" (hexadecimal)?`],
    ],
    ['pcmcia', { prod_id_hash: [1, 2, 3] }, ['/prod_id_hash: found an array of 3, expected an array of 4 items']],
    [
      'pnp_card',
      { id: 'CSC7532', devs: ['A', ''] },
      ['/devs/1: found "", expected a text of 1 to 8 bytes (one latin1 character each), none of them 0'],
    ],
    ['pnp_card', { id: 'CSC7532', devs: 'A' }, ['/devs: found "A", expected an array of at most 8 items']],
    ['dmi', dmi({ slot: 'DMI_SYS_VENDOR', substr: 'x', exact_match: false }), []],
    ['dmi', dmi({ slot: 127, substr: 'x'.repeat(79) }), []],
    ['dmi', dmi({ slot: 128, substr: 'x' }), [`/matches/0/slot: found 128, expected ${slot}`]],
    ['dmi', dmi({ slot: 4, substr: 'x', exact_match: 1 }), ['/matches/0/exact_match: found 1, expected true or false']],
    ['dmi', dmi(4), ['/matches/0: found 4, expected an object {slot, substr, exact_match}']],
    [
      'dmi',
      dmi({ slot: 4, substr: 'x', sub: 1 }),
      ["/matches/0/sub: found an unknown field 'sub', expected slot, substr, exact_match"],
    ],
    ['input', { evbit: [0x1f], swbit: [0x11] }, []],
    ['acpi', {}, [": found an object, expected a row with 'id', or with 'cls' and 'cls_msk'"]],
    ['acpi', { cls: 1, cls_msk: 1 }, []],
    ['mcb', {}, [": 'device' is missing; expected it here"]],
  ])('rowSchema of %s: %j', (bus, row, problems) => {
    expect(problemsOf(rowSchema(busNamed(bus)!), row)).toEqual(problems);
  });

  test('rowSchema has a title, and names the fields of which a row needs some', () => {
    const [pci, acpi] = ['pci', 'acpi'].map((name) => rowSchema(busNamed(name)!)) as [v.GenericSchema, v.GenericSchema];
    expect([pci, acpi].map((schema) => v.getTitle(schema))).toEqual(['row of a pci table', 'row of a acpi table']);
    expect(v.getMetadata(acpi)).toEqual({ needsOneOf: busNamed('acpi')!.oneOf });
  });
});
