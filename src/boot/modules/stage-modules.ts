import type { ModprobeConfig } from '../../config/modprobe-config.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import type { AliasIndex } from '../../lookup/alias-index.ts';
import { openAliasIndex } from '../../lookup/load.ts';
import type { Match } from '../../match/match.ts';
import { fnmatch } from '../../pattern/fnmatch.ts';
import { moduleName, normalizeAlias } from '../../pattern/normalize.ts';
import type { Files } from '../files/files.ts';

/** The modules that are at hand in one file system, as libkmod sees them. */
export interface StageModules {
  /** Where they are, such as `usr/lib/modules/6.12.1`; null where there are none. */
  readonly directory: string | null;
  readonly config: ModprobeConfig;
  /** Modules that a module needs, in the order in which they are loaded; undefined for one that is not there. */
  readonly dependencies: (module: string) => readonly string[] | undefined;
  /** The file of a module below the directory, and every module that has one. */
  readonly file: (module: string) => string | undefined;
  readonly names: () => Iterable<string>;
  /** Built into the kernel. */
  readonly isBuiltin: (module: string) => boolean;
  /** Names of what is built in, in the order of modules.builtin. */
  readonly builtins: readonly string[];
  /** What a name or an alias stands for, as libkmod looks it up (libkmod-module.c:kmod_module_new_from_lookup). */
  readonly lookup: (alias: string) => readonly Match[];
  /** Every alias that matches, whatever hides it, of modules and of built-in code. */
  readonly matches: (alias: string) => readonly Match[];
}

/** Reads the indexes below a modules directory. `present` tells whether a module's file is really there. */
export function stageModules(
  files: Files,
  directory: string | null,
  config: ModprobeConfig,
  diagnose: (diagnostic: Diagnostic) => void,
): StageModules {
  const builtins = (directory === null ? '' : (files.text(`${directory}/modules.builtin`) ?? ''))
    .split('\n')
    .flatMap((line) => (line === '' ? [] : moduleName(line.slice(line.lastIndexOf('/') + 1))));
  const builtin = new Set(builtins);
  const dependencies = readDependencies(files, directory);
  let index: AliasIndex | null | undefined;
  const aliases = (): AliasIndex | null => {
    index ??= openIndex(files, directory, diagnose);
    return index;
  };
  const asked = <T>(ask: (index: AliasIndex) => readonly T[]): readonly T[] => {
    const open = aliases();
    try {
      return open === null ? [] : ask(open);
    } catch (error) {
      // libkmod: EINVAL and ENAMETOOLONG; nothing is loaded.
      if (error instanceof ModaliasError) return [];
      throw error;
    }
  };
  return {
    directory,
    config,
    builtins,
    isBuiltin: (module) => builtin.has(module),
    dependencies: (module) => dependencies.get(module)?.needed,
    file: (module) => dependencies.get(module)?.path,
    names: () => dependencies.keys(),
    lookup: (alias) => {
      const key = normalizeAlias(alias);
      if (key === undefined) return [];
      const configured = config.aliases.filter(({ pattern }) => fnmatch(pattern, key));
      if (configured.length > 0)
        return configured.map(({ pattern, module }) => ({ module, pattern, source: 'config', priority: 0 }));
      const found = asked((open) => open.lookup(alias));
      const first = found[0]?.source;
      const commanded = first !== 'name' && first !== 'symbol' && config.commands.some(({ module }) => module === key);
      return commanded ? [{ module: key, pattern: key, source: 'command', priority: 0 }] : found;
    },
    matches: (alias) => asked((open) => open.lookupAll(alias).flat()),
  };
}

function openIndex(files: Files, directory: string | null, diagnose: (d: Diagnostic) => void): AliasIndex | null {
  if (directory === null) return null;
  const folder = {
    path: files.label(directory),
    onDisk: false,
    release: directory.slice(directory.lastIndexOf('/') + 1),
    read: (name: string) => files.read(`${directory}/${name}`),
  };
  try {
    return openAliasIndex(folder, { expected: 'many', diagnose });
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    diagnose({ ...error.problems[0]!, severity: 'warning' });
    return null;
  }
}

interface Listed {
  readonly path: string;
  readonly needed: readonly string[];
}

/** modules.dep: the nearest first; libkmod loads the last one first (kmod_module_get_dependencies). */
function readDependencies(files: Files, directory: string | null): ReadonlyMap<string, Listed> {
  const text = directory === null ? undefined : files.text(`${directory}/modules.dep`);
  const found = new Map<string, Listed>();
  for (const line of (text ?? '').split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const path = line.slice(0, colon);
    // depmod may have run for more than what an image holds.
    if (!files.exists(path.startsWith('/') ? path : `${directory}/${path}`)) continue;
    const needed = line
      .slice(colon + 1)
      .split(' ')
      .filter(Boolean);
    found.set(fileModule(path), { path, needed: needed.map(fileModule).reverse() });
  }
  return found;
}

function fileModule(path: string): string {
  return moduleName(path.slice(path.lastIndexOf('/') + 1));
}
