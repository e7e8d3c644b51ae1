import { generateAliases } from '../../alias/generate.ts';
import type { Elf } from '../../binary/elf.ts';
import { extractTables } from '../../module/extract-tables.ts';
import { modinfoStrings } from '../../module/modinfo.ts';
import type { NamedModule } from '../../modules-directory/module-task.ts';
import { openModules } from '../../modules-directory/open-modules.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import type { Change, RowOrigin } from './change.ts';
import type { Difference } from './diff.ts';
import type { DiffSide, SideRow } from './side.ts';

/**
 * The rows that make the aliases of some modules, from module files in directories and packages (`openModules` tells
 * what it throws). A module whose tables cannot be read has none.
 */
export async function rowsOfModules(
  inputs: readonly string[],
  release: string | undefined,
  modules: ReadonlySet<string>,
): Promise<SideRow[]> {
  const task = (elf: Elf, module: NamedModule) => (modules.has(module.name) ? rowsOf(elf, module) : []);
  const { directory, read } = await openModules(inputs, task, { packagedRelease: release });
  const rows: SideRow[] = [];
  for await (const { value } of read(directory.modules.filter(({ name }) => modules.has(name))))
    if (value) for (const row of value) rows.push(row);
  return rows;
}

function rowsOf(elf: Elf, { name, file }: NamedModule): SideRow[] {
  const { tables, release } = extractTables(elf, modinfoStrings(elf));
  return generateAliases(tables, { release }).aliases.flatMap(({ alias, table, row }) => {
    const pattern = normalizeAlias(alias);
    return pattern === undefined ? [] : [{ pattern, file, module: name, table: tables[table]!.name, row }];
  });
}

/** The difference with the rows of id tables that make the pattern of each change, where a side knows them. */
export async function withRows(difference: Difference, old: DiffSide, now: DiffSide): Promise<Difference> {
  const all = [...difference.changes, ...difference.other];
  const found = new Map<string, RowOrigin[]>();
  for (const [side, { rowsOf: rowsOn }] of [['old', old] as const, ['new', now] as const]) {
    const modules = new Set(all.flatMap((change) => [...change.modules, ...change[side]]));
    if (!rowsOn || modules.size === 0) continue;
    for (const { pattern, ...row } of await rowsOn(modules)) {
      const rows = found.get(pattern) ?? [];
      rows.push({ side, ...row });
      found.set(pattern, rows);
    }
  }
  const concerns = (change: Change) => {
    const modules = new Set([...change.modules, ...change.old, ...change.new]);
    return (found.get(change.pattern) ?? []).filter(({ module }) => modules.has(module));
  };
  const told = (change: Change) => ({ ...change, rows: concerns(change) });
  return { ...difference, changes: difference.changes.map(told), other: difference.other.map(told) };
}
