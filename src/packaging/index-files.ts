import { ALIAS_HEADER, formatAliasLine } from '../alias/alias-text.ts';
import type { Diagnostic } from '../errors.ts';
import type { IndexEntry, IndexLayout } from '../index-file/index-format.ts';
import { buildTrie } from '../index-file/index-trie.ts';
import { writeTrie } from '../index-file/index-writer.ts';
import { type BuiltinAlias, parseBuiltinModinfo } from '../modules-directory/builtin-modinfo.ts';
import { normalizeAlias } from '../pattern/normalize.ts';

/** A module's name with its aliases in the order of its .modinfo. */
export interface ModuleAliases {
  readonly module: string;
  readonly aliases: readonly string[];
}

/** What depmod makes of the aliases of a modules directory. */
export interface IndexFiles {
  /** modules.alias, latin1. */
  readonly aliasText: string;
  /** modules.alias.bin */
  readonly aliasIndex: Uint8Array;
  /** modules.builtin.alias.bin; empty where there is no modules.builtin.modinfo. */
  readonly builtinIndex: Uint8Array;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The three files, byte for byte those of depmod. `modules` stand in depmod's order, `builtinModinfo` is the text of
 * modules.builtin.modinfo (latin1). Aliases whose brackets do not match are in the text but not in the index; each is a
 * warning. Throws `not-ascii` and `index-too-large`. kmod tools/depmod.c:output_aliases, output_aliases_bin,
 * output_builtin_alias_bin.
 */
export function makeIndexFiles(
  modules: readonly ModuleAliases[],
  builtinModinfo: string | undefined,
  layout: IndexLayout,
): IndexFiles {
  const diagnostics: Diagnostic[] = [];
  const dropped = (module: string, alias: string) =>
    diagnostics.push({
      code: 'unmatched-bracket',
      severity: 'warning',
      message: `'${alias}' has an unpaired bracket: the index omits it, and no device will find it`,
      module,
    });
  const loadable = loadableEntries(modules, dropped);
  const builtin = builtinEntries(parseBuiltinModinfo(builtinModinfo ?? ''), dropped);
  if (builtinModinfo === undefined)
    diagnostics.push({
      code: 'no-builtin-modinfo',
      severity: 'warning',
      message: 'modules.builtin.modinfo is missing: modules.builtin.alias.bin is empty, as with depmod',
    });
  return {
    aliasText: aliasTextOf(modules),
    aliasIndex: writeTrie(buildTrie(loadable), layout),
    builtinIndex: builtinModinfo === undefined ? Buffer.alloc(0) : writeTrie(buildTrie(builtin), layout),
    diagnostics,
  };
}

/** The text of modules.alias (latin1). */
export function aliasTextOf(modules: readonly ModuleAliases[]): string {
  let text = ALIAS_HEADER;
  for (const { module, aliases } of modules) for (const alias of aliases) text += formatAliasLine(alias, module);
  return text;
}

/** Takes an alias that an index has to leave out. */
export type Dropped = (module: string, alias: string) => void;

/** The entries of modules.alias.bin: a module's priority is its place. */
export function loadableEntries(modules: readonly ModuleAliases[], dropped: Dropped): IndexEntry[] {
  const entries: IndexEntry[] = [];
  modules.forEach(({ module, aliases }, priority) => {
    for (const alias of aliases) addEntry(entries, module, alias, priority, dropped);
  });
  return entries;
}

/** The entries of modules.builtin.alias.bin: all of one priority. */
export function builtinEntries(aliases: readonly BuiltinAlias[], dropped: Dropped): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (const { module, alias } of aliases) addEntry(entries, module, alias, 0, dropped);
  return entries;
}

function addEntry(entries: IndexEntry[], module: string, alias: string, priority: number, dropped: Dropped): void {
  const key = normalizeAlias(alias);
  if (key === undefined) dropped(module, alias);
  else entries.push({ key, value: module, priority });
}
