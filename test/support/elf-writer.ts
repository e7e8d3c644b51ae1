import { ByteWriter, putInt } from './byte-writer.ts';
import type { ElfMachine } from './elf-machines.ts';

/** A section as it shall stand in the file: bytes, or a number of zeros that take no room (SHT_NOBITS). */
export interface ElfSection {
  readonly name: string;
  readonly content: Uint8Array | { readonly zeros: number };
  readonly align?: number;
  /** sh_type where it is neither PROGBITS nor NOBITS. */
  readonly type?: number;
  /** SHF_* flags; without: what the section's name makes of it. */
  readonly flags?: number;
}

export interface ElfSymbol {
  readonly name: string;
  /** Name of the section that it lies in; absent: undefined (SHN_UNDEF). */
  readonly section?: string;
  readonly value?: number;
  readonly size?: number;
  readonly bind?: 'local' | 'global' | 'weak';
  readonly type?: 'notype' | 'object' | 'func' | 'section' | 'file';
}

/** The word at `offset` of `section` shall hold the address of `symbol` plus `addend`. */
export interface ElfRelocation {
  readonly section: string;
  readonly offset: number;
  readonly symbol: string;
  readonly addend?: number;
  /** R_* number; without: the machine's relocation of a whole pointer. */
  readonly type?: number;
}

export interface ElfObject {
  readonly machine: ElfMachine;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations?: readonly ElfRelocation[];
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly content: Uint8Array;
  readonly size?: number;
  readonly align?: number;
  readonly link?: number;
  readonly info?: number;
  readonly entrySize?: number;
}

const SHT = { progbits: 1, symtab: 2, strtab: 3, rela: 4, nobits: 8, rel: 9 } as const;
const SHF = { write: 1, alloc: 2, exec: 4 } as const;
const BIND = { local: 0, global: 1, weak: 2 } as const;
const TYPE = { notype: 0, object: 1, func: 2, section: 3, file: 4 } as const;
const ET_REL = 1;
const EM_MIPS = 8;

/**
 * Bytes of a relocatable object (ET_REL): its sections in order, then relocations, symbols and names; local symbols
 * first, as ELF demands.
 */
export function writeElf({ machine, sections, symbols, relocations = [] }: ElfObject): Uint8Array {
  const sectionIndex = indexed(sections);
  const sorted = [...symbols].sort((a, b) => Number(a.bind !== 'local') - Number(b.bind !== 'local'));
  const symbolIndex = indexed(sorted);
  const written: Section[] = sections.map((s) => userSection(s));
  const targets = [...new Set(relocations.map((r) => r.section))];
  const symtabIndex = sections.length + targets.length + 1;
  for (const target of targets) {
    const own = relocations.filter((r) => r.section === target);
    const at = sectionIndex(target);
    if (!machine.rela)
      written[at - 1] = { ...written[at - 1]!, content: withAddends(machine, written[at - 1]!.content, own) };
    const content = relocationTable(machine, own, symbolIndex);
    written.push({
      name: (machine.rela ? '.rela' : '.rel') + target,
      type: machine.rela ? SHT.rela : SHT.rel,
      content,
      align: machine.abi.wordSize,
      link: symtabIndex,
      info: at,
      entrySize: content.length / own.length,
    });
  }
  const names = new StringTable();
  const table = symbolTable(machine, sorted, sectionIndex, names);
  written.push({
    name: '.symtab',
    type: SHT.symtab,
    content: table,
    align: machine.abi.wordSize,
    link: symtabIndex + 1,
    info: 1 + sorted.filter((s) => s.bind === 'local').length,
    entrySize: table.length / (sorted.length + 1),
  });
  written.push({ name: '.strtab', type: SHT.strtab, content: names.bytes() });
  return file(machine, written);
}

/** Index of a named thing, the first being 1; a name that is not there is a mistake of the test that asks. */
function indexed(things: readonly { readonly name: string }[]): (name: string) => number {
  const index = new Map(things.map((t, i) => [t.name, i + 1]));
  return (name) => {
    const found = index.get(name);
    if (found === undefined) throw new Error(`the object has no '${name}'`);
    return found;
  };
}

function userSection({ name, content, align, type, flags }: ElfSection): Section {
  const zeros = content instanceof Uint8Array ? undefined : content.zeros;
  return {
    name,
    type: type ?? (zeros === undefined ? SHT.progbits : SHT.nobits),
    flags: flags ?? flagsOf(name),
    content: content instanceof Uint8Array ? content : new Uint8Array(),
    ...(zeros === undefined ? {} : { size: zeros }),
    ...(align === undefined ? {} : { align }),
  };
}

function flagsOf(name: string): number {
  if (/^\.(init\.|exit\.)?text/.test(name)) return SHF.alloc | SHF.exec;
  if (/^\.(data|bss|gnu\.linkonce\.this_module)/.test(name)) return SHF.alloc | SHF.write;
  return /^\.(rodata|modinfo)/.test(name) ? SHF.alloc : 0;
}

function relocationTable(
  machine: ElfMachine,
  relocations: readonly ElfRelocation[],
  symbolIndex: (name: string) => number,
): Uint8Array {
  const out = new ByteWriter(machine.abi);
  for (const r of relocations) {
    const symbol = symbolIndex(r.symbol);
    const type = r.type ?? machine.pointerRelocation;
    out.word(r.offset);
    if (machine.abi.wordSize === 4) out.u32((symbol << 8) | type);
    // MIPS's 64-bit r_info is a struct: symbol, special symbol, three types
    else if (machine.machine === EM_MIPS) out.u32(symbol).u8(0).u8(0).u8(0).u8(type);
    else out.int((BigInt(symbol) << 32n) | BigInt(type), 8);
    if (machine.rela) out.word(r.addend ?? 0);
  }
  return out.bytes();
}

function withAddends(machine: ElfMachine, content: Uint8Array, relocations: readonly ElfRelocation[]): Uint8Array {
  const copy = content.slice();
  for (const r of relocations) putInt(copy, r.offset, r.addend ?? 0, machine.abi.wordSize, machine.abi.littleEndian);
  return copy;
}

function symbolTable(
  machine: ElfMachine,
  symbols: readonly ElfSymbol[],
  sectionIndex: (name: string) => number,
  names: StringTable,
): Uint8Array {
  const out = new ByteWriter(machine.abi);
  const none: ElfSymbol = { name: '', bind: 'local' };
  for (const s of [none, ...symbols]) {
    const name = names.add(s.name);
    const info = (BIND[s.bind ?? 'global'] << 4) | TYPE[s.type ?? 'notype'];
    const section = s.section === undefined ? 0 : sectionIndex(s.section);
    const { value = 0, size = 0 } = s;
    if (machine.abi.wordSize === 8) out.u32(name).u8(info).u8(0).u16(section).word(value).word(size);
    else out.u32(name).word(value).word(size).u8(info).u8(0).u16(section);
  }
  return out.bytes();
}

function file(machine: ElfMachine, sections: readonly Section[]): Uint8Array {
  const { abi } = machine;
  const names = new StringTable();
  const all: Section[] = [{ name: '', type: 0, content: new Uint8Array(), align: 0 }, ...sections];
  all.push({ name: '.shstrtab', type: SHT.strtab, content: new Uint8Array() });
  const nameOffsets = all.map((s) => names.add(s.name));
  all[all.length - 1] = { ...all.at(-1)!, content: names.bytes() };

  const headerSize = abi.wordSize === 8 ? 64 : 52;
  const body = new ByteWriter(abi).raw(new Uint8Array(headerSize));
  const table = new ByteWriter(abi);
  all.forEach((s, i) => {
    if (i > 0) body.align(Math.max(1, s.align ?? 1));
    table
      .u32(nameOffsets[i]!)
      .u32(s.type)
      .word(s.flags ?? 0)
      .word(0);
    table.word(i === 0 ? 0 : body.size).word(s.size ?? s.content.length);
    table
      .u32(s.link ?? 0)
      .u32(s.info ?? 0)
      .word(s.align ?? 1)
      .word(s.entrySize ?? 0);
    body.raw(s.content);
  });
  body.align(abi.wordSize);

  const header = new ByteWriter(abi);
  header.raw(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, abi.wordSize === 8 ? 2 : 1, abi.littleEndian ? 1 : 2, 1));
  header.raw(new Uint8Array(9)).u16(ET_REL).u16(machine.machine).u32(1).word(0).word(0).word(body.size).u32(0);
  header
    .u16(headerSize)
    .u16(0)
    .u16(0)
    .u16(abi.wordSize === 8 ? 64 : 40)
    .u16(all.length)
    .u16(all.length - 1);
  const out = body.raw(table.bytes()).bytes();
  out.set(header.bytes());
  return out;
}

/** ELF's string tables: NUL, then each string with its NUL; offset 0 is the empty one. */
class StringTable {
  readonly #chunks: Buffer[] = [Buffer.from([0])];
  #size = 1;

  add(text: string): number {
    if (text === '') return 0;
    const at = this.#size;
    const chunk = Buffer.from(`${text}\0`, 'latin1');
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return at;
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }
}
