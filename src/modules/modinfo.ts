import type { Elf } from '../binary/elf.ts';
import { latin1 } from '../binary/reader.ts';

/**
 * The strings of a module's first `.modinfo` section (latin1), as libkmod cuts them (libkmod-elf.c:kmod_elf_get_strings): NULs before,
 * between and after them do not count, and the last needs none. A section of one byte or none holds nothing.
 */
export function modinfoStrings(elf: Elf): string[] {
  const section = elf.section('.modinfo');
  if (!section || section.size <= 1) return [];
  return latin1(elf.bytes(section, 'the section .modinfo').bytes)
    .split('\0')
    .filter((text) => text !== '');
}

/**
 * The values of a key, in the section's order. The key ends at the first `=`; a string without one is a key with an empty value
 * (libkmod-module.c:kmod_module_get_info).
 */
export function modinfoValues(strings: readonly string[], key: string): string[] {
  const start = `${key}=`;
  const values: string[] = [];
  for (const text of strings) {
    if (text.startsWith(start)) values.push(text.slice(start.length));
    else if (text === key) values.push('');
  }
  return values;
}

/** The release that a module was built for (`6.12.1-amd64 SMP ...`), from its first `vermagic`. */
export function vermagic(strings: readonly string[]): string | undefined {
  return modinfoValues(strings, 'vermagic')[0];
}
