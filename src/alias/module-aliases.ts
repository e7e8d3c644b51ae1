import { needObject } from '../arguments.ts';
import type { Diagnostic } from '../errors.ts';
import type { ModuleTables } from '../tables/module-tables.ts';
import { type Generated, generateAliases } from './generate.ts';

/** An alias of a module and where it comes from. */
export interface ModuleAlias {
  readonly alias: string;
  /** Indices of the table and of the row in it that make the alias; undefined for one of the module's own `aliases`. */
  readonly table?: number;
  readonly row?: number;
}

/**
 * All aliases of a module, with the diagnostics of its rows; the diagnostics' JSON pointers begin at the module object.
 */
export interface ModuleAliases {
  readonly aliases: readonly ModuleAlias[];
  readonly diagnostics: Generated['diagnostics'];
  /** Aliases that earlier rows made already, where the release's modpost drops them. Default: none. */
  readonly dropped?: Generated['dropped'];
}

/**
 * The aliases that a module object of a JSON id table makes: those of its tables, in table and row order, then those of
 * its `aliases` that the tables do not make. An alias listed as often as the tables make it is the same one: the list
 * may be a whole .modinfo, or only the hand-written aliases.
 */
export function moduleAliases(module: ModuleTables): ModuleAliases {
  needObject('module', module, 'tables');
  // Names are for display and may repeat; the index identifies the table of a diagnostic.
  const tables = module.tables.map((table, i) => ({ ...table, name: String(i) }));
  return aliasesOfModule(module, generateAliases(tables, module));
}

/** The same if the aliases of the tables are made already, given by their indices. @internal */
export function aliasesOfModule(
  module: ModuleTables,
  made: Generated = { aliases: [], diagnostics: [] },
): ModuleAliases {
  const counts = new Map<string, number>();
  if (module.aliases.length > 0) for (const { alias } of made.aliases) counts.set(alias, (counts.get(alias) ?? 0) + 1);
  const diagnostics: Diagnostic[] = made.diagnostics.map((d) => {
    if (d.table === undefined) return { ...d, module: module.module, pointer: '' };
    const row = d.row === undefined ? '' : `/rows/${d.row}`;
    const name = module.tables[Number(d.table)]!.name;
    return { ...d, module: module.module, table: name, pointer: `/tables/${d.table}${row}` };
  });
  const further = module.aliases.filter((alias, i) => {
    const left = counts.get(alias) ?? 0;
    if (left > 0) {
      counts.set(alias, left - 1);
      return false;
    }
    if (!/^[^ \t]+$/.test(alias))
      diagnostics.push({ ...misread(alias), module: module.module, pointer: `/aliases/${i}` });
    return true;
  });
  const aliases = further.length === 0 ? made.aliases : [...made.aliases, ...further.map((alias) => ({ alias }))];
  return { aliases, diagnostics, ...(made.dropped ? { dropped: made.dropped } : {}) };
}

/** Words of a line are split at blanks (libkmod-config.c:kmod_config_parse); the index keeps the alias as it is. */
function misread(alias: string): Diagnostic {
  const [first, second] = alias.split(/[ \t]+/).filter((word) => word !== '');
  const read =
    first === undefined
      ? 'its line of modules.alias is not an alias line to modprobe'
      : second === undefined
        ? `modprobe reads its line of modules.alias as one of '${first}'`
        : `modprobe reads its line of modules.alias as alias '${first}' of module '${second}'`;
  const message = `the alias '${alias}' ${alias === '' ? 'is empty' : 'contains a blank'}, expected one word: ${read}`;
  return { code: 'alias-blank', severity: 'warning', message };
}
