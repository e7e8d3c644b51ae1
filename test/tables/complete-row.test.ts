import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import type { Abi } from '../../src/binary/abi.ts';
import { Reader } from '../../src/binary/reader.ts';
import { buses, busNamed } from '../../src/bus/buses.ts';
import { readRows, rowLayout } from '../../src/bus/define/read-rows.ts';
import type { ModaliasError } from '../../src/errors.ts';
import { parseRelease } from '../../src/release.ts';
import { completeRow, type JsonRow, toJsonRow } from '../../src/tables/complete-row.ts';
import { parseTablesPartial } from '../../src/tables/read-tables.ts';

const ABIS: readonly Abi[] = [
  { littleEndian: true, wordSize: 8, maxAlign: 8 },
  { littleEndian: false, wordSize: 8, maxAlign: 8 },
  { littleEndian: true, wordSize: 4, maxAlign: 4 },
  { littleEndian: false, wordSize: 4, maxAlign: 2 },
];
const RELEASES = ['5.10', '6.1', '6.12', '7.2', '7.3'].map(parseRelease);

/** What completeRow says is wrong with a row: pointers and messages. */
function problemsOf(bus: string, row: JsonRow, release = '7.2'): string[] {
  try {
    completeRow(busNamed(bus)!, row, { release: parseRelease(release) });
    return [];
  } catch (error) {
    return (error as ModaliasError).problems.map(({ pointer, message }) => `${pointer}: ${message}`);
  }
}

describe('toJsonRow', () => {
  test.each(buses.map((bus) => [bus.name, bus] as const))(
    '%s: completeRow makes the same row of it again',
    (_name, bus) => {
      const anyTable = fc.tuple(fc.constantFrom(...ABIS), fc.constantFrom(...RELEASES)).chain(([abi, release]) => {
        const { size } = rowLayout(bus, abi, release);
        const byte = fc.oneof(fc.constant(0), fc.constant(0xff), fc.integer({ min: 0, max: 255 }));
        return fc.tuple(fc.constant(abi), fc.constant(release), fc.array(byte, { minLength: size, maxLength: size }));
      });
      fc.assert(
        fc.property(anyTable, ([abi, release, row]) => {
          const table = Uint8Array.from([...row, ...row.map(() => 0)]);
          const [before] = readRows(new Reader(table, abi, 'test.ko'), bus, { release });
          const json = toJsonRow(bus, before!);
          const after = completeRow(bus, JSON.parse(JSON.stringify(json)), { release });
          expect(toJsonRow(bus, after)).toEqual(json);
          expect(generateAliases([{ bus, name: 'ids', rows: [after] }], { release })).toEqual(
            generateAliases([{ bus, name: 'ids', rows: [before!] }], { release }),
          );
        }),
        { numRuns: 100 },
      );
    },
  );

  test('toJsonRow writes every field that an alias depends on, zeros and any values too', () => {
    const bus = busNamed('pci')!;
    expect(toJsonRow(bus, completeRow(bus, { vendor: '0x15b3', override_only: 1 }, { release: '6.12' }))).toEqual({
      vendor: '0x15b3',
      device: '0xffffffff',
      subvendor: '0xffffffff',
      subdevice: '0xffffffff',
      class: '0x0000',
      class_mask: '0x0000',
      override_only: 'vfio',
    });
  });
});

describe('completeRow', () => {
  test.each<[bus: string, row: JsonRow, filled: Record<string, unknown>]>([
    ['pci', { class: 0 }, { class: 0, class_mask: 0xffffff, vendor: 0xffffffff }],
    ['pci', { class: 0, class_mask: '0xff0000' }, { class_mask: 0xff0000 }],
    ['pci', {}, { class: 0, class_mask: 0, override_only: 0 }],
    ['cdx', { class: 5 }, { class_mask: 0xffffff, vendor: 0xffff }],
    ['amba', { id: 1 }, { mask: 0xffffffff }],
    ['mdio', { phy_id: 5555 }, { phy_id: 5555, phy_id_mask: 0xffffffff }],
    ['usb', { idVendor: 0, bcdDevice_lo: 0 }, { match_flags: 0x0005 }],
    ['usb', { bcdDevice_hi: 1, bInterfaceNumber: 0 }, { match_flags: 0x0408 }],
    ['usb', { idVendor: 1, match_flags: 2 }, { match_flags: 2, idVendor: 1, idProduct: 0 }],
    ['pcmcia', { prod_id_hash: [null, 5, null, 0] }, { match_flags: 0xa0, prod_id_hash: [0, 5, 0, 0] }],
    ['input', { evbit: [3, 1, 3], version: 0 }, { flags: 0x18, evbit: [1, 3], keybit: [] }],
    ['tbsvc', { protocol_key: '' }, { match_flags: 1 }],
    ['i3c', { dcr: 0, part_id: 0 }, { match_flags: 5 }],
    ['ssam', { domain: 0, category: 0, instance: 0 }, { match_flags: 2 }],
    ['acpi', { id: 'A' }, { cls: 0, cls_msk: 0 }],
    [
      'dmi',
      { matches: [{ slot: 'DMI_BIOS_DATE', substr: 'x' }] },
      { matches: [{ slot: 3, exact_match: 0, substr: 'x' }] },
    ],
  ])('%s %j: what is left out is filled in', (bus, row, filled) => {
    expect(completeRow(busNamed(bus)!, row, { release: '7.2' })).toMatchObject(filled);
  });

  const pci = busNamed('pci')!;
  const any = completeRow as (...args: readonly unknown[]) => unknown;

  test.each([
    [[undefined], 'bus: found undefined'],
    [[pci, undefined], 'json: found undefined'],
    [[pci, {}, undefined], 'options: found undefined'],
  ])('completeRow says which argument is not one: %j', (args, message) => {
    expect(() => any(...args)).toThrow(message);
    const written = toJsonRow as typeof any;
    if (args.length < 3) expect(() => written(...args)).toThrow(message.replace('json', 'row'));
  });

  test('completeRow throws the first problem with its place, and all of them by code', () => {
    const refused = (row: JsonRow, release: string) => {
      try {
        return completeRow(pci, row, { release });
      } catch (error) {
        const { code, place, problems } = error as ModaliasError;
        return { code, place, problems: problems.map((problem) => [problem.code, problem.severity, problem.pointer]) };
      }
    };
    expect(refused({ vendor: '0x', override_only: 'vifo' }, '6.12')).toEqual({
      code: 'bad-row',
      place: { pointer: '/vendor' },
      problems: [['bad-value', 'error', '/vendor']],
    });
    expect(refused({ override_only: 'vifo' }, '6.12')).toMatchObject({
      problems: [['bad-value', 'error', '/override_only']],
    });
    expect(refused({ override_only: 'vfio' }, '5.14')).toMatchObject({
      problems: [['field-too-new', 'error', '/override_only']],
    });
  });

  test('completeRow sets no flag for an array of which it knows nothing but that it is there', () => {
    expect(
      completeRow(busNamed('pcmcia')!, { prod_id_hash: [null, null, null, null] }, { release: '7.2' }),
    ).toMatchObject({
      match_flags: 0,
    });
  });

  test('completeRow knows override_only by the names of the prefixes', () => {
    const options = { release: '6.12', overridePrefixes: new Map([[2, 'stub']]) };
    expect(completeRow(busNamed('pci')!, { override_only: 'stub' }, options)).toMatchObject({ override_only: 2 });
    expect(completeRow(busNamed('cdx')!, { override_only: 'vfio' }, options)).toMatchObject({ override_only: 1 });
  });

  test.each<[bus: string, row: JsonRow, problems: readonly string[]]>([
    [
      'pci',
      { vednor: 1, driver_data: 0, vendor: '0x100000000', device: -1 },
      [
        '/vendor: found "0x100000000", expected a number from 0 to 0xffffffff',
        '/device: found -1, expected a number from 0 to 0xffffffff',
        "/vednor: found an unknown field 'vednor', expected vendor, device, subvendor, subdevice, class, class_mask, override_only; did you mean 'vendor'?",
        "/driver_data: found 'driver_data', on which no alias depends; remove it",
      ],
    ],
    ['pci', { vendor: '0x' }, ['/vendor: found "0x", expected a number from 0 to 0xffffffff']],
    ['pci', { vendor: 1.5 }, ['/vendor: found 1.5, expected a number from 0 to 0xffffffff']],
    ['pci', { vendor: null }, ['/vendor: found null, expected a number from 0 to 0xffffffff']],
    [
      'pci',
      { override_only: 'vifo' },
      ['/override_only: found "vifo", expected a number from 0 to 0xffffffff or one of vfio'],
    ],
    ['ap', {}, [": 'dev_type' is missing; expected it here: no value of it means any in rows of ap"]],
    ['acpi', { cls: 1 }, [": found an object, expected a row with 'id', or with 'cls' and 'cls_msk'"]],
    [
      'i2c',
      { name: 'a'.repeat(33) },
      [
        `/name: found "${'a'.repeat(33)}", expected a text of at most 32 bytes (one latin1 character each), none of them 0`,
      ],
    ],
    [
      'mei',
      { uuid: '12f80028' },
      ['/uuid: found "12f80028", expected a GUID such as 00112233-4455-6677-8899-aabbccddeeff'],
    ],
    ['input', { evbit: [1, 32] }, ['/evbit/1: found 32, expected a number from 0 to 0x1f']],
    ['input', { evbit: 1 }, ['/evbit: found 1, expected an array of at most 32 items']],
    ['pcmcia', { prod_id_hash: [1] }, ['/prod_id_hash: found an array of 1, expected an array of 4 items']],
    [
      'dmi',
      { matches: [{ slot: 'DMI_WRONG', substr: '' }] },
      ['/matches/0/slot: found "DMI_WRONG", expected a number from 0 to 0x7f or a name such as \'DMI_SYS_VENDOR\''],
    ],
  ])('%s %j: every problem is reported', (bus, row, problems) => {
    expect(problemsOf(bus, row)).toEqual(problems);
  });

  test.each([
    ['5.14.21', ["/override_only: rows of pci have 'override_only' since 5.15, but these are for 5.14.21; "]],
    ['5.15.0', []],
  ])('completeRow takes a field from the first release on that has it: %s', (release, problems) => {
    const told = problemsOf('pci', { vendor: 1, override_only: 1 }, release);
    expect(told.map((problem) => problem.slice(0, problem.indexOf('remove')))).toEqual(problems);
  });

  test.each<[bus: string, field: string, most: number, item: unknown]>([
    ['pnp_card', 'devs', 8, 'CSC0000'],
    ['dmi', 'matches', 4, { slot: 'DMI_SYS_VENDOR', substr: 'x' }],
    ['input', 'evbit', 32, 1],
    ['pcmcia', 'prod_id_hash', 4, 1],
  ])(
    'completeRow takes an array of %s that is exactly full, and not one item more: %s, %i',
    (bus, field, most, item) => {
      const row = (length: number) => ({
        ...(bus === 'pnp_card' ? { id: 'CSC7532' } : {}),
        [field]: Array.from({ length }, () => item),
      });
      expect(problemsOf(bus, row(most))).toEqual([]);
      expect(problemsOf(bus, row(most + 1))).toEqual([
        expect.stringMatching(
          new RegExp(`^/${field}: found an array of ${most + 1}, expected an array of .*${most} items$`),
        ),
      ]);
    },
  );

  test('completeRow tells the same of a row as parseTables does, in the same words', () => {
    const row = { vednor: 1, vendor: '8086', device: -1, override_only: 'vifo' };
    const read = parseTablesPartial(JSON.stringify({ module: 'a', tables: [{ bus: 'pci', rows: [row] }] }));
    const told = read.flatMap(({ diagnostics }) => diagnostics.map(({ pointer, message }) => `${pointer}: ${message}`));
    expect(told.sort()).toEqual(
      problemsOf('pci', row)
        .map((problem) => `/tables/0/rows/0${problem}`)
        .sort(),
    );
  });

  test.each<[value: string, max: string, readings: string]>([
    ['8086', '0xffffffff', '"0x8086" (hexadecimal) or 8086 (a JSON number, decimal; 0x1f96)'],
    ['046d', '0xffffffff', '"0x046d" (hexadecimal)'],
    ['017', '0xffffffff', '"0x017" (hexadecimal) or 17 (a JSON number, decimal; 0x11)'],
    ['4294967296', '0xffffffff', ''],
    ['100000000', '0xffffffff', '100000000 (a JSON number, decimal; 0x5f5e100)'],
  ])('a string of digits without 0x is refused with its readings: %s', (vendor, max, readings) => {
    const offer = readings && `; did you mean ${readings}?`;
    expect(problemsOf('pci', { vendor })).toEqual([
      `/vendor: found "${vendor}", expected a number from 0 to ${max}${offer}`,
    ]);
  });

  test('a string of digits without 0x is refused in lists, slots and flags too; "0", 0x and numbers are taken', () => {
    expect(problemsOf('pcmcia', { prod_id_hash: ['5', null, null, null] })).toHaveLength(1);
    expect(problemsOf('input', { evbit: ['1'] })).toHaveLength(1);
    expect(problemsOf('dmi', { matches: [{ slot: '5', substr: 'x' }] })).toHaveLength(1);
    expect(problemsOf('pci', { override_only: '1' })).toEqual([
      '/override_only: found "1", expected a number from 0 to 0xffffffff or the name of an override prefix, such as vfio; did you mean "0x1" (hexadecimal) or 1 (a JSON number, decimal; 0x1)?',
    ]);
    expect(problemsOf('pci', { vendor: '0', device: '0x1', class: 8086, override_only: '0' })).toEqual([]);
  });
});

test.each([
  ['pci', { vendor: 1, device: 2, override_only: 1 }, '5.14', ['/override_only: '], '5.15'],
  ['cdx', { vendor: 1, device: 2, class: 3, subvendor: 4 }, '6.6', ['/subvendor: ', '/class: '], '6.7'],
] as const)(
  'completeRow refuses what %s rows did not have yet, and takes it where it says nothing',
  (bus, row, before, pointers, from) => {
    const problems = problemsOf(bus, row, before);
    expect(
      problems.map(
        (problem, i) =>
          problem.startsWith(pointers[i]!) && problem.includes(`since ${from}, but these are for ${before}`),
      ),
    ).toEqual(pointers.map(() => true));
    expect(problemsOf(bus, row, from)).toEqual([]);
    expect(problemsOf(bus, { vendor: 1, device: 2, override_only: 0 }, before)).toEqual([]);
  },
);
