import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatAliasText } from '../../alias/alias-text.ts';
import { generateFiles } from '../../alias/generate-files.ts';
import { ModaliasError } from '../../errors.ts';
import { statOf } from '../../files/read-sync.ts';
import { aliasSource, tableSource } from '../../lookup/alias-source.ts';
import type { IndexFolder } from '../../lookup/index-folder.ts';
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
import { isPackage } from '../../package/open-package.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import { rowsOfText } from '../../pattern-index/pattern-rows-text.ts';
import { type PatternTable, patternAt, tableOfEntries } from '../../pattern-index/pattern-table.ts';
import { isJsonFile } from '../json-file.ts';
import {
  folderOfRelease,
  type KernelFolder,
  type KernelFolderOptions,
  openKernelFolder,
  openUnindexed,
  pathOfRelease,
} from '../kernel-folder.ts';
import { servingPackages } from './packages.ts';
import { rowsOfModules } from './rows.ts';
import type { DiffSide } from './side.ts';

export interface ReadSideOptions extends Omit<KernelFolderOptions, 'diagnose'> {
  readonly diagnose: Diagnose;
  /** Whether the rows of module files can be asked for; those of JSON tables always can. Default: false. */
  readonly rows?: boolean | undefined;
}

/** Reads one input of a side; what kinds there are is a table, `readers`. Throws what reading and parsing throw. */
type Reader = (path: string, options: ReadSideOptions) => DiffSide | Promise<DiffSide>;

/** Kinds of inputs, the first that fits; any other file is a modules.alias or modules.alias.bin. */
const readers: readonly {
  readonly fits: (path: string) => boolean | Promise<boolean>;
  readonly read: Reader;
  /** Whether several in a row are laid over each other file by file, before anything is made of them. */
  readonly byFile?: (path: string) => boolean;
}[] = [
  { fits: (path) => statOf(path).isDirectory(), read: readDirectory, byFile: (path) => !isAliasesOnly(path) },
  { fits: isPackage, read: (path, options) => readFolder([path], options), byFile: () => true },
  { fits: isJsonFile, read: readJsonTables },
  {
    fits: () => true,
    read: (path, { packagedRelease, diagnose }) => {
      pathOfRelease(path, packagedRelease);
      return fileSide(path, aliasSource(path, 'many', diagnose));
    },
  },
];

/**
 * Reads a side from modules directories, packages, modules.alias, modules.alias.bin and JSON id tables. Several inputs
 * are laid over each other: directories and packages in a row file by file, and their aliases are made as `build` makes
 * them; otherwise a module that a later input has replaces the same module of earlier ones.
 */
export async function readSide(paths: readonly string[], options: ReadSideOptions): Promise<DiffSide> {
  const runs: { paths: string[]; byFile: boolean; read: Reader }[] = [];
  for (const path of paths) {
    let found: (typeof readers)[number] | undefined;
    for (const reader of readers) if (!found && (await reader.fits(path))) found = reader;
    const { read, byFile } = found!;
    const isByFile = byFile?.(path) ?? false;
    const last = runs.at(-1);
    if (isByFile && last?.byFile) last.paths.push(path);
    else runs.push({ paths: [path], byFile: isByFile, read });
  }
  const sides: DiffSide[] = [];
  for (const run of runs)
    sides.push(await (run.paths.length > 1 ? readFolder(run.paths, options) : run.read(run.paths[0]!, options)));
  return sides.length === 1 ? sides[0]! : laidOver(sides);
}

async function readDirectory(path: string, options: ReadSideOptions): Promise<DiffSide> {
  try {
    return folderSide([path], folderOfRelease(path, options.packagedRelease), options);
  } catch (error) {
    return sideOfFolder([path], await openUnindexed(path, error, options), options);
  }
}

async function readFolder(paths: readonly string[], options: ReadSideOptions): Promise<DiffSide> {
  return sideOfFolder(paths, await openKernelFolder(paths, options), options);
}

async function sideOfFolder(
  paths: readonly string[],
  folder: KernelFolder,
  options: ReadSideOptions,
): Promise<DiffSide> {
  const { builtin, builtinNames, ...side } = folderSide(paths, folder, options);
  return {
    ...side,
    packageOf: await servingPackages(folder),
    ...(folder.tellsBuiltin ? { builtin, builtinNames } : {}),
  };
}

function folderSide(inputs: readonly string[], folder: IndexFolder, { diagnose, rows }: ReadSideOptions): DiffSide {
  const order = modulesOrder(folder);
  return {
    inputs,
    release: folder.release,
    loadable: aliasSource(folder, 'many', diagnose),
    builtin: builtinSource(folder, diagnose),
    builtinNames: patternsOf(wholeOf(folder, BUILTIN_NAMES, diagnose).table()),
    ...(order ? { names: new Set(order.keys()) } : {}),
    ...(rows ? { rowsOf: (modules) => rowsOfModules(inputs, folder.release, modules) } : {}),
  };
}

/** Whether a directory holds alias files and none of the modules that they are made of. */
function isAliasesOnly(path: string): boolean {
  const holds = (name: string) => existsSync(join(path, name));
  const modules = ['kernel', 'updates', 'extra', 'modules.order', 'modules.builtin'];
  return (holds('modules.alias') || holds('modules.alias.bin')) && !modules.some(holds);
}

async function readJsonTables(path: string, { packagedRelease, diagnose }: ReadSideOptions): Promise<DiffSide> {
  pathOfRelease(path, packagedRelease);
  const { modules, diagnostics } = await generateFiles([path]);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors[0]) throw new ModaliasError(errors[0].code, errors[0].message, errors[0], { problems: errors });
  for (const diagnostic of diagnostics) diagnose(diagnostic);
  const lines = modules.flatMap(({ module, aliases }) => aliases.map(({ alias }) => ({ alias, module })));
  const rows = modules.flatMap(({ file, module, tables, aliases }) =>
    aliases.flatMap(({ alias, table, row }) => {
      const pattern = normalizeAlias(alias);
      const known = pattern !== undefined && table !== undefined && row !== undefined;
      return known ? [{ pattern, file, module, table: tables[table]!, row }] : [];
    }),
  );
  return {
    ...fileSide(path, tableSource(rowsOfText(Buffer.from(formatAliasText(lines), 'latin1')))),
    rowsOf: async (asked) => rows.filter(({ module }) => asked.has(module)),
  };
}

const fileSide = (path: string, loadable: Source): DiffSide => ({ inputs: [path], release: null, loadable });

/** An index of a directory that is read as a whole, its text where it is damaged. */
function wholeOf(folder: IndexFolder, pair: IndexPair, diagnose: Diagnose): LazyIndex {
  try {
    const index = openPair(folder, pair);
    index.table();
    return index;
  } catch (error) {
    if (!(error instanceof ModaliasError) || error.code !== 'bad-index') throw error;
    return openTextFallback(folder, pair, error, diagnose);
  }
}

function builtinSource(folder: IndexFolder, diagnose: Diagnose): Source {
  const { table, root } = wholeOf(folder, BUILTIN_ALIASES, diagnose);
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
  const home = homesOf(sides);
  return {
    inputs: sides.flatMap(({ inputs }) => inputs),
    release: sides.findLast(({ release }) => release !== null)?.release ?? null,
    loadable: oneOf(sides.map(({ loadable }) => loadable)),
    packageOf: (module) => home.get(module)?.packageOf?.(module),
    rowsOf: async (modules) => {
      const rows = await Promise.all(
        sides.map(async (side) =>
          ((await side.rowsOf?.(modules)) ?? []).filter(({ module }) => home.get(module) === side),
        ),
      );
      return rows.flat();
    },
    ...(names ? { names } : {}),
    ...(builtins.every((source) => source !== undefined) ? { builtin: oneOf(builtins), builtinNames } : {}),
  };
}

/** The last side that has a module, by its name. */
function homesOf(sides: readonly DiffSide[]): ReadonlyMap<string, DiffSide> {
  const home = new Map<string, DiffSide>();
  for (const side of sides) {
    for (const name of side.names ?? []) home.set(name, side);
    for (const { module } of side.loadable.patterns?.() ?? []) home.set(module, side);
  }
  return home;
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
