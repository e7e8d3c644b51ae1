import { resolve } from 'node:path';
import { needTexts } from '../arguments.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { rawPath } from '../files/raw-path.ts';
import { statOf } from '../files/read-sync.ts';
import { scanTree } from './tree-scan.ts';
import { refuseOuter, refusePart } from './wrong-directory.ts';

/** Modules to read: files by their raw paths, and streams (standard input, pipes) by what they were called. */
export type ModuleInput = { readonly path: string } | { readonly stream: string };

export interface ModuleInputs {
  readonly inputs: readonly ModuleInput[];
  /** Whether any of them comes from a directory. */
  readonly directory: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Search rules under which every module file counts. @internal */
export const NO_CONFIG = { searches: [], overrides: [], externals: [], excludes: new Set<string>() };

/**
 * What the paths on a command line name: a module file (whatever its name), a directory (every module below it, names
 * in the order of their bytes), `-` or a pipe. Throws `unreadable` for a path that is not there, `no-modules` for a
 * directory without any, `not-a-modules-directory` for lib/modules and similar, as modules of several kernels must not
 * be mixed, and for the kernel/ of one.
 */
export function findModuleInputs(paths: readonly string[]): ModuleInputs {
  needTexts('paths', paths);
  const inputs: ModuleInput[] = [];
  const diagnostics: Diagnostic[] = [];
  let directory = false;
  for (const path of paths) {
    const kind = path === '-' ? undefined : statOf(path);
    if (kind?.isDirectory()) {
      directory = true;
      const scan = scanTree(rawPath(path === '/' ? path : path.replace(/\/+$/, '')), NO_CONFIG);
      if (scan.modules.length === 0) {
        throw new ModaliasError('no-modules', 'no module (.ko, .ko.gz, .ko.xz, .ko.zst) is in the directory', {
          file: path,
        });
      }
      const root = rawPath(resolve(path));
      if (root.endsWith('/kernel')) refusePart(root, path);
      refuseOuter(root, scan.modules, path);
      inputs.push(...scan.modules.map((module) => ({ path: module.scanned })));
      diagnostics.push(...scan.diagnostics);
    } else if (kind?.isFile()) inputs.push({ path: rawPath(path) });
    else inputs.push({ stream: path });
  }
  return { inputs, directory, diagnostics };
}
