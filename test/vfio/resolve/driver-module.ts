import { elfMachines, type ElfMachineName } from '../../support/elf-machines.ts';
import { type ElfRelocation, writeElf } from '../../support/elf-writer.ts';

export interface Driver {
  readonly name: string;
  readonly table: string;
}

/**
 * A module as a compiler makes it: driver structures in .data, their names in .rodata.str1.1, their tables in .rodata.
 */
export function moduleWith(
  machine: ElfMachineName,
  drivers: readonly Driver[],
  symbolOf = (table: string) => `__mod_pci__${table}_device_table`,
): Uint8Array {
  const { wordSize } = elfMachines[machine].abi;
  const strings = Buffer.from(drivers.map(({ name }) => `${name}\0`).join(''), 'latin1');
  const struct = 16 * wordSize;
  const tables = [...new Set(drivers.map(({ table }) => table))];
  const relocations = drivers.flatMap(({ table }, index): ElfRelocation[] => {
    const start = drivers.slice(0, index).reduce((sum, { name }) => sum + name.length + 1, 0);
    // struct pci_driver of old releases: a list_head, then the name, then the id table.
    const at = index * struct + 2 * wordSize;
    return [
      { section: '.data', offset: at, symbol: 'strings', addend: start },
      { section: '.data', offset: at + wordSize, symbol: table },
    ];
  });
  return writeElf({
    machine: elfMachines[machine],
    sections: [
      { name: '.rodata.str1.1', content: strings },
      { name: '.rodata', content: Buffer.alloc(tables.length * 64), align: 8 },
      { name: '.data', content: Buffer.alloc(drivers.length * struct), align: 8 },
    ],
    symbols: [
      { name: 'strings', section: '.rodata.str1.1', type: 'object' },
      ...tables.flatMap((table, index) => [
        { name: table, section: '.rodata', value: index * 64, size: 64, type: 'object' as const },
        {
          name: symbolOf(table),
          section: '.rodata',
          value: index * 64,
          size: 64,
          type: 'object' as const,
          bind: 'global' as const,
        },
      ]),
    ],
    relocations,
  });
}
