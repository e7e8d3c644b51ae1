import { statSync } from 'node:fs';
import { release } from 'node:os';
import { type AliasLine, formatAliasText } from '../alias/alias-text.ts';
import { needList, needText } from '../arguments.ts';
import type { ModprobeConfig } from '../config/modprobe-config.ts';
import { MODPROBE_DIRECTORIES, readModprobeConfig } from '../config/read-modprobe-config.ts';
import type { Diagnostic, ModaliasError } from '../errors.ts';
import { unreadable } from '../files/read.ts';
import { searchExact } from '../index-file/index-search.ts';
import type { Match, Source } from '../match/match.ts';
import { rowsOfText } from '../pattern-index/pattern-rows-text.ts';
import { type AliasIndex, aliasIndex } from './alias-index.ts';
import { aliasSource, tableSource } from './alias-source.ts';
import { commandSource, configSource } from './config-sources.ts';
import { folderOnDisk, type IndexFolder } from './index-folder.ts';
import {
  BUILTIN_ALIASES,
  BUILTIN_NAMES,
  type IndexPair,
  NAMES,
  openPair,
  openTextFallback,
  SYMBOLS,
  withFallback,
} from './index-source-files.ts';
import { builtinNameSource, nameSource } from './name-source.ts';
import { noSuchPath } from './no-aliases.ts';
import { type LazyIndex, lazySource, type Root, walkedSource } from './pattern-sources.ts';

export interface LoadOptions {
  /**
   * Directories (or files) of modprobe's configuration, the most important first; `system` for those of this machine. A
   * path that is named but cannot be read is an error (`unreadable`). Default: none.
   */
  readonly config?: 'system' | readonly string[] | undefined;
  /**
   * A file with the kernel's command line, whose `modprobe.blacklist` counts too. Default: /proc/cmdline with `config:
   * 'system'`, else none.
   */
  readonly commandLine?: string | undefined;
  /**
   * `few` lookups walk modules.alias.bin in place; `many` read all patterns first and index those of a bus on its first
   * key. The answers are the same. Default: `many`.
   */
  readonly expected?: 'few' | 'many' | undefined;
  /** Receives warnings about the files. Default: they are dropped. */
  readonly diagnose?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** Where the running kernel's modules are. */
export function runningModules(): string {
  return `/lib/modules/${release()}`;
}

/**
 * Reads the aliases of a folder, or at a path: a modules directory, a modules.alias or a modules.alias.bin (by its
 * `.bin` or its first four bytes). A directory also answers for names of modules, symbols and what is built into the
 * kernel. Throws `unreadable`, `no-index` for a directory without aliases, `not-a-modules-directory` for a part of a
 * modules directory or what has one below it, `not-aliases` for another kind of file and, if there is no text beside
 * it, `bad-index`.
 */
export function openAliasIndex(at: string | IndexFolder, options: LoadOptions = {}): AliasIndex {
  const { expected = 'many', diagnose = () => {} } = options;
  const folder = typeof at !== 'string' ? at : isDirectory(at) ? folderOnDisk(at) : undefined;
  const config = readConfig(options, folder?.onDisk ? folder.path : undefined, diagnose);
  const aliases = aliasSource(folder ?? (at as string), expected, diagnose);
  const sources: Source[] = [];
  const commands = config && config.commands.length > 0 ? [commandSource(config)] : [];
  if (config && config.aliases.length > 0) sources.push(configSource(config));
  if (!folder) return aliasIndex([...sources, ...commands, aliases], { config });
  const pairSource = (pair: IndexPair, make: (index: LazyIndex) => Source) =>
    sourceOfPair(folder, pair, make, diagnose);
  const many = expected === 'many';
  sources.push(
    pairSource(NAMES, ({ root }) => nameSource('name', root)),
    pairSource(SYMBOLS, ({ root }) => walkedSource('symbol', root)),
    ...commands,
    aliases,
    pairSource(BUILTIN_NAMES, (index) => (many ? builtinNameSource(index) : nameSource('builtin-name', index.root))),
    pairSource(BUILTIN_ALIASES, (index) => {
      const whole = lazySource('builtin', index);
      return many ? whole : { ...whole, find: walkedSource('builtin', index.root).find };
    }),
  );
  const file = withFallback(fileOf(openPair(folder, NAMES).root), (error) =>
    fileOf(openTextFallback(folder, NAMES, error, diagnose).root),
  );
  return aliasIndex(sources, { config, file });
}

function sourceOfPair(
  folder: IndexFolder,
  pair: IndexPair,
  make: (index: LazyIndex) => Source,
  diagnose: (diagnostic: Diagnostic) => void,
): Source {
  const first = make(openPair(folder, pair));
  let twin: Source | undefined;
  const fallBack = (error: ModaliasError): Source => {
    twin ??= make(openTextFallback(folder, pair, error, diagnose));
    return twin;
  };
  return {
    ...first,
    find: withFallback(first.find, (error) => fallBack(error).find),
    patterns: () =>
      withFallback<Source, Iterable<Match>>(
        (source) => source.patterns?.() ?? [],
        (error) => () => fallBack(error).patterns?.() ?? [],
      )(first),
  };
}

/** An index of a modules.alias text (latin1) that is in memory already. */
export function parseAliases(text: string): AliasIndex {
  needText('text', text);
  return aliasIndex([tableSource(rowsOfText(Buffer.from(text, 'latin1')))]);
}

/** The files of modules by their names, from modules.dep. */
function fileOf(root: Root): (module: string) => string | undefined {
  return (module) => {
    const line = searchExact(root(), module)?.value;
    return line?.includes(':') ? line.slice(0, line.indexOf(':')) : undefined;
  };
}

/** An index of alias lines that are in memory already, in the order of modules.alias. */
export function buildAliasIndex(lines: Iterable<AliasLine>): AliasIndex {
  needList('lines', lines, 'alias', 'module');
  return parseAliases(formatAliasText(lines));
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? noSuchPath(path) : unreadable(path, error);
  }
}

/** modprobe's configuration, as the options ask for it, with the softdep lines of a modules directory if any. */
export function readConfig(
  { config, commandLine }: LoadOptions,
  modules: string | undefined,
  diagnose: (d: Diagnostic) => void,
): ModprobeConfig | undefined {
  if (config === undefined && commandLine === undefined) return undefined;
  return config === 'system'
    ? readModprobeConfig({
        directories: MODPROBE_DIRECTORIES,
        commandLine: commandLine ?? '/proc/cmdline',
        modules,
        diagnose,
      })
    : readModprobeConfig({ directories: config ?? [], required: true, commandLine, modules, diagnose });
}
