import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateAliases } from '../../../src/alias/generate.ts';
import type { Abi } from '../../../src/binary/abi.ts';
import { Reader } from '../../../src/binary/reader.ts';
import { buses, busNamed } from '../../../src/bus/buses.ts';
import { completeRow, type JsonRow, toJsonRow } from '../../../src/bus/define/json-row.ts';
import { readRows, rowLayout } from '../../../src/bus/define/read-rows.ts';
import type { ModaliasError } from '../../../src/errors.ts';
import { parseRelease } from '../../../src/release.ts';

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
    ['mdio', { phy_id: '5555' }, { phy_id: 5555, phy_id_mask: 0xffffffff }],
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
        "/vednor: unknown field 'vednor'; rows of pci have vendor, device, subvendor, subdevice, class, class_mask, override_only",
        "/driver_data: no alias depends on 'driver_data'; leave it out; rows of pci have vendor, device, subvendor, subdevice, class, class_mask, override_only",
        '/vendor: pci vendor: "0x100000000" found, wanted a number from 0 to 0xffffffff',
        '/device: pci device: -1 found, wanted a number from 0 to 0xffffffff',
      ],
    ],
    ['pci', { vendor: '0x' }, ['/vendor: pci vendor: "0x" found, wanted a number from 0 to 0xffffffff']],
    ['pci', { vendor: '017' }, ['/vendor: pci vendor: "017" found, wanted a number from 0 to 0xffffffff']],
    ['pci', { vendor: 1.5 }, ['/vendor: pci vendor: 1.5 found, wanted a number from 0 to 0xffffffff']],
    ['pci', { vendor: null }, ['/vendor: pci vendor: null found, wanted a number from 0 to 0xffffffff']],
    [
      'pci',
      { override_only: 'vifo' },
      ['/override_only: pci override_only: "vifo" found, wanted a number from 0 to 0xffffffff or one of vfio'],
    ],
    ['ap', {}, [": 'dev_type' is missing; rows of ap need it, there is no value that means any"]],
    ['acpi', { cls: 1 }, [': rows of acpi need id, or cls and cls_msk']],
    [
      'i2c',
      { name: 'a'.repeat(33) },
      [`/name: i2c name: "${'a'.repeat(33)}" found, wanted a text of at most 32 bytes, none of them 0`],
    ],
    ['i2c', { name: '\u0100' }, ['/name: i2c name: "\u0100" found, wanted a text of at most 32 bytes, none of them 0']],
    [
      'mei',
      { uuid: '12f80028' },
      ['/uuid: mei uuid: "12f80028" found, wanted a GUID such as "00112233-4455-6677-8899-aabbccddeeff"'],
    ],
    ['input', { evbit: [32] }, ['/evbit: input evbit: 32 found, wanted a number from 0 to 0x1f']],
    ['input', { evbit: 1 }, ['/evbit: input evbit: 1 found, wanted an array of at most 32 items']],
    ['pcmcia', { prod_id_hash: [1] }, ['/prod_id_hash: pcmcia prod_id_hash: [1] found, wanted an array of 4 items']],
    ['pnp_card', { devs: [''] }, ['/devs: pnp_card devs: "" found, wanted an id']],
    [
      'dmi',
      { matches: [{ slot: 'DMI_WRONG', substr: '' }] },
      ['/matches: dmi matches: "DMI_WRONG" found, wanted a slot of enum dmi_field, such as "DMI_SYS_VENDOR"'],
    ],
  ])('%s %j: every problem is told', (bus, row, problems) => {
    expect(problemsOf(bus, row)).toEqual(problems);
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
        (problem, i) => problem.startsWith(pointers[i]!) && problem.includes(`with ${from}, these are for ${before}`),
      ),
    ).toEqual(pointers.map(() => true));
    expect(problemsOf(bus, row, from)).toEqual([]);
    expect(problemsOf(bus, { vendor: 1, device: 2, override_only: 0 }, before)).toEqual([]);
  },
);
