import { expect, test } from 'vitest';
import { Elf } from '../../../src/binary/elf.ts';
import { memorySource } from '../../../src/binary/source.ts';
import { driverNames } from '../../../src/vfio/resolve/module-drivers.ts';
import { type ElfMachineName, elfMachines } from '../../support/elf-machines.ts';
import { writeElf } from '../../support/elf-writer.ts';
import { moduleWith } from './driver-module.ts';

const moduleOf = (...of: Parameters<typeof moduleWith>) => new Elf(memorySource(moduleWith(...of), 'x.ko'));

test.each(Object.keys(elfMachines) as ElfMachineName[])(
  "driverNames follows the relocations to the driver's name on %s",
  (machine) => {
    expect(driverNames(moduleOf(machine, [{ name: 'vfio-pci', table: 'vfio_pci_table' }]), 'pci')).toEqual([
      'vfio-pci',
    ]);
  },
);

test.each([
  ['up to 6.13', (table: string) => `__mod_pci__${table}_device_table`],
  ['from 6.14 on', (table: string) => `__mod_device_table__pci__${table}`],
  ['with the module', (table: string) => `__mod_device_table__kmod_x__pci__${table}`],
])("driverNames knows the table's symbol as it is spelled %s", (_when, spelling) => {
  expect(driverNames(moduleOf('amd64', [{ name: 'xe-vfio-pci', table: 't' }], spelling), 'pci')).toEqual([
    'xe-vfio-pci',
  ]);
});

test.each([
  '__mod_pci__t',
  '__mod_pci__t_device_tables',
  '__mod_usb__t_device_table',
  '__mod_device_table__usb__t',
  '__mod_device_table__kmod_pci__usb__t',
  'x__mod_pci__t_device_table',
])('driverNames takes no symbol spelled %s for a table of pci', (symbol) => {
  expect(
    driverNames(
      moduleOf('amd64', [{ name: 'vfio-pci', table: 't' }], () => symbol),
      'pci',
    ),
  ).toEqual([]);
});

test('driverNames gives every driver of the bus that uses a table, and none of another bus', () => {
  const elf = () =>
    moduleOf('amd64', [
      { name: 'one', table: 'a' },
      { name: 'two', table: 'b' },
      { name: 'three', table: 'b' },
    ]);
  expect(driverNames(elf(), 'pci')).toEqual(['one', 'three', 'two']);
  expect(driverNames(elf(), 'usb')).toEqual([]);
});

test('driverNames takes a name of 63 characters, the longest that there can be', () => {
  const name = 'x'.repeat(63);
  expect(driverNames(moduleOf('amd64', [{ name, table: 't' }]), 'pci')).toEqual([name]);
});

test.each([[''], ['a/b'], ['x'.repeat(64)], ['bell\u0007'], ['two words']])(
  'driverNames takes %j for no name of a driver',
  (name) => {
    expect(driverNames(moduleOf('amd64', [{ name, table: 't' }]), 'pci')).toEqual([]);
  },
);

test('driverNames leaves out a name whose symbol is of no section of the file', () => {
  const machine = elfMachines.amd64;
  const bytes = Buffer.from(
    writeElf({
      machine,
      sections: [
        { name: '.rodata', content: Buffer.from('vfio-pci\0'), align: 8 },
        { name: '.data', content: Buffer.alloc(64), align: 8 },
      ],
      symbols: [
        { name: 'text', section: '.rodata', type: 'object', bind: 'local' },
        { name: '__mod_pci__t_device_table', section: '.rodata', value: 8, size: 1, type: 'object' },
      ],
      relocations: [
        { section: '.data', offset: 16, symbol: 'text' },
        { section: '.data', offset: 24, symbol: '__mod_pci__t_device_table' },
      ],
    }),
  );
  const read = () => driverNames(new Elf(memorySource(bytes, 'x.ko')), 'pci');
  expect(read()).toEqual(['vfio-pci']);
  const elf = new Elf(memorySource(bytes, 'x.ko'));
  const sections = Array.from({ length: elf.sectionCount }, (_, i) => elf.sectionAt(i));
  const symbols = sections.find(({ type }) => type === 2)!;
  // SHN_ABS, SHN_COMMON and the first of the reserved numbers.
  for (const number of [0xfff1, 0xfff2, 0xff00, 0]) {
    bytes.writeUInt16LE(number, symbols.offset + 24 + 6);
    expect(read()).toEqual([]);
  }
});

test.each(Object.keys(elfMachines) as ElfMachineName[])(
  'driverNames reads a pointer at the very end of a section on %s',
  (name) => {
    const machine = elfMachines[name];
    const { wordSize } = machine.abi;
    const bytes = writeElf({
      machine,
      sections: [
        { name: '.rodata', content: Buffer.from('vfio-pci\0'), align: 8 },
        { name: '.data', content: Buffer.alloc(2 * wordSize), align: 8 },
      ],
      symbols: [
        { name: 'text', section: '.rodata', type: 'object' },
        { name: '__mod_pci__t_device_table', section: '.rodata', value: 8, size: 1, type: 'object' },
      ],
      relocations: [
        { section: '.data', offset: 0, symbol: 'text' },
        { section: '.data', offset: wordSize, symbol: '__mod_pci__t_device_table' },
      ],
    });
    expect(driverNames(new Elf(memorySource(bytes, 'x.ko')), 'pci')).toEqual(['vfio-pci']);
  },
);
