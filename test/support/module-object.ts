import { ByteWriter } from './byte-writer.ts';
import type { ElfMachine } from './elf-machines.ts';
import { type ElfRelocation, type ElfSection, type ElfSymbol, writeElf } from './elf-writer.ts';

/** A device table of a module: its `__mod_...` symbol and its bytes, or a number of zeros that lie in .bss. */
export interface ModuleTable {
  readonly symbol: string;
  readonly content: Uint8Array | { readonly zeros: number };
  /** Absent: .rodata for bytes, .bss for zeros. */
  readonly section?: '.data' | '.rodata' | '.bss';
  readonly bind?: 'local' | 'global';
  /** Symbols, relative to `content`, whose address fields of the table hold. */
  readonly pointers?: readonly { readonly offset: number; readonly symbol: string; readonly addend?: number }[];
}

export interface ModuleSpec {
  readonly machine: ElfMachine;
  /** The strings of .modinfo, `key=value` each. */
  readonly modinfo?: readonly string[];
  readonly tables?: readonly ModuleTable[];
  /** More sections, symbols and relocations, such as a driver struct that points to its name and its table. */
  readonly sections?: readonly ElfSection[];
  readonly symbols?: readonly ElfSymbol[];
  readonly relocations?: readonly ElfRelocation[];
  /** The name that struct module holds. */
  readonly name?: string;
}

const TABLE_ALIGN = 16;

/**
 * A kernel module as the compiler and modpost leave it: .modinfo, .gnu.linkonce.this_module, the tables with their
 * symbols.
 */
export function writeModule(spec: ModuleSpec): Uint8Array {
  const sections: ElfSection[] = [
    { name: '.text', content: new Uint8Array(16), align: 16 },
    { name: '.modinfo', content: modinfoBytes(spec.modinfo ?? ['license=GPL', `name=${spec.name ?? 'test'}`]) },
    {
      name: '.gnu.linkonce.this_module',
      content: Buffer.from(`\0${spec.name ?? 'test'}\0`.padEnd(64, '\0'), 'latin1'),
    },
  ];
  const symbols: ElfSymbol[] = [
    { name: 'init_module', section: '.text', type: 'func', size: 8 },
    { name: 'cleanup_module', section: '.text', type: 'func', value: 8, size: 8 },
    { name: '__this_module', section: '.gnu.linkonce.this_module', type: 'object', size: 64 },
  ];
  const relocations: ElfRelocation[] = [...(spec.relocations ?? [])];
  for (const name of ['.data', '.rodata', '.bss'] as const) {
    const own = (spec.tables ?? []).filter((t) => sectionOf(t) === name);
    if (own.length === 0) continue;
    const content = new ByteWriter(spec.machine.abi);
    for (const table of own) {
      content.align(TABLE_ALIGN);
      const bytes = table.content instanceof Uint8Array ? table.content : new Uint8Array(table.content.zeros);
      const { symbol, bind = 'global' } = table;
      symbols.push({ name: symbol, section: name, type: 'object', value: content.size, size: bytes.length, bind });
      for (const p of table.pointers ?? []) relocations.push({ ...p, section: name, offset: content.size + p.offset });
      content.raw(bytes);
    }
    sections.push({ name, content: name === '.bss' ? { zeros: content.size } : content.bytes(), align: TABLE_ALIGN });
  }
  return writeElf({
    machine: spec.machine,
    sections: [...sections, ...(spec.sections ?? [])],
    symbols: [...symbols, ...(spec.symbols ?? [])],
    relocations,
  });
}

const sectionOf = (t: ModuleTable) => t.section ?? (t.content instanceof Uint8Array ? '.rodata' : '.bss');

/** .modinfo's bytes: each string with its NUL. */
export function modinfoBytes(strings: readonly string[]): Uint8Array {
  return Buffer.from(strings.map((s) => `${s}\0`).join(''), 'latin1');
}
