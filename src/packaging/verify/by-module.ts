import type { AliasLine } from '../../alias/alias-text.ts';
import type { IndexEntry } from '../../index-file/index-format.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import type { Multiset } from '../multiset.ts';

/** A file's aliases by module. */
export type ByModule = ReadonlyMap<string, Multiset>;

/** How often each module has each alias. */
export function byModule(lines: Iterable<AliasLine>): Map<string, Map<string, number>> {
  const modules = new Map<string, Map<string, number>>();
  for (const { alias, module } of lines) {
    const counts = modules.get(module) ?? new Map<string, number>();
    modules.set(module, counts);
    counts.set(alias, (counts.get(alias) ?? 0) + 1);
  }
  return modules;
}

/** The same of an index's entries. */
export function keysByModule(entries: readonly IndexEntry[]): ByModule {
  return byModule(entries.map(({ key, value }) => ({ alias: key, module: value })));
}

/** The keys under which depmod indexes the aliases; those that it leaves out are left out. */
export function normalised(modules: ByModule): ByModule {
  const keys = new Map<string, Multiset>();
  for (const [module, aliases] of modules) {
    const counts = new Map<string, number>();
    for (const [alias, count] of aliases) {
      const key = normalizeAlias(alias);
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + count);
    }
    if (counts.size > 0) keys.set(module, counts);
  }
  return keys;
}
