import { type AliasLine, parseAliasText } from '../../alias/alias-text.ts';
import type { IndexEntry } from '../../index-file/index-format.ts';
import { type Trie, valuesOfKey } from '../../index-file/index-trie.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import { type Finding, finding } from '../finding.ts';
import { aliasTextOf, type ModuleAliases } from '../index-files.ts';
import { countOf, type Multiset, sameCounts } from '../multiset.ts';
import type { NoteBook } from '../notes.ts';
import { type DepmodOutput, isIndexOf, readEntries } from './verify-files.ts';
import { type ByModule, compareIndex, type IndexKind } from './verify-indexes.ts';

/** What the comparison of depmod's files needs besides them. */
export interface OutputContext {
  /** The path of a file of the directory, for messages. */
  readonly file: (name: string) => string;
  readonly notes: NoteBook;
  readonly known: (module: string) => boolean;
  /** Modules of which nothing certain is known: unreadable, or one of two files that depmod may choose. */
  readonly unsure: ReadonlySet<string>;
}

/**
 * Holds modules.alias and modules.alias.bin against the aliases of the modules. What the text gets wrong is not told again for an index that
 * agrees with it. A directory with neither is one that depmod has not seen yet, which is a note.
 */
export function verifyLoadable(
  { text, index }: DepmodOutput,
  modules: readonly ModuleAliases[],
  trie: Trie,
  { file, notes, known, unsure }: OutputContext,
): Finding[] {
  const findings: Finding[] = [];
  const kindOf = (name: string, where: 'text' | 'index'): IndexKind => ({
    file: file(name),
    missing: `missing-in-${where}`,
    extra: `extra-in-${where}`,
    source: 'the modules',
    known,
  });
  if (text === undefined && index === 'absent') {
    notes.add(
      'not-indexed',
      'neither modules.alias nor modules.alias.bin is here: only the modules themselves were checked',
    );
    return findings;
  }
  const wanted = new Map(modules.filter((m) => m.aliases.length > 0).map((m) => [m.module, countOf(m.aliases)]));
  const lines = text === undefined || text === aliasTextOf(modules) ? undefined : byModule(parseAliasText(text));
  if (lines) findings.push(...compareIndex(kindOf('modules.alias', 'text'), wanted, lines, (m) => unsure.has(m)));
  if (text === undefined) notes.add('no-text', 'modules.alias is missing; libkmod does without it');
  if (index === 'absent' || index === 'empty')
    findings.push(
      finding(
        'missing-file',
        `modules.alias.bin is ${index}, and libkmod reads no other file; run depmod or modalias build`,
        { file: file('modules.alias.bin') },
      ),
    );
  else if (!isIndexOf(index, trie)) {
    const entries = readEntries(index, file('modules.alias.bin'));
    if ('rule' in entries) return [...findings, entries];
    const found = keysByModule(entries);
    const lineKeys = lines && normalised(lines);
    const told = (module: string) =>
      unsure.has(module) ||
      (lineKeys !== undefined && sameCounts(lineKeys.get(module) ?? NOTHING, found.get(module) ?? NOTHING));
    findings.push(
      ...compareIndex(kindOf('modules.alias.bin', 'index'), normalised(wanted), found, told),
      ...staleOrder(trie, entries, file('modules.alias.bin')),
    );
  }
  return findings;
}

/** Holds modules.builtin.alias.bin against modules.builtin.modinfo. */
export function verifyBuiltin(
  { builtin, builtinIndex, index }: DepmodOutput,
  trie: Trie,
  { file, notes }: Pick<OutputContext, 'file' | 'notes'>,
): Finding[] {
  const findings: Finding[] = [];
  const list = file('modules.builtin.modinfo');
  const path = file('modules.builtin.alias.bin');
  if (builtin === undefined)
    notes.add('no-builtin-modinfo', 'modules.builtin.modinfo is missing: aliases of built-in code are unknown');
  for (const { module, alias } of builtin ?? [])
    if (normalizeAlias(alias) === undefined)
      findings.push(
        finding(
          'unmatched-bracket',
          'a bracket has no partner: depmod leaves the alias out of modules.builtin.alias.bin',
          { module, alias, file: list },
        ),
      );
  if (builtinIndex === 'absent' || builtinIndex === 'empty') {
    if (trie.entries.length > 0 && index !== 'absent')
      findings.push(
        finding(
          'missing-file',
          `modules.builtin.alias.bin is ${builtinIndex}, but modules.builtin.modinfo has ${trie.entries.length} aliases; run depmod or modalias build`,
          { file: path },
        ),
      );
  } else if (builtin !== undefined && !isIndexOf(builtinIndex, trie)) {
    const entries = readEntries(builtinIndex, path);
    if ('rule' in entries) return [...findings, entries];
    const kind: IndexKind = {
      file: path,
      missing: 'missing-in-index',
      extra: 'extra-in-index',
      source: list,
      known: () => true,
    };
    findings.push(...compareIndex(kind, keysByModule(trie.entries), keysByModule(entries)));
  }
  return findings;
}

const NOTHING: Multiset = new Map();

function byModule(lines: Iterable<AliasLine>): Map<string, Map<string, number>> {
  const modules = new Map<string, Map<string, number>>();
  for (const { alias, module } of lines) {
    const counts = modules.get(module) ?? new Map<string, number>();
    modules.set(module, counts);
    counts.set(alias, (counts.get(alias) ?? 0) + 1);
  }
  return modules;
}

function keysByModule(entries: readonly IndexEntry[]): ByModule {
  return byModule(entries.map(({ key, value }) => ({ alias: key, module: value })));
}

function normalised(modules: ByModule): ByModule {
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

/** One finding where the modules of an alias are ranked otherwise than modules.order ranks them. */
function staleOrder(trie: Trie, entries: readonly IndexEntry[], file: string): Finding[] {
  const ranked = new Map<string, string[]>();
  for (const { key, value } of entries) {
    const values = ranked.get(key);
    if (values) values.push(value);
    else ranked.set(key, [value]);
  }
  const wrong = [...ranked].filter(([key, values]) => {
    const should = modulesOf(trie, key);
    return (
      values.length > 1 && values.join() !== should.join() && values.toSorted().join() === should.toSorted().join()
    );
  });
  if (wrong.length === 0) return [];
  const [key, values] = wrong[0]!;
  const others = wrong.length > 1 ? ` (and ${wrong.length - 1} more such aliases)` : '';
  return [
    finding(
      'stale-order',
      `the index ranks ${values.join(', ')}, but by modules.order it is ${modulesOf(trie, key).join(', ')}${others}; run depmod or modalias build`,
      { alias: key, module: values[0]!, file },
    ),
  ];
}

function modulesOf(trie: Trie, key: string): string[] {
  return valuesOfKey(trie, key).map(({ value }) => value);
}
