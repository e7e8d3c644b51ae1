import type { Elf } from '../binary/elf.ts';
import { latin1 } from '../binary/reader.ts';

/** The strings of a .modinfo section with the NULs between them, latin1. */
export type ModinfoStrings = string;

/** The strings of a module's first `.modinfo` section; none if the section is missing or has a single byte. */
export function modinfoStrings(elf: Elf): ModinfoStrings {
  const section = elf.section('.modinfo');
  return section && section.size > 1 ? latin1(elf.bytes(section, 'the section .modinfo').bytes) : '';
}

/**
 * The values of a key, in the section's order, as libkmod has them: extra NULs before, between and after strings are
 * ignored, and the last string needs none (libkmod-elf.c:kmod_elf_get_strings); the key ends at the first `=`, a string
 * without one is a key with an empty value (libkmod-module.c:kmod_module_get_info).
 */
export function modinfoValues(strings: ModinfoStrings, key: string): string[] {
  const values: string[] = [];
  for (let at = strings.indexOf(key); at !== -1; at = strings.indexOf(key, at + key.length)) {
    if (at > 0 && strings[at - 1] !== '\0') continue;
    const after = at + key.length;
    const nul = strings.indexOf('\0', after);
    const end = nul === -1 ? strings.length : nul;
    if (strings[after] === '=') values.push(strings.slice(after + 1, end));
    else if (after === end) values.push('');
  }
  return values;
}

/** The release that a module was built for (`6.12.1-amd64 SMP ...`), from its first `vermagic`. */
export function vermagic(strings: ModinfoStrings): string | undefined {
  return modinfoValues(strings, 'vermagic')[0];
}
