import { describe, expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { Elf } from '../../src/binary/elf.ts';
import { memorySource } from '../../src/binary/source.ts';
import { busNamed } from '../../src/bus/buses.ts';
import { rowLayout } from '../../src/bus/define/read-rows.ts';
import type { ModaliasError } from '../../src/errors.ts';
import { extractTables } from '../../src/module/extract-tables.ts';
import { modinfoStrings } from '../../src/module/modinfo.ts';
import { findTables } from '../../src/module/table-symbols.ts';
import { parseRelease } from '../../src/release.ts';
import { type ElfMachineName, elfMachines } from '../support/elf-machines.ts';
import { type ModuleSpec, type ModuleTable, writeModule } from '../support/module-object.ts';
import { type MemoryValue, structBytes } from '../support/struct-writer.ts';
import { tableSymbol } from '../support/table-symbol.ts';

type Values = Record<string, MemoryValue>;

/** The bytes of a table as a release lays it out, terminator included. */
function tableBytes(bus: string, rows: readonly Values[], release: string, machine: ElfMachineName = 'amd64') {
  const on = { abi: elfMachines[machine].abi, release: parseRelease(release) };
  const layout = rowLayout(busNamed(bus)!, on.abi, on.release);
  return Buffer.concat([...rows, {}].map((row) => structBytes(layout, row, on)));
}

const named = (release: string, bus: string, table: string) => tableSymbol(parseRelease(release), 'test', bus, table);

function extract(
  tables: readonly ModuleTable[],
  {
    vermagic,
    kernel,
    machine = 'amd64',
    ...more
  }: Partial<Omit<ModuleSpec, 'machine'>> & { vermagic?: string; kernel?: string; machine?: ElfMachineName } = {},
) {
  const modinfo = vermagic === undefined ? [] : [`vermagic=${vermagic} SMP mod_unload`];
  const bytes = writeModule({ modinfo, tables, ...more, machine: elfMachines[machine] });
  const elf = new Elf(memorySource(bytes, 'test.ko'));
  const read = extractTables(elf, modinfoStrings(elf), { release: kernel });
  const made = generateAliases(read.tables, { release: read.release });
  return {
    kernel: read.kernel,
    aliases: made.aliases.map(({ alias }) => alias),
    codes: read.diagnostics.map(({ code }) => code),
  };
}

function failure(run: () => unknown): ModaliasError {
  try {
    run();
  } catch (error) {
    return error as ModaliasError;
  }
  throw new Error('it did not fail');
}

const ids = [{ name: 'one', driver_data: 7 }, { name: 'two' }];
const symbol = (release: string, bus = 'platform') => named(release, bus, 'ids');

describe.each(Object.keys(elfMachines) as ElfMachineName[])('extractTables on %s', (machine) => {
  test.each(['5.10', '6.12', '6.13', '6.17', '6.18', '7.2'])('reads a table of %s', (release) => {
    const table = { symbol: symbol(release), content: tableBytes('platform', ids, release, machine) };
    const read = extract([table], { vermagic: `${release}.3`, machine });
    expect(read).toEqual({ kernel: `${release}.3`, aliases: ['platform:one', 'platform:two'], codes: [] });
  });
});

test('extractTables reads several tables, in the symbol table’s order', () => {
  const tables = [
    {
      symbol: symbol('6.12', 'pnp_card'),
      content: tableBytes('pnp_card', [{ id: 'CSC7532', devs: [{ id: 'CSC0000' }] }], '6.12'),
    },
    { symbol: symbol('6.12', 'spi'), content: tableBytes('spi', ids, '6.12') },
  ];
  expect(extract(tables, { vermagic: '6.12.0' }).aliases).toEqual(
    ['pnp:dCSC0000*', 'acpi*:CSC0000:*', 'spi:one', 'spi:two'].slice(0, 4),
  );
});

test('extractTables takes a table in .bss for zeros: all rows but the last', () => {
  const size = tableBytes('i2c', [], '6.12').length;
  const of = (rows: number) => [{ symbol: symbol('6.12', 'i2c'), content: { zeros: size * rows } }];
  expect(extract(of(1), { vermagic: '6.12.0' }).aliases).toEqual([]);
  expect(extract(of(3), { vermagic: '6.12.0' }).aliases).toEqual(['i2c:', 'i2c:']);
});

test('extractTables: Rust puts a line number before the module', () => {
  const content = tableBytes('platform', ids, '7.2');
  const rust = { symbol: '__mod_device_table__24__kmod_qt2025__platform__TABLE', content };
  expect(extract([rust], { vermagic: '7.2.1' })).toMatchObject({
    codes: [],
    aliases: ['platform:one', 'platform:two'],
  });
});

test('extractTables skips symbols that are no table, and names types that it does not know', () => {
  const content = tableBytes('platform', ids, '6.12');
  const read = extract(
    ['__mod_platform', '__mod_x_device_table', '__mod_memstick__a_device_table', '__mod_newbus__b_device_table'].map(
      (name) => ({
        symbol: name,
        content,
      }),
    ),
    {
      vermagic: '6.12.0',
      symbols: [
        { name: symbol('6.12'), type: 'object', size: 64 },
        { name: symbol('6.12', 'spi'), section: '.text', type: 'func', size: 64 },
      ],
    },
  );
  expect(read).toEqual({ kernel: '6.12.0', aliases: [], codes: ['unknown-bus'] });
});

describe('extractTables decides by evidence', () => {
  test('a size that fits another release only: that one, with a diagnostic', () => {
    const content = tableBytes('platform', [ids[0]!], '7.2', 'i386');
    const read = extract([{ symbol: symbol('6.12'), content }], { vermagic: '6.12.0', machine: 'i386' });
    expect(read).toEqual({ kernel: '6.12.0', aliases: ['platform:one'], codes: ['layout-of-other-release'] });
  });

  test('an ambiguous size: the vermagic’s', () => {
    const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name }));
    const content = tableBytes('platform', rows, '6.12', 'i386');
    expect(content.length % tableBytes('platform', [], '7.2', 'i386').length).toBe(0);
    const read = extract([{ symbol: symbol('6.12'), content }], { vermagic: '6.12.0', machine: 'i386' });
    expect(read).toMatchObject({ aliases: rows.map(({ name }) => `platform:${name}`), codes: [] });
  });

  test('an ambiguous size without vermagic: an error that names module, table and sizes', () => {
    const content = tableBytes(
      'platform',
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name })),
      '6.12',
      'i386',
    );
    const error = failure(() => extract([{ symbol: symbol('6.16'), content }], { machine: 'i386' }));
    expect(error).toMatchObject({ code: 'table-ambiguous', place: { file: 'test.ko', offset: expect.any(Number) } });
    expect(error.problems[0]).toMatchObject({ table: 'ids' });
    expect(error.message).toMatch(
      /168 bytes is ambiguous: it fits the structs of 5\.10 and 6\.16, .*24 from 5\.10, 28 from 6\.16.*--kernel/,
    );
    expect(extract([{ symbol: symbol('6.16'), content }], { machine: 'i386', kernel: '6.15' }).aliases[5]).toBe(
      'platform:f',
    );
  });

  test('padding that is not zero: the release in which a field stands there', () => {
    const content = tableBytes('platform', [{ name: 'twenty-two-characters-' }], '7.2');
    const read = extract([{ symbol: symbol('6.12'), content }], { vermagic: '6.12.0' });
    expect(read).toMatchObject({ aliases: ['platform:twenty-two-characters-'], codes: [] });
  });

  test('the symbol’s spelling outweighs the vermagic', () => {
    const content = tableBytes('typec', [{ svid: 0xff01, mode: 1 }], '6.18');
    const at = (release: string, vermagic: string) =>
      extract([{ symbol: symbol(release, 'typec'), content }], { vermagic });
    expect(at('6.18', '5.14.0-503.el9')).toEqual({
      kernel: '6.18',
      aliases: ['typec:idFF01'],
      codes: ['spelling-of-other-release'],
    });
    expect(at('6.12', '6.18.0')).toEqual({
      kernel: '6.12',
      aliases: ['typec:idFF01m01'],
      codes: ['spelling-of-other-release'],
    });
  });

  test('a kernel that the caller names outweighs everything', () => {
    const content = tableBytes('typec', [{ svid: 0xff01, mode: 1 }], '6.18');
    const read = extract([{ symbol: symbol('6.18', 'typec'), content }], { vermagic: '6.18.0', kernel: '6.1' });
    expect(read).toEqual({ kernel: '6.1', aliases: ['typec:idFF01m01'], codes: [] });
    const other = tableBytes('platform', ids, '7.2', 'i386');
    expect(
      failure(() => extract([{ symbol: symbol('7.2'), content: other }], { kernel: '6.12', machine: 'i386' })).code,
    ).toBe('table-size');
  });

  test('a newer release than any known: a diagnostic; an older one: an error', () => {
    const newer = extract([{ symbol: symbol('7.2'), content: tableBytes('platform', ids, '7.2') }], {
      vermagic: '9.1.0',
    });
    expect(newer).toMatchObject({ kernel: '9.1.0', codes: ['newer-release'] });
    const old = [{ symbol: symbol('5.10'), content: tableBytes('platform', ids, '5.10') }];
    expect(failure(() => extract(old, { vermagic: '4.19.0' }))).toMatchObject({
      code: 'bad-release',
      place: { file: 'test.ko' },
    });
    expect(extract(old, { vermagic: '4.19.0', kernel: '5.10' }).aliases).toHaveLength(2);
  });
});

test.each<[what: string, content: ModuleTable['content'], message: RegExp]>([
  [
    'a size that fits nothing',
    new Uint8Array(33),
    /table of 33 bytes fits no known struct \(a row has 32 from 5\.10\)/,
  ],
  ['no terminator', Buffer.alloc(64, 1), /no terminating row of zeros/],
  ['no bytes', new Uint8Array(0), /table of 0 bytes/],
])('extractTables refuses %s, naming the table', (_, content, message) => {
  const error = failure(() => extract([{ symbol: symbol('6.12'), content }], { vermagic: '6.12.0' }));
  expect(error).toMatchObject({ code: 'table-size', problems: [{ table: 'ids', file: 'test.ko' }] });
  expect(error.message).toMatch(message);
});

test('extractTables reports every broken table at once', () => {
  const tables = ['spi', 'platform'].map((bus) => ({ symbol: symbol('6.12', bus), content: new Uint8Array(5) }));
  expect(failure(() => extract(tables, { vermagic: '6.12.0' })).problems).toHaveLength(2);
});

test('extractTables refuses a .bss table of 4 GiB and tables that overlap without end', () => {
  const huge = { symbol: symbol('6.12', 'i2c'), content: { zeros: 33 * 1024 * 1024 } };
  expect(failure(() => extract([huge], { vermagic: '6.12.0' })).code).toBe('too-big');
  const tables = (zeros: number) => {
    const bytes = writeModule({ machine: elfMachines.amd64, tables: [{ ...huge, content: { zeros } }] });
    return () => findTables(new Elf(memorySource(bytes, 'test.ko')));
  };
  expect(tables(33_554_432)()).toHaveLength(1);
  expect(tables(33_554_433)).toThrow(/to 1 tables of 33554433 bytes; the symbol table is damaged/);
  const symbols = Array.from({ length: 5000 }, (_, i) => ({
    name: named('6.12', 'i2c', `t${i}`),
    section: '.text',
    type: 'object' as const,
  }));
  const most = failure(() => extract([], { vermagic: '6.12.0', symbols }));
  expect([most.code, most.message]).toEqual(['too-big', expect.stringContaining('to 4097 tables of 0 bytes')]);
});

describe('extractTables uses the point in the vermagic', () => {
  const content = tableBytes('input', [{ flags: 0x40, relbit: [0, 15] }], '6.1');

  test.each([
    ['6.1.123-amd64', 'input:b*v*p*e*-e*k*r*0,*a*m*l*s*f*w*'],
    ['6.1.124', 'input:b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*'],
    ['6.1.0', 'input:b*v*p*e*-e*k*r*0,*a*m*l*s*f*w*'],
    ['6.1.0-56-amd64', 'input:b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*'],
  ])('%s', (vermagic, alias) => {
    const read = extract([{ symbol: symbol('6.1', 'input'), content }], { vermagic });
    expect(read).toEqual({ kernel: vermagic, aliases: [alias], codes: [] });
  });

  test('a table of a type that came later is read, and makes no aliases', () => {
    const slim = tableBytes('slim', [{ manf_id: 0x217, prod_code: 0x60 }], '6.12');
    const table = { symbol: symbol('6.1', 'slim'), content: slim };
    expect(extract([table], { vermagic: '6.1.0-56-amd64' })).toMatchObject({ aliases: [], codes: [] });
    expect(extract([table], { vermagic: '6.1.0-56-amd64', kernel: '6.12' }).aliases).toEqual(['slim:217:60:*']);
  });
});

test('extractTables: of table symbols in several spellings the newest decides, from its first release on', () => {
  const table = (release: string, name = 'ids') => ({
    symbol: named(release, 'platform', name),
    content: tableBytes('platform', ids, '6.12'),
  });
  const codes = (vermagic: string | undefined, ...releases: readonly string[]) =>
    extract(
      releases.map((release, i) => table(release, `t${i}`)),
      vermagic === undefined ? {} : { vermagic },
    ).codes;
  for (const release of ['6.12', '6.13.0', '6.17', '6.18.0'])
    expect([release, codes(release, release)]).toEqual([release, []]);
  expect(codes('6.17.0', '6.18')).toEqual(['spelling-of-other-release']);
  expect(codes('6.13.0', '6.12')).toEqual(['spelling-of-other-release']);
  expect(codes('6.13.0', '6.12', '6.13')).toEqual([]);
  expect(codes('6.12', '6.12', '6.13')).toEqual(['spelling-of-other-release']);
  expect([codes(undefined), codes(undefined, '6.12')]).toEqual([[], ['no-vermagic']]);
});

test('extractTables warns of a table of an unknown type, not of one that makes no aliases', () => {
  const of = (bus: string) =>
    extract([{ symbol: named('6.12', bus, 'ids'), content: new Uint8Array(8) }], { vermagic: '6.12.0' }).codes;
  expect([of('peci'), of('acme')]).toEqual([[], ['unknown-bus']]);
});

test('findTables leaves out a table whose section is not in the file', () => {
  const bytes = writeModule({
    machine: elfMachines.amd64,
    tables: [{ symbol: symbol('6.12'), content: new Uint8Array(8) }],
  });
  const tables = (section: number) => {
    const { offset, size } = new Elf(memorySource(bytes, 'test.ko')).section('.symtab')!;
    const moved = Buffer.from(bytes);
    for (let at = offset; at < offset + size; at += 24) moved.writeUInt16LE(section, at + 6);
    return findTables(new Elf(memorySource(moved, 'test.ko'))).length;
  };
  const { sectionCount } = new Elf(memorySource(bytes, 'test.ko'));
  expect([tables(0), tables(1), tables(sectionCount), tables(200)]).toEqual([0, 1, 0, 0]);
});
