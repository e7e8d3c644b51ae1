import type { Release } from '../../src/release.ts';
import { before } from './releases.ts';

/** The symbol that MODULE_DEVICE_TABLE(bus, table) makes in a module, as the release spells it. */
export function tableSymbol(release: Release, module: string, bus: string, table: string): string {
  if (before(release, '6.13')) return `__mod_${bus}__${table}_device_table`;
  if (before(release, '6.18')) return `__mod_device_table__${bus}__${table}`;
  return `__mod_device_table__kmod_${module}__${bus}__${table}`;
}
