import { describe, expect, test } from 'vitest';
import { busNamed } from '../../src/bus/buses.ts';
import type { Form } from '../../src/bus/define/forms.ts';
import { parseRelease } from '../../src/release.ts';
import { readForm, writeForm } from '../../src/tables/row-values.ts';

/** The form of a field. */
function form(bus: string, field: string): Form {
  return busNamed(bus)!.fields.find(({ name }) => name === field)!.form;
}

describe('readForm', () => {
  /** The value that is read, and what is refused of it. */
  function read(of: Form, json: unknown, release = '6.12', overridePrefixes?: ReadonlyMap<number, string>) {
    const refused: [string, readonly number[]][] = [];
    const options = { release: parseRelease(release), overridePrefixes };
    return [readForm(of, json, options, (message, at) => refused.push([message, at])), refused];
  }

  test('readForm takes bits once each, in order, and refuses those that the release does not have', () => {
    const bits = form('input', 'swbit');
    expect(read(bits, ['0x10', 3, 3, 0])).toEqual([[0, 3, 0x10], []]);
    expect(read(bits, [0x11], '6.16')).toEqual([[0x11], []]);
    const [, refused] = read(bits, [0, 0x11], '6.12');
    expect(refused).toEqual([['found 17, expected a number from 0 to 0x10', [1]]]);
  });

  test('readForm takes an override by number or by a known word, and names the words', () => {
    const override = form('pci', 'override_only');
    const prefixes = new Map([[2, 'stub']]);
    expect([5, '0x5', 'vfio', 'stub'].map((json) => read(override, json, '6.12', prefixes))).toEqual(
      [5, 5, 1, 2].map((flag) => [flag, []]),
    );
    const [value, refused] = read(override, 'stab', '6.12', prefixes);
    expect([value, refused]).toEqual([
      0,
      [['found "stab", expected a number from 0 to 0xffffffff or one of vfio, stub', []]],
    ]);
  });

  test('readForm takes a slot by its name or its number', () => {
    const matches = ['DMI_SYS_VENDOR', 4, '0x4'].map((slot) => ({ slot, substr: 'x' }));
    const slots = read(form('dmi', 'matches'), matches)[0] as readonly { slot: number }[];
    expect(slots.map(({ slot }) => slot)).toEqual([6, 4, 4]);
  });
});

describe('writeForm', () => {
  test('writeForm writes an override by its word where all know that, else as a number', () => {
    expect([0, 1, 2].map((flag) => writeForm(form('pci', 'override_only'), flag))).toEqual([0, 'vfio', '0x2']);
  });

  test('writeForm writes hashes with all their digits, and other numbers with those of their size', () => {
    expect(writeForm(form('pcmcia', 'prod_id_hash'), [0, 5])).toEqual(['0x00000000', '0x00000005']);
    expect(writeForm(form('usb', 'idVendor'), 5)).toBe('0x0005');
  });

  test('writeForm ends ids at the first empty one', () => {
    const devs = form('pnp_card', 'devs');
    const ids = (...names: string[]) =>
      writeForm(
        devs,
        names.map((id) => ({ id })),
      );
    expect([ids('A', 'B'), ids('A', '', 'B'), ids('')]).toEqual([['A', 'B'], ['A'], []]);
  });

  test('writeForm leaves out the slots of dmi that match nothing, and says only of the others that they match exactly', () => {
    const match = (slot: number, exact_match: number) => ({ slot, substr: 'x', exact_match });
    expect(writeForm(form('dmi', 'matches'), [match(0, 1), match(6, 1), match(127, 0)])).toEqual([
      { slot: 'DMI_SYS_VENDOR', substr: 'x', exact_match: true },
      { slot: 127, substr: 'x' },
    ]);
  });
});
