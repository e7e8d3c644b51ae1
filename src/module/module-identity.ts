import type { Elf } from '../binary/elf.ts';
import { latin1 } from '../binary/reader.ts';
import { type ModinfoStrings, modinfoValues, vermagic } from './modinfo.ts';

/** What a module says it is, whatever its file is called. */
export interface ModuleIdentity {
  /** Its names by .modinfo (KBUILD_MODNAME, from 4.16 on) and by its struct module, where it has them. */
  readonly modinfoName: string | undefined;
  readonly structName: string | undefined;
  /** The release that it was built for: the first word of its vermagic. */
  readonly release: string | undefined;
  /** Whether it says that it was built in the kernel's own tree. */
  readonly intree: boolean;
}

/** More bytes than any struct module has before its name. */
const NAME_WITHIN = 256;

/** Reads a module's names and release. Throws `truncated`. */
export function moduleIdentity(elf: Elf, strings: ModinfoStrings): ModuleIdentity {
  return {
    modinfoName: modinfoValues(strings, 'name')[0],
    structName: structName(elf),
    release: /^\S+/.exec(vermagic(strings) ?? '')?.[0],
    intree: modinfoValues(strings, 'intree')[0] === 'Y',
  };
}

/**
 * The name in the struct module that modpost made (scripts/mod/modpost.c:add_header). It stands behind the state and
 * the list, at 24 with 64-bit words and at 12 with 32-bit ones, or elsewhere where the compiler shuffles structs;
 * nothing before it has a value in the file, so that it is the first text there.
 */
function structName(elf: Elf): string | undefined {
  const section = elf.section('.gnu.linkonce.this_module');
  if (!section) return undefined;
  const size = Math.min(section.size, NAME_WITHIN);
  const { bytes } = elf.part(section, 0, size, 'the section .gnu.linkonce.this_module');
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  const nul = bytes.indexOf(0, start);
  const name = latin1(bytes.subarray(start, nul === -1 ? bytes.length : nul));
  return /^[\x21-\x7e]+$/.test(name) ? name : undefined;
}
