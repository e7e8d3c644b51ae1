import { ModaliasError } from '../errors.ts';
import { type Abi, abiOf } from './abi.ts';
import {
  FILE_HEADER,
  HEAD_SIZE,
  SECTION_HEADER,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHN_XINDEX,
  SHT_NOBITS,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  SMALL_ALIGNMENT,
  SYMBOL,
} from './elf-format.ts';
import { bytesOf, Reader } from './reader.ts';
import type { ByteSource } from './source.ts';

/** More sections than any linker puts into a module; a larger number means damage. */
const SECTION_LIMIT = 1 << 20;
/** Longest name that is read (the kernel's KSYM_NAME_LEN is 512), and most symbols of one prefix. */
const NAME_LIMIT = 1024;
const SYMBOL_LIMIT = 16384;

export interface Section {
  readonly index: number;
  readonly type: number;
  /** The place and number of its bytes in the file; a section without bytes (SHT_NOBITS) has them in memory only. */
  readonly offset: number;
  readonly size: number;
  /** Number of a section that belongs to it, such as a symbol table's string table. */
  readonly link: number;
  /** Another number whose meaning depends on the type: the section that relocations are for. */
  readonly info: number;
}

export interface ElfSymbol {
  readonly name: string;
  /** STT_OBJECT and so on. */
  readonly type: number;
  /** In a relocatable object the offset in its section. */
  readonly value: number;
  readonly size: number;
  /** Section number, 0 if it has none in this file. */
  readonly section: number;
}

/** An ELF file of either word size and byte order. Everything is read on demand. */
export class Elf {
  readonly source: ByteSource;
  readonly abi: Abi;
  /** e_type and e_machine. */
  readonly type: number;
  readonly machine: number;
  readonly #headers: Reader;
  readonly #names: Reader;
  readonly #count: number;
  readonly #width: number;
  #symbolTable: Section | null | undefined;
  #symbolNames: Reader | undefined;
  #symbolEntries: Reader | undefined;

  /** Throws `not-elf` and `truncated`. */
  constructor(source: ByteSource) {
    this.source = source;
    const ident = source.readUpTo(0, HEAD_SIZE);
    this.abi = abiOf(ident, source.file);
    const at = FILE_HEADER[this.abi.wordSize];
    const header = this.#reader(ident, 0);
    header.check(0, at.size, 'the ELF header');
    this.type = header.u16(at.type);
    this.machine = header.u16(at.machine);
    const maxAlign = SMALL_ALIGNMENT[this.machine];
    if (maxAlign !== undefined && this.abi.wordSize === 4) this.abi = { ...this.abi, maxAlign };

    const start = header.offset(at.shoff, 'the offset of the section headers');
    this.#width = header.u16(at.shentsize);
    const form = SECTION_HEADER[this.abi.wordSize];
    if (start === 0) throw this.#broken('no section headers; a kernel module has them', at.shoff);
    if (this.#width < form.size)
      throw this.#broken(`found section headers of ${this.#width} bytes, expected ${form.size}`, at.shentsize);
    const [count, names] = this.#numbers(header, start);
    this.#count = count;
    this.#headers = this.#reader(source.read(start, count * this.#width, 'the section headers'), start);
    if (names >= count)
      throw this.#broken(`section ${names} should hold section names, but there are ${count}`, at.shstrndx);
    this.#names = this.bytes(this.sectionAt(names), 'the names of sections');
  }

  /** How many sections there are and which one names them; numbers over 0xfeff are in the first section header. */
  #numbers(header: Reader, start: number): [count: number, names: number] {
    const at = FILE_HEADER[this.abi.wordSize];
    const form = SECTION_HEADER[this.abi.wordSize];
    let count = header.u16(at.shnum);
    let names = header.u16(at.shstrndx);
    if (count === 0 || names === SHN_XINDEX) {
      const first = this.#reader(this.source.read(start, form.size, 'the first section header'), start);
      if (count === 0) count = first.offset(form.length, 'the number of sections');
      if (names === SHN_XINDEX) names = first.u32(form.link);
    }
    if (count === 0 || count > SECTION_LIMIT) throw this.#broken(`${count} sections`, at.shnum);
    return [count, names];
  }

  /** Number of sections, the empty first one included. */
  get sectionCount(): number {
    return this.#count;
  }

  /** The section of that number. Throws `bad-elf` if there is none. */
  sectionAt(index: number): Section {
    if (index >= this.#count) throw this.#broken(`section ${index} is referenced, but there are ${this.#count}`, 0);
    const form = SECTION_HEADER[this.abi.wordSize];
    const at = index * this.#width;
    return {
      index,
      type: this.#headers.u32(at + form.type),
      offset: this.#headers.offset(at + form.offset, `the offset of section ${index}`),
      size: this.#headers.offset(at + form.length, `the size of section ${index}`),
      link: this.#headers.u32(at + form.link),
      info: this.#headers.u32(at + form.info),
    };
  }

  /** The first section of that name, as kmod looks for it (libkmod-elf.c:elf_find_section). */
  section(name: string): Section | undefined {
    const expected = bytesOf(`${name}\0`);
    const headers = this.#headers.numbers();
    const { littleEndian } = this.abi;
    for (let index = 1; index < this.#count; index++) {
      const at = headers.getUint32(index * this.#width, littleEndian);
      if (this.#names.startsWith(expected, at)) return this.sectionAt(index);
    }
    return undefined;
  }

  /** A section's name; empty if the file gives it none. */
  nameOf(section: Section): string {
    const at = this.#headers.u32(section.index * this.#width + SECTION_HEADER[this.abi.wordSize].name);
    return at < this.#names.size ? this.#names.cstring(at, NAME_LIMIT) : '';
  }

  /** A section's bytes. Throws `truncated`; a section without bytes in the file (SHT_NOBITS) gives none. */
  bytes(section: Section, what = 'a section'): Reader {
    if (section.type === SHT_NOBITS) return this.#reader(new Uint8Array(0), section.offset);
    return this.#reader(this.source.read(section.offset, section.size, what), section.offset);
  }

  /** A part of a section; zeros where the section has no bytes in the file (SHT_NOBITS). Throws `truncated`. */
  part(section: Section, offset: number, size: number, what: string): Reader {
    if (offset + size > section.size) {
      throw new ModaliasError(
        'truncated',
        `${what} should be in bytes ${offset} to ${offset + size} of a section that has ${section.size}; the file is damaged`,
        { file: this.source.file, offset: section.offset },
      );
    }
    const base = section.offset + offset;
    return this.#reader(section.type === SHT_NOBITS ? new Uint8Array(size) : this.source.read(base, size, what), base);
  }

  /**
   * The symbols whose name begins with `prefix`, in file order. Throws `no-symbols` if the file has no symbol table,
   * `bad-elf` if it has more of them than any module.
   */
  symbols(prefix: string): ElfSymbol[] {
    const table = this.#symbols();
    if (!table) {
      throw new ModaliasError(
        'no-symbols',
        'the symbol table is missing; the kernel could not load such a module either. It was stripped of too much or is damaged',
        { file: this.source.file, offset: 0 },
      );
    }
    const names = this.#namesOf(table);
    const expected = bytesOf(prefix);
    const first = names.indexOf(expected);
    if (first === -1) return [];
    this.#symbolEntries ??= this.bytes(table, 'the symbol table');
    const entries = this.#symbolEntries;
    const form = SYMBOL[this.abi.wordSize];
    let farNumbers: Reader | undefined;
    const farSection = (symbol: number): number => {
      const far = this.#sectionOfType(SHT_SYMTAB_SHNDX);
      if (!far) return SHN_UNDEF;
      farNumbers ??= this.bytes(far, 'the section numbers of symbols');
      return farNumbers.u32(symbol * 4, 'the section number of a symbol');
    };
    const found: ElfSymbol[] = [];
    const numbers = entries.numbers();
    const { littleEndian } = this.abi;
    for (let at = 0; at + form.size <= entries.size; at += form.size) {
      const name = numbers.getUint32(at + form.name, littleEndian);
      if (name < first || !names.startsWith(expected, name)) continue;
      if (found.length === SYMBOL_LIMIT)
        throw this.#broken(`more than ${SYMBOL_LIMIT} symbols ${prefix}...`, table.offset);
      const section = entries.u16(at + form.section);
      found.push({
        name: names.cstring(name, NAME_LIMIT),
        type: entries.u8(at + form.info) & 0xf,
        value: entries.offset(at + form.value, 'the value of a symbol'),
        size: entries.offset(at + form.length, 'the size of a symbol'),
        section: section === SHN_XINDEX ? farSection(at / form.size) : section < SHN_LORESERVE ? section : SHN_UNDEF,
      });
    }
    return found;
  }

  /** The names of symbols, each with a NUL; undefined where there is no symbol table. Throws `truncated`. */
  symbolNames(): Reader | undefined {
    const table = this.#symbols();
    return table ? this.#namesOf(table) : undefined;
  }

  /** The symbol table; null if there is none. */
  #symbols(): Section | null {
    this.#symbolTable ??= this.#sectionOfType(SHT_SYMTAB) ?? null;
    return this.#symbolTable;
  }

  #namesOf(table: Section): Reader {
    this.#symbolNames ??= this.bytes(this.sectionAt(table.link), 'the names of symbols');
    return this.#symbolNames;
  }

  #sectionOfType(type: number): Section | undefined {
    const headers = this.#headers.numbers();
    const { littleEndian } = this.abi;
    const at = SECTION_HEADER[this.abi.wordSize].type;
    for (let index = 1; index < this.#count; index++)
      if (headers.getUint32(index * this.#width + at, littleEndian) === type) return this.sectionAt(index);
    return undefined;
  }

  #reader(bytes: Uint8Array, base: number): Reader {
    return new Reader(bytes, this.abi, this.source.file, base);
  }

  #broken(found: string, offset: number): ModaliasError {
    return new ModaliasError('bad-elf', `${found}; the file is damaged`, { file: this.source.file, offset });
  }
}
