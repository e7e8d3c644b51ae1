import { describe, expect, test } from 'vitest';
import { Elf } from '../../src/binary/elf.ts';
import { memorySource } from '../../src/binary/source.ts';
import { ModaliasError } from '../../src/errors.ts';
import { elfMachines } from '../support/elf-machines.ts';
import { writeModule } from '../support/module-object.ts';

const elf = (bytes: Uint8Array) => new Elf(memorySource(bytes, 'x.ko'));
const table = new Uint8Array([1, 2, 3, 4]);

describe.each(Object.entries(elfMachines))('Elf on %s', (_, machine) => {
  const module = elf(
    writeModule({
      machine,
      tables: [
        { symbol: '__mod_a', content: table },
        { symbol: '__mod_b', content: { zeros: 40 }, bind: 'local' },
      ],
    }),
  );

  test('knows word size, byte order and alignment', () => {
    expect(module.abi).toEqual(machine.abi);
    expect(module.machine).toBe(machine.machine);
    expect(module.type).toBe(1);
  });

  test('finds sections by their whole name', () => {
    expect(module.section('.rodata')).toBeDefined();
    expect(module.section('.rodat')).toBeUndefined();
    expect(module.section('rodata')).toBeUndefined();
    expect(module.nameOf(module.section('.modinfo')!)).toBe('.modinfo');
  });

  test('gives a part of a section, zeros where it takes no room in the file, and none past its end', () => {
    const [b, a] = module.symbols('__mod_');
    const part = (symbol: typeof a, size: number, offset = symbol!.value) =>
      module.part(module.sectionAt(symbol!.section), offset, size, 'the table');
    expect([...part(a, 3, a!.value + 1).bytes]).toEqual([...table.subarray(1)]);
    expect([...part(b, 40).bytes]).toEqual(Array(40).fill(0));
    for (const symbol of [a, b]) {
      const { size } = module.sectionAt(symbol!.section);
      expect(part(symbol, size, 0).size).toBe(size);
      expect(() => part(symbol, size, 1)).toThrow(
        `the table should be in bytes 1 to ${size + 1} of a section that has`,
      );
    }
  });

  test('finds symbols by prefix, with section and size', () => {
    const [b, a] = module.symbols('__mod_');
    expect([b!.name, b!.size, module.nameOf(module.sectionAt(b!.section))]).toEqual(['__mod_b', 40, '.bss']);
    expect([a!.name, a!.size, a!.type]).toEqual(['__mod_a', 4, 1]);
    const section = module.sectionAt(a!.section);
    expect([...module.bytes(section).slice(a!.value, a!.size, 'table').bytes]).toEqual([...table]);
    expect(module.symbols('__nothing')).toEqual([]);
  });
});

const good = writeModule({ machine: elfMachines.amd64, tables: [{ symbol: '__mod_a', content: table }] });
const changed = (change: (view: DataView) => void) => {
  const bytes = good.slice();
  change(new DataView(bytes.buffer, bytes.byteOffset));
  return bytes;
};
const headers = Number(new DataView(good.buffer, good.byteOffset).getBigUint64(40, true));

test.each<[what: string, bytes: Uint8Array, code: string, message: RegExp]>([
  ['an empty file', new Uint8Array(0), 'not-elf', /the file is empty/],
  ['text', Buffer.from('#!/bin/sh\n'), 'not-elf', /7f 45 4c 46/],
  ['an unknown class', changed((v) => v.setUint8(4, 3)), 'not-elf', /class 3/],
  ['an unknown byte order', changed((v) => v.setUint8(5, 0)), 'not-elf', /byte order 0/],
  [
    'a header cut short',
    good.slice(0, 40),
    'truncated',
    /the ELF header should be in bytes 0 to 64, but there are only 40/,
  ],
  ['section headers cut off', good.slice(0, headers + 10), 'truncated', /section headers/],
  ['no section headers', changed((v) => v.setBigUint64(40, 0n, true)), 'bad-elf', /no section headers/],
  [
    'section headers beyond 2^53',
    changed((v) => v.setBigUint64(40, 1n << 60n, true)),
    'truncated',
    /more than any file/,
  ],
  ['section headers 4 GiB on', changed((v) => v.setBigUint64(40, 1n << 32n, true)), 'truncated', /section headers/],
  ['narrow section headers', changed((v) => v.setUint16(58, 8, true)), 'bad-elf', /headers of 8 bytes, expected 64/],
  ['a names section that is not there', changed((v) => v.setUint16(62, 500, true)), 'bad-elf', /section 500/],
  [
    '2^40 sections',
    changed((v) => {
      v.setUint16(60, 0, true);
      v.setBigUint64(headers + 32, 1n << 40n, true);
    }),
    'bad-elf',
    /sections/,
  ],
])('Elf refuses %s with file and offset', (_, bytes, code, message) => {
  const error = (() => {
    try {
      return elf(bytes);
    } catch (e) {
      return e;
    }
  })();
  expect(error).toBeInstanceOf(ModaliasError);
  expect(error).toMatchObject({ code, place: { file: 'x.ko', offset: expect.any(Number) } });
  expect((error as Error).message).toMatch(message);
});

test('Elf.bytes refuses a section that claims 4 GiB', () => {
  const rodata = elf(good).section('.rodata')!;
  const bytes = changed((v) => v.setBigUint64(headers + rodata.index * 64 + 32, 1n << 32n, true));
  const damaged = elf(bytes);
  expect(() => damaged.bytes(damaged.section('.rodata')!, 'the table')).toThrow(/the table should be in bytes/);
});

test('Elf reads numbers of sections that are too large for the file header from the first section header', () => {
  const count = elf(good).sectionCount;
  const bytes = changed((v) => {
    v.setUint16(60, 0, true);
    v.setBigUint64(headers + 32, BigInt(count), true);
    v.setUint32(headers + 40, v.getUint16(62, true), true);
    v.setUint16(62, 0xffff, true);
  });
  expect(elf(bytes).section('.modinfo')).toEqual(elf(good).section('.modinfo'));
});

test('Elf.symbols reads section numbers that are too large for the symbol from their own section', () => {
  const content = Buffer.alloc(64);
  for (let i = 0; i < 16; i++) content.writeUInt32LE(4, i * 4);
  const bytes = writeModule({
    machine: elfMachines.amd64,
    tables: [{ symbol: '__mod_a', content: table }],
    sections: [{ name: '.symtab_shndx', type: 18, content }],
  });
  const before = elf(bytes);
  const [symbol] = before.symbols('__mod_a');
  const symtab = before.section('.symtab')!;
  for (let at = symtab.offset; at < symtab.offset + symtab.size; at += 24)
    if (bytes[at + 6] === symbol!.section) bytes.set([0xff, 0xff], at + 6);
  expect(elf(bytes).symbols('__mod_a')).toEqual([{ ...symbol!, section: 4 }]);
});

test('Elf.symbols refuses a file without a symbol table, and one with more symbols of a name than can be', () => {
  const { offset, index } = elf(good).section('.symtab')!;
  expect(offset).toBeGreaterThan(0);
  const without = changed((v) => v.setUint32(headers + index * 64 + 4, 1, true));
  expect(() => elf(without).symbols('__mod_')).toThrow(/symbol table is missing/);
  const symbols = Array.from({ length: 16385 }, (_, i) => ({ name: `__mod_${i}` }));
  expect(() => elf(writeModule({ machine: elfMachines.amd64, symbols })).symbols('__mod_')).toThrow(/more than 16384/);
});

test('Elf takes 1,048,576 sections for possible, and no more', () => {
  const claiming = (count: number) => () =>
    elf(
      changed((v) => {
        v.setUint16(60, 0, true);
        v.setBigUint64(headers + 32, BigInt(count), true);
      }),
    );
  expect(claiming(1_048_576)).toThrow(/the section headers should be in bytes/);
  expect(claiming(1_048_577)).toThrow(/1048577 sections; the file is damaged/);
});

test('Elf.symbols and Elf.nameOf give the first 1,024 bytes of a name', () => {
  const name = `__mod_${'x'.repeat(1018)}`;
  const sections = [name, `${name}y`].map((text) => ({ name: text, content: table }));
  const symbols = [name, `${name}y`].map((text) => ({ name: text }));
  const module = elf(writeModule({ machine: elfMachines.amd64, symbols, sections }));
  expect(module.symbols('__mod_').map((symbol) => symbol.name)).toEqual([name, name]);
  for (const { name: given } of sections) expect(module.nameOf(module.section(given)!)).toBe(name);
});

test('Elf refuses the number that is one past the last section', () => {
  const { sectionCount } = elf(good);
  expect(() => elf(changed((v) => v.setUint16(62, sectionCount, true)))).toThrow(`section ${sectionCount} should hold`);
  expect(elf(good).sectionAt(sectionCount - 1).index).toBe(sectionCount - 1);
  expect(() => elf(good).sectionAt(sectionCount)).toThrow(/is referenced, but there are/);
});

test('Elf.symbols gives a symbol of no section in the file the section 0', () => {
  const { offset, size } = elf(good).section('.symtab')!;
  const sectionOf = (number: number) => {
    const bytes = good.slice();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let at = offset; at < offset + size; at += 24) view.setUint16(at + 6, number, true);
    return elf(bytes).symbols('__mod_a')[0]!.section;
  };
  expect([1, 0xfeff, 0xff00, 0xfff1, 0xfff2].map(sectionOf)).toEqual([1, 0xfeff, 0, 0, 0]);
});
