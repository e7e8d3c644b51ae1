import { expect, test } from 'vitest';
import { bitmap, chars, guid, pointer, u8, u16, u32, ulong } from '../../../src/binary/ctype.ts';
import { busNamed } from '../../../src/bus/buses.ts';
import { type Form, formOf, numberForm, overrideForm } from '../../../src/bus/define/forms.ts';
import { always } from '../../../src/release-history.ts';

test.each([
  [1, 0xff, 2],
  [2, 0xffff, 4],
  [4, 0xffffffff, 4],
])(
  'numberForm of %i bytes: up to all bits, written with two digits a byte, four at least where there are more',
  (bytes, max, digits) => {
    expect(numberForm(bytes)).toEqual({ kind: 'number', max, digits, zero: 0 });
  },
);

test('overrideForm: a number of 32 bits, written as short as can be, or the name of a prefix', () => {
  expect(overrideForm).toEqual({ kind: 'number', max: 0xffffffff, digits: 1, overrides: true, zero: 0 });
  for (const bus of ['pci', 'cdx'])
    expect(busNamed(bus)?.fields.find(({ name }) => name === 'override_only')?.form).toBe(overrideForm);
});

test.each<[type: Parameters<typeof formOf>[0], form: Form]>([
  [u8, numberForm(1)],
  [u16, numberForm(2)],
  [u32, numberForm(4)],
  [ulong, numberForm(4)],
  [chars(8), { kind: 'text', length: always(8), most: 12, zero: '' }],
  [guid, { kind: 'guid', zero: '00000000-0000-0000-0000-000000000000' }],
  [bitmap(31), { kind: 'bits', max: always(31), zero: [] }],
])('formOf %j', (type, form) => {
  expect(formOf(type, 12)).toEqual(form);
});

test('formOf: what has no form of its kind is refused', () => {
  expect(() => formOf(pointer, 8)).toThrow('a field of kind unread needs a JSON form of its own');
});

test.each([
  ['dmi', 'matches', { kind: 'dmi-matches', length: 4, substr: 79, zero: [] }],
  ['pcmcia', 'prod_id_hash', { kind: 'hashes', length: 4, max: 0xffffffff, zero: [0, 0, 0, 0] }],
  ['pnp_card', 'devs', { kind: 'ids', length: 8, size: 8, zero: [] }],
])('buses: the form of %s: %s', (bus, name, form) => {
  expect(busNamed(bus)?.fields.find((field) => field.name === name)?.form).toEqual(form);
});
