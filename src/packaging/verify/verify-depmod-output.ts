import type { IndexEntry } from '../../index-file/index-format.ts';
import { type Trie, valuesOfKey } from '../../index-file/index-trie.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import { type Cause, cause, type Item } from '../finding.ts';
import type { ModuleAliases } from '../index-files.ts';
import { countOf, type Multiset, sameCounts } from '../multiset.ts';
import type { NoteBook } from '../notes.ts';
import { keysByModule, normalised } from './by-module.ts';
import { type DepmodOutput, isIndexOf, readEntries } from './verify-files.ts';
import { asOneStale, compareIndex, type IndexKind, isStale } from './verify-indexes.ts';
import { type LinesVerdict, verifyLines } from './verify-lines.ts';

/** What the comparison of depmod's files needs besides them. */
export interface OutputContext {
  /** The path of a file of the directory, for messages. */
  readonly file: (name: string) => string;
  readonly notes: NoteBook;
  readonly known: (module: string) => boolean;
  /** Modules of which nothing certain is known: unreadable, or one of two files that depmod may choose. */
  readonly unsure: ReadonlySet<string>;
  /** Whether there is a modules.order, and one that depmod can use: if not, that it cannot is reported already. */
  readonly order: 'sound' | 'missing' | 'unusable';
}

/**
 * Holds the files that depmod makes against what it should make them of. Files that are those of another kernel are one
 * cause. `loadable` and `builtin` are what the two indexes should hold.
 */
export function verifyDepmodOutput(
  output: DepmodOutput,
  modules: readonly ModuleAliases[],
  { loadable, builtin }: { readonly loadable: Trie; readonly builtin: Trie },
  context: OutputContext,
): Cause[] {
  const { causes, alike } = verifyLoadable(output, modules, loadable, context);
  return asOneStale([...causes, ...verifyBuiltin(output, builtin, context)], alike);
}

/** What is wrong with modules.alias and its index; `alike` is the index where it repeats what a stale text says. */
interface LoadableVerdict {
  readonly causes: readonly Cause[];
  readonly alike: readonly string[];
}

/**
 * Compares modules.alias and modules.alias.bin with the aliases of the modules. What the text gets wrong is not
 * reported again for an index that agrees with it. A directory with neither, where depmod has not run yet, is a note.
 */
function verifyLoadable(
  { text, index }: DepmodOutput,
  modules: readonly ModuleAliases[],
  trie: Trie,
  context: OutputContext,
): LoadableVerdict {
  const { file, notes, known, unsure } = context;
  if (text === undefined && index === 'absent') {
    notes.add(
      'not-indexed',
      'neither modules.alias nor modules.alias.bin is here: only the modules themselves were checked',
    );
    return { causes: [], alike: [] };
  }
  const kindOf = (name: string, where: 'text' | 'index'): IndexKind => ({
    file: file(name),
    missing: `missing-in-${where}`,
    extra: `extra-in-${where}`,
    source: 'the modules',
    known,
  });
  if (text === undefined) notes.add('no-text', 'modules.alias is missing; libkmod does not need it');
  const lines: LinesVerdict =
    text === undefined
      ? { causes: [], found: undefined }
      : verifyLines(text, modules, kindOf('modules.alias', 'text'), (m) => unsure.has(m));
  const path = file('modules.alias.bin');
  if (index === 'absent' || index === 'empty') {
    const message = `modules.alias.bin is ${index}, and libkmod reads no other file; run depmod or modalias build`;
    return { causes: [...lines.causes, cause('missing-file', message, { file: path })], alike: [] };
  }
  if (isIndexOf(index, trie)) return { causes: lines.causes, alike: [] };
  const entries = readEntries(index, path);
  if ('rule' in entries) return { causes: [...lines.causes, entries], alike: [] };
  const expected = new Map(modules.filter((m) => m.aliases.length > 0).map((m) => [m.module, countOf(m.aliases)]));
  const found = keysByModule(entries);
  const lineKeys = lines.found && normalised(lines.found);
  const told = (module: string) =>
    unsure.has(module) ||
    (lineKeys !== undefined && sameCounts(lineKeys.get(module) ?? NOTHING, found.get(module) ?? NOTHING));
  const should = normalised(expected);
  const kind = kindOf('modules.alias.bin', 'index');
  const different = compareIndex(kind, should, found, told);
  const causes = [...lines.causes, ...different];
  if (!causes.some(isStale)) return { causes: [...causes, ...staleOrder(trie, entries, path, context)], alike: [] };
  const repeats = different.length === 0 && compareIndex(kind, should, found, (m) => unsure.has(m)).length > 0;
  return { causes, alike: repeats ? [path] : [] };
}

/** Holds modules.builtin.alias.bin against modules.builtin.modinfo. */
function verifyBuiltin(
  { modinfo, builtin, builtinIndex, index }: DepmodOutput,
  trie: Trie,
  { file }: Pick<OutputContext, 'file'>,
): Cause[] {
  const list = file('modules.builtin.modinfo');
  const path = file('modules.builtin.alias.bin');
  const bracket = 'an unpaired bracket: depmod omits the alias from modules.builtin.alias.bin';
  const causes = (builtin ?? [])
    .filter(({ alias }) => normalizeAlias(alias) === undefined)
    .map(({ module, alias }) => cause('unmatched-bracket', bracket, { module, alias, file: list }));
  if (builtinIndex === 'absent' || builtinIndex === 'empty') {
    if (trie.entries.length === 0 || index === 'absent') return causes;
    const message = `modules.builtin.alias.bin is ${builtinIndex}, but modules.builtin.modinfo has ${trie.entries.length} aliases; run depmod or modalias build`;
    return [...causes, cause('missing-file', message, { file: path })];
  }
  // That modules.builtin.modinfo is empty is reported already, and the index may be right.
  if (builtin === undefined || modinfo === '' || isIndexOf(builtinIndex, trie)) return causes;
  const entries = readEntries(builtinIndex, path);
  if ('rule' in entries) return [...causes, entries];
  const kind: IndexKind = {
    file: path,
    missing: 'missing-in-index',
    extra: 'extra-in-index',
    source: list,
    known: () => true,
  };
  return [...causes, ...compareIndex(kind, keysByModule(trie.entries), keysByModule(entries))];
}

const NOTHING: Multiset = new Map();

/** One cause where the modules of an alias are not ranked as depmod would rank them. */
function staleOrder(trie: Trie, entries: readonly IndexEntry[], file: string, { order }: OutputContext): Cause[] {
  if (order === 'unusable') return [];
  const ranked = new Map<string, string[]>();
  for (const { key, value } of entries) {
    const values = ranked.get(key);
    if (values) values.push(value);
    else ranked.set(key, [value]);
  }
  const by = order === 'sound' ? 'by modules.order' : 'without a modules.order, by the hash of the names,';
  const items: Item[] = [];
  for (const [key, values] of ranked) {
    const should = modulesOf(trie, key);
    if (values.length < 2 || values.join() === should.join()) continue;
    if (values.toSorted().join() !== should.toSorted().join()) continue;
    const message = `the index ranks ${values.join(', ')}, but ${by} it is ${should.join(', ')}`;
    items.push({ alias: key, module: values[0]!, file, message });
  }
  if (items.length === 0) return [];
  return [{ rule: 'stale-order', items, others: 'such aliases', advice: 'run depmod or modalias build' }];
}

function modulesOf(trie: Trie, key: string): string[] {
  return valuesOfKey(trie, key).map(({ value }) => value);
}
