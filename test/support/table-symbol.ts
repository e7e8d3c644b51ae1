import type { Release } from '../../src/release.ts';

/** The symbol that MODULE_DEVICE_TABLE(bus, table) makes in a module, as the release spells it. */
export function tableSymbol(release: Release, module: string, bus: string, table: string): string {
  if (release < 6013) return `__mod_${bus}__${table}_device_table`;
  if (release < 6018) return `__mod_device_table__${bus}__${table}`;
  return `__mod_device_table__kmod_${module}__${bus}__${table}`;
}
