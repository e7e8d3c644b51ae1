/**
 * The offsets in the ELF specification of what this project reads. Numbers are byte offsets in the 32-bit (4) and the
 * 64-bit (8) form; fields that are words or half-words in both forms say so in elf.ts.
 */

export const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];

/** Bytes of e_ident that say how to read the rest. */
export const IDENT = { class: 4, data: 5, size: 16 } as const;

export const FILE_HEADER = {
  4: { size: 52, type: 16, machine: 18, shoff: 32, shentsize: 46, shnum: 48, shstrndx: 50 },
  8: { size: 64, type: 16, machine: 18, shoff: 40, shentsize: 58, shnum: 60, shstrndx: 62 },
} as const;

/** Bytes of the longer file header: enough to tell what a file is, and all of its header. */
export const HEAD_SIZE = FILE_HEADER[8].size;

export const SECTION_HEADER = {
  4: { size: 40, name: 0, type: 4, offset: 16, length: 20, link: 24, info: 28 },
  8: { size: 64, name: 0, type: 4, offset: 24, length: 32, link: 40, info: 44 },
} as const;

export const SYMBOL = {
  4: { size: 16, name: 0, value: 4, length: 8, info: 12, section: 14 },
  8: { size: 24, name: 0, info: 4, section: 6, value: 8, length: 16 },
} as const;

/** e_type of a relocatable object, which every kernel module is. */
export const ET_REL = 1;

export const SHT_SYMTAB = 2;
export const SHT_RELA = 4;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;
export const SHT_SYMTAB_SHNDX = 18;

/**
 * Section number 0 means none; 0xffff says that the number is stored elsewhere because it is too large for its field.
 */
export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;
export const SHN_XINDEX = 0xffff;

export const STT_OBJECT = 1;

/** A relocation: SHT_RELA carries the addend, SHT_REL leaves it where the relocation points. */
export const RELOCATION = {
  4: { rel: 8, rela: 12, info: 4, addend: 8 },
  8: { rel: 16, rela: 24, info: 8, addend: 16 },
} as const;

/** e_machine of MIPS, whose 64-bit relocations hold the symbol's number as 32 bits at their own place. */
export const EM_MIPS = 8;

/**
 * Machines on which `unsigned long long` is aligned to less than 8 bytes, by e_machine, as in GCC (BIGGEST_ALIGNMENT):
 * m68k 2; i386, SuperH, ARC, MicroBlaze, Nios II, OpenRISC and C-SKY 4.
 */
export const SMALL_ALIGNMENT: Readonly<Record<number, 2 | 4>> = {
  3: 4,
  4: 2,
  42: 4,
  92: 4,
  93: 4,
  113: 4,
  189: 4,
  195: 4,
  252: 4,
};
