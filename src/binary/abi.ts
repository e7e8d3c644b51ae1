import { ModaliasError } from '../errors.ts';
import { ELF_MAGIC, IDENT } from './elf-format.ts';

/** How a machine lays out C: what a struct's bytes mean depends on nothing else. */
export interface Abi {
  readonly littleEndian: boolean;
  /** Bytes of a pointer and of `unsigned long`. */
  readonly wordSize: 4 | 8;
  /**
   * Alignment of `unsigned long long`: 8 nearly everywhere, 4 on i386, 2 on m68k (where it also bounds int and
   * pointers).
   */
  readonly maxAlign: 2 | 4 | 8;
}

/** Byte order and word size by a file's first bytes. Throws `not-elf`. */
export function abiOf(ident: Uint8Array, file: string): Abi {
  const wordSize = ({ 1: 4, 2: 8 } as const)[ident[IDENT.class] ?? 0];
  const littleEndian = ({ 1: true, 2: false } as const)[ident[IDENT.data] ?? 0];
  const bad = (offset: number, found: string) =>
    new ModaliasError('not-elf', `not a kernel module: ${found}; expected an ELF object`, { file, offset });
  if (ident.length === 0) throw bad(0, 'the file is empty');
  if (!ELF_MAGIC.every((byte, i) => ident[i] === byte)) throw bad(0, 'the bytes 7f 45 4c 46 are missing at its start');
  if (wordSize === undefined) throw bad(IDENT.class, `ELF class ${ident[IDENT.class]} is neither 1 nor 2`);
  if (littleEndian === undefined) throw bad(IDENT.data, `byte order ${ident[IDENT.data]} is neither 1 nor 2`);
  return { littleEndian, wordSize, maxAlign: 8 };
}
