import { describe, expect, test } from 'vitest';
import { generateAliases } from '../../../src/alias/generate.ts';
import { Reader } from '../../../src/binary/reader.ts';
import { buses, busNamed } from '../../../src/bus/buses.ts';
import { readRows, rowLayout, rowLayouts } from '../../../src/bus/define/read-rows.ts';
import { compareReleases, formatFirst, OLDEST_RELEASE, parseRelease } from '../../../src/release.ts';

const LP64 = { littleEndian: true, wordSize: 8, maxAlign: 8 } as const;
const ILP32 = { littleEndian: true, wordSize: 4, maxAlign: 4 } as const;

const release = parseRelease('5.10');

/** A table of these rows and a terminator. */
const table = (size: number, ...rows: readonly string[]) =>
  Buffer.concat([...rows.map((row) => Buffer.from(row.padEnd(size, '\0'), 'latin1')), Buffer.alloc(size)]);

describe('readRows', () => {
  const platform = busNamed('platform')!;

  test('readRows lets text that fills its array run on to the NUL behind it, as modpost does', () => {
    const row = `tgl_max98357a_rt5682h`;
    const rows = readRows(new Reader(table(24, row), ILP32, 'a.ko'), platform, { release });
    expect(rows).toEqual([{ name: row }]);
    const { aliases, diagnostics } = generateAliases([{ bus: platform, name: 'ids', rows }], { release });
    expect(aliases.map(({ alias }) => alias)).toEqual([`platform:${row}`]);
    expect(diagnostics).toMatchObject([{ code: 'text-without-end', severity: 'warning', row: 0 }]);
  });

  test('readRows does not let text run into a field that is read', () => {
    const rows = readRows(new Reader(table(200, `${'n'.repeat(32)}cpu`), LP64, 'a.ko'), busNamed('of')!, { release });
    expect(rows).toEqual([{ name: 'n'.repeat(32), type: 'cpu', compatible: '' }]);
  });

  test.each([
    ['not a multiple of the row', Buffer.alloc(47), 'table-size', /the platform table has 47 bytes.* 24 .* 5\.10/],
    ['nothing', Buffer.alloc(0), 'table-size', /0 bytes/],
    ['no terminator', Buffer.from('a'.padEnd(24, '\0')), 'table-terminator', /not all zeros/],
  ])('readRows refuses a table of %s', (_what, bytes, code, message) => {
    const read = () => readRows(new Reader(bytes, ILP32, 'a.ko', 64), platform, { release });
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ code, place: { file: 'a.ko', offset: expect.any(Number) } }));
  });

  test('readRows refuses more rows than any driver has before it makes them', () => {
    const read = () => readRows(new Reader(Buffer.alloc(1 << 25), ILP32, 'a.ko'), busNamed('mipscdmm')!, { release });
    expect(read).toThrow(/the mipscdmm table has 33554431 rows/);
  });

  test.each([
    [131_072, true],
    [131_073, false],
  ])('readRows reads 131,072 rows at most: of %i %j', (count, read) => {
    const rows = () => readRows(new Reader(Buffer.alloc(count + 1), ILP32, 'a.ko'), busNamed('mipscdmm')!, { release });
    if (read) expect(rows()).toHaveLength(count);
    else expect(rows).toThrow(expect.objectContaining({ code: 'too-big', place: { file: 'a.ko', offset: 0 } }));
  });

  test('readRows gives fields that the release did not have yet the value that says nothing', () => {
    const [row] = readRows(new Reader(table(32, '\x86\x80'), LP64, 'a.ko'), busNamed('pci')!, {
      release: parseRelease('5.14'),
    });
    expect(row).toMatchObject({ vendor: 0x8086, override_only: 0 });
    const [cdx] = readRows(new Reader(table(8, '\x01'), LP64, 'a.ko'), busNamed('cdx')!, { release });
    expect(cdx).toEqual(
      expect.objectContaining({ vendor: 1, subvendor: 0xffff, class: 0, class_mask: 0, override_only: 0 }),
    );
  });

  test('readRows of nothing but a terminator is no row', () => {
    expect(readRows(new Reader(Buffer.alloc(24), ILP32, 'a.ko'), platform, { release })).toEqual([]);
  });
});

test('readRows says what a table has and what a row would have', () => {
  const read =
    (size: number, ...set: number[]) =>
    () => {
      const bytes = Buffer.alloc(size);
      for (const at of set) bytes[at] = 1;
      return readRows(new Reader(bytes, ILP32, 'a.ko', 64), busNamed('platform')!, { release });
    };
  expect(read(25)).toThrow(
    'a.ko: offset 0x40: the platform table has 25 bytes, which is not a multiple of the 24 bytes of a row in 5.10; the module was built for another release or machine',
  );
  expect(read(48, 47)).toThrow(
    "a.ko: offset 0x58: the last row of the platform table is not all zeros; the driver's table has no terminator, or its rows have another size",
  );
  expect(read((131_073 + 1) * 24)).toThrow(
    'a.ko: offset 0x40: the platform table has 131073 rows; more than 131072 mean a damaged symbol table',
  );
});

test('rowLayout is made once for a bus, a machine and a release, and again for another of each', () => {
  const [i2c, spi] = [busNamed('i2c')!, busNamed('spi')!];
  const M68K = { littleEndian: false, wordSize: 4, maxAlign: 2 } as const;
  const same = rowLayout(i2c, LP64, release);
  expect(rowLayout(i2c, LP64, release)).toBe(same);
  for (const other of [
    rowLayout(spi, LP64, release),
    rowLayout(i2c, ILP32, release),
    rowLayout(i2c, LP64, parseRelease('6.1')),
  ])
    expect(other).not.toBe(same);
  const [acpi, later] = [busNamed('acpi')!, parseRelease('5.18')];
  expect([ILP32, M68K].map((abi) => rowLayout(acpi, abi, release).size)).toEqual([24, 22]);
  expect([LP64, ILP32].map((abi) => rowLayout(acpi, abi, later).size)).toEqual([32, 28]);
});

test('rowLayouts stand in the order of the releases, and begin with the oldest known', () => {
  for (const bus of buses) {
    const from = rowLayouts(bus, LP64).map((period) => period.from);
    expect(from).toEqual([...from].sort(compareReleases));
    expect(from[0]).toEqual(OLDEST_RELEASE);
    expect(new Set(from.map(formatFirst)).size).toBe(from.length);
  }
});

test('rowLayouts lists the releases at which a struct changed', () => {
  const sizes = (bus: string) =>
    rowLayouts(busNamed(bus)!, ILP32).map(({ from, layout }) => [formatFirst(from), layout.size]);
  expect(sizes('pci')).toEqual([
    ['5.10', 28],
    ['5.15', 32],
  ]);
  expect(sizes('cdx')).toEqual([
    ['5.10', 8],
    ['6.7', 20],
  ]);
  expect(sizes('ap')).toEqual([
    ['5.10', 8],
    ['7.3', 4],
  ]);
  expect(sizes('hid')).toEqual([['5.10', 16]]);
});
