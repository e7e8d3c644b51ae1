import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { formatAliasText } from '../../alias/alias-text.ts';
import { generateFiles } from '../../alias/generate-files.ts';
import { ModaliasError } from '../../errors.ts';
import { unreadable } from '../../files/read.ts';
import { aliasSource, tableSource } from '../../lookup/alias-source.ts';
import {
  BUILTIN_ALIASES,
  BUILTIN_NAMES,
  type Diagnose,
  type IndexPair,
  modulesOrder,
  openPair,
  openTextFallback,
} from '../../lookup/index-source-files.ts';
import { indexedSource, type LazyIndex } from '../../lookup/pattern-sources.ts';
import type { Match, Source } from '../../match/match.ts';
import { rowsOfText } from '../../pattern-index/pattern-rows-text.ts';
import { type PatternTable, patternAt, tableOfEntries } from '../../pattern-index/pattern-table.ts';
import type { DiffSide } from './side.ts';

/** Reads one input of a side; what kinds there are is a table, `readers`. Throws what reading and parsing throw. */
type Reader = (path: string, diagnose: Diagnose) => DiffSide | Promise<DiffSide>;

/** Kinds of inputs, the first that fits; a file that is no other is a modules.alias or modules.alias.bin. */
const readers: readonly (readonly [fits: (path: string) => boolean, read: Reader])[] = [
  [(path) => statOf(path).isDirectory(), readDirectory],
  [isJson, readJsonTables],
  [() => true, (path, diagnose) => fileSide(path, aliasSource(path, false, 'many', diagnose))],
];

/**
 * Reads a side from modules directories, modules.alias, modules.alias.bin and JSON id tables. Several inputs are laid
 * over each other: a module that a later one has replaces the same module of earlier ones.
 */
export async function readSide(paths: readonly string[], diagnose: Diagnose): Promise<DiffSide> {
  const sides: DiffSide[] = [];
  for (const path of paths) {
    const [, read] = readers.find(([fits]) => fits(path))!;
    sides.push(await read(path, diagnose));
  }
  return sides.length === 1 ? sides[0]! : laidOver(sides);
}

function readDirectory(path: string, diagnose: Diagnose): DiffSide {
  const order = modulesOrder(path);
  return {
    ...fileSide(path, aliasSource(path, true, 'many', diagnose)),
    release: basename(resolve(path)),
    builtin: builtinSource(path, diagnose),
    builtinNames: patternsOf(wholeOf(path, BUILTIN_NAMES, diagnose).table()),
    ...(order ? { names: new Set(order.keys()) } : {}),
  };
}

async function readJsonTables(path: string, diagnose: Diagnose): Promise<DiffSide> {
  const { modules, diagnostics } = await generateFiles([path]);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors[0]) throw new ModaliasError(errors[0].code, errors[0].message, errors[0], { problems: errors });
  for (const diagnostic of diagnostics) diagnose(diagnostic);
  const lines = modules.flatMap(({ module, aliases }) => aliases.map(({ alias }) => ({ alias, module })));
  return fileSide(path, tableSource(rowsOfText(Buffer.from(formatAliasText(lines), 'latin1'))));
}

const fileSide = (path: string, loadable: Source): DiffSide => ({ inputs: [path], release: null, loadable });

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Whether a file holds JSON: by its name, else by its first character. */
function isJson(path: string): boolean {
  if (/\.(nd)?json$/.test(path)) return true;
  if (/\.(alias|bin)$/.test(path) || !statOf(path).isFile()) return false;
  return /^\s*[[{]/.test(readFileSync(path).subarray(0, 256).toString('latin1'));
}

/** An index of a directory that is read as a whole, its text where it is damaged. */
function wholeOf(path: string, pair: IndexPair, diagnose: Diagnose): LazyIndex {
  try {
    const index = openPair(path, pair);
    index.table();
    return index;
  } catch (error) {
    if (!(error instanceof ModaliasError) || error.code !== 'bad-index') throw error;
    return openTextFallback(path, pair, error, diagnose);
  }
}

function builtinSource(path: string, diagnose: Diagnose): Source {
  const { table, root } = wholeOf(path, BUILTIN_ALIASES, diagnose);
  return indexedSource('builtin', table(), root);
}

function patternsOf(table: PatternTable): Set<string> {
  return new Set(Array.from({ length: table.size }, (_, row) => patternAt(table, row)));
}

function laidOver(sides: readonly DiffSide[]): DiffSide {
  const union = (sets: readonly (ReadonlySet<string> | undefined)[]) =>
    sets.every((set) => set !== undefined) ? new Set(sets.flatMap((set) => [...set])) : undefined;
  const builtins = sides.map(({ builtin }) => builtin);
  const names = union(sides.map((side) => side.names));
  const builtinNames = union(sides.map((side) => side.builtinNames));
  return {
    inputs: sides.flatMap(({ inputs }) => inputs),
    release: sides.findLast(({ release }) => release !== null)?.release ?? null,
    loadable: oneOf(sides.map(({ loadable }) => loadable)),
    ...(names ? { names } : {}),
    ...(builtins.every((source) => source !== undefined) ? { builtin: oneOf(builtins), builtinNames } : {}),
  };
}

/** Sources as one, modules of later ones in the place of the same modules of earlier ones. */
function oneOf(sources: readonly Source[]): Source {
  const all = sources.map((source) => [...(source.patterns?.() ?? [])]);
  const home = new Map(all.flatMap((matches, i) => matches.map(({ module }) => [module, i] as const)));
  let base = 0;
  const kept: Match[] = [];
  for (const [i, matches] of all.entries()) {
    let last = 0;
    for (const match of matches) {
      last = Math.max(last, match.priority + 1);
      if (home.get(match.module) === i) kept.push({ ...match, priority: base + match.priority });
    }
    base += last;
  }
  const entries = kept.map(({ pattern, module, priority }) => ({ key: pattern, value: module, priority }));
  return tableSource(tableOfEntries(entries.reverse()));
}
