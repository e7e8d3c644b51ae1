import type { Elf, ElfSymbol } from '../../binary/elf.ts';
import { type ElfPlace, readPointers } from '../../binary/relocations.ts';

/** Sections that hold driver structures: `.data`, `.data.rel.ro`, `.data..ro_after_init` and so on. */
const DATA = ['.data', '.data.rel', '.rodata'];
const LONGEST_NAME = 63;

/**
 * Names of the drivers in a module's file that use one of its id tables of a bus: in `struct pci_driver` the pointer to
 * the name is right before the one to the id table (include/linux/pci.h; older releases put a list_head before both).
 * Empty if the file does not say: the structure has a different layout or is filled in at run time. Sorted, each once.
 */
export function driverNames(elf: Elf, bus: string): string[] {
  const tables = elf.symbols('__mod_').filter((symbol) => isTableOf(symbol, bus));
  if (tables.length === 0) return [];
  const pointers = readPointers(elf, DATA);
  const names = new Set<string>();
  for (const table of tables) {
    for (const holder of pointers.to({ section: table.section, offset: table.value })) {
      const before = { section: holder.section, offset: holder.offset - elf.abi.wordSize };
      const name = textAt(elf, pointers.at(before));
      if (name !== undefined) names.add(name);
    }
  }
  return [...names].sort();
}

/**
 * `__mod_pci__TABLE_device_table`; from 6.14 on `__mod_device_table__pci__TABLE`, later with `kmod_MODULE__` in the
 * middle.
 */
function isTableOf({ name }: ElfSymbol, bus: string): boolean {
  return (
    (name.startsWith(`__mod_${bus}__`) && name.endsWith('_device_table')) ||
    name.startsWith(`__mod_device_table__${bus}__`) ||
    (name.startsWith('__mod_device_table__kmod_') && name.includes(`__${bus}__`))
  );
}

function textAt(elf: Elf, place: ElfPlace | undefined): string | undefined {
  if (place === undefined) return undefined;
  const bytes = elf.bytes(elf.sectionAt(place.section), 'the name of a driver');
  if (place.offset < 0 || place.offset >= bytes.size) return undefined;
  const text = bytes.cstring(place.offset, LONGEST_NAME + 1);
  return text.length <= LONGEST_NAME && /^[\x21-\x2e\x30-\x7e]+$/.test(text) ? text : undefined;
}
