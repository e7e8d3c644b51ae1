import type { Code } from '../codes.ts';
import type { DepmodConfig } from '../config/depmod-config.ts';
import type { Diagnostic } from '../errors.ts';
import { ModaliasError } from '../errors.ts';
import { rawPath, readablePath } from '../files/raw-path.ts';
import { systemReason } from '../files/reasons.ts';
import { moduleName } from '../pattern/normalize.ts';
import { diskFiles, type TreeFiles } from './tree-files.ts';

/** A module file found by a scan. Paths are latin1, one character a byte; see files/raw-path.ts. */
export interface FoundModule {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** The path as the scan put it together: relative below a relative external directory. */
  readonly scanned: string;
  /** Path below the modules directory; absent for a module of an external directory. */
  readonly relative?: string;
}

type Entry = ReturnType<TreeFiles['entries']>[number];

export interface TreeScan {
  readonly modules: readonly FoundModule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Compressions a depmod may be built with, by extension. */
export const MODULE_COMPRESSIONS = ['gz', 'xz', 'zst'] as const;
export type ModuleCompression = (typeof MODULE_COMPRESSIONS)[number];

/**
 * Directories that one scan enters, and how many of them through links, before it gives up: links can multiply without
 * end.
 */
export const MAX_DIRECTORIES = 50_000;
const MAX_LINKS = 2_000;

/**
 * The module files of a modules directory and of the external directories, depth first, names in the order of their
 * bytes (depmod takes them as the file system gives them). Links are followed, hidden directories are entered; what is
 * called `build`, `source` or is excluded by the configuration is skipped at any depth, and so is a link to a directory
 * that contains it. Throws `unreadable` where the directory itself cannot be read, `too-many-directories` past 50,000,
 * or 2,000 links to directories. kmod tools/depmod.c:depmod_modules_search_dir.
 */
export function scanTree(
  root: string,
  config: DepmodConfig,
  compressions: readonly ModuleCompression[] = MODULE_COMPRESSIONS,
  files: TreeFiles = diskFiles,
): TreeScan {
  const modules: FoundModule[] = [];
  const diagnostics: Diagnostic[] = [];
  const extensions = ['.ko', ...compressions.map((c) => `.ko.${c}`)];
  let directories = 0;
  let links = 0;
  const complain = (code: Code, path: string, message: string) =>
    diagnostics.push({ code, severity: 'warning', message, file: readablePath(path) });

  /** `real` is the same directory with links resolved, to detect loops. */
  function search(directory: string, real: string, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { name, kind } = entry;
      if (name === 'build' || name === 'source' || config.excludes.has(name)) continue;
      const path = `${directory}/${name}`;
      if (kind === 'directory') enter(path, `${real}/${name}`);
      else if (kind === 'file') addFile(path, name);
      else if (kind === 'symlink') follow(path, name, real);
      else if (isModuleFile(name)) complain('not-a-file', path, 'is not a regular file and is skipped');
    }
  }

  function follow(path: string, name: string, real: string): void {
    let target: string | undefined;
    try {
      const kind = files.follow(path);
      if (kind === 'file') addFile(path, name);
      else if (kind === 'directory') target = files.real(path);
    } catch (error) {
      complain('dangling-link', path, `a link that cannot be followed: ${systemReason(error)}`);
    }
    if (target === undefined) return;
    if (`${real}/`.startsWith(target === '/' ? '/' : `${target}/`))
      complain(
        'link-circle',
        path,
        'links to a directory that contains it; depmod follows it until the path is too long',
      );
    else if (++links > MAX_LINKS) throw tooManyDirectories(MAX_LINKS, 'links to directories', path);
    else enter(path, target);
  }

  function enter(path: string, real: string): void {
    let entries: Entry[];
    try {
      entries = list(path);
    } catch (error) {
      if (error instanceof ModaliasError) throw error;
      complain('unreadable-directory', path, `cannot be searched: ${systemReason(error)}`);
      return;
    }
    search(path, real, entries);
  }

  function list(path: string): Entry[] {
    if (++directories > MAX_DIRECTORIES) throw tooManyDirectories(MAX_DIRECTORIES, 'directories', path);
    return files.entries(path).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  function isModuleFile(name: string): boolean {
    return extensions.some((extension) => name.length > extension.length && name.endsWith(extension));
  }

  function addFile(scanned: string, name: string): void {
    if (!isModuleFile(name)) return;
    // What is in packages is named by their paths, whatever these are.
    const isWhole = scanned.startsWith('/') || files !== diskFiles;
    const path = isWhole ? scanned : `${rawPath(process.cwd())}/${scanned}`;
    const found = moduleName(name);
    const relative = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
    modules.push(relative === undefined ? { name: found, path, scanned } : { name: found, path, scanned, relative });
  }

  try {
    search(root, files.real(root), list(root));
  } catch (error) {
    if (error instanceof ModaliasError) throw error;
    throw new ModaliasError('unreadable', `cannot search for modules: ${systemReason(error)}`, {
      file: readablePath(root),
    });
  }
  for (const external of config.externals) {
    try {
      search(external, files.real(external), list(external));
    } catch (error) {
      if (error instanceof ModaliasError) throw error;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        complain('unreadable-directory', external, `cannot be searched: ${systemReason(error)}`);
    }
  }
  return { modules, diagnostics };
}

export function tooManyDirectories(limit: number, what: string, path: string): ModaliasError {
  return new ModaliasError(
    'too-many-directories',
    `more than ${limit} ${what}, probably links that multiply; exclude them in depmod.d`,
    { file: readablePath(path) },
  );
}
