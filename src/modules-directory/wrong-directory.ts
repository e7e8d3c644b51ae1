import { readdirSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';
import { openable, readablePath } from '../files/raw-path.ts';
import { statIfThere } from '../files/read-sync.ts';
import type { FoundModule } from './tree-scan.ts';

/**
 * What only depmod leaves, and what `make modules_install` puts beside the modules. An alias file may stand anywhere.
 */
const DEPMOD_LEAVES = ['modules.dep', 'modules.dep.bin'];
const KERNEL_INSTALLS = ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'];

/** How a release begins, as `uname -r` prints it. */
const RELEASE = /^\d+\.\d+/;

/** Directories that a message lists. */
const MOST = 5;

/**
 * Throws `not-a-modules-directory` where `root` (a raw path, absolute) is a part of a modules directory, such as its
 * kernel/. One that has lists of its own is not. A directory around it counts as a modules directory if it lies in
 * lib/modules, if depmod has been there, or if it is called as a release and has a list; a build tree of the kernel is
 * none of these. `shown` is what the user called `root`.
 */
export function refusePart(root: string, shown: string): void {
  const error = partError(root, shown);
  if (error) throw error;
}

/** The error that `refusePart` throws, undefined where it throws none. */
export function partError(root: string, shown: string): ModaliasError | undefined {
  if (hasLists(root)) return undefined;
  for (let end = root.lastIndexOf('/'); end > 0; end = root.lastIndexOf('/', end - 1)) {
    const around = root.slice(0, end);
    if (/^\/(build|source)(\/|$)/.test(root.slice(end))) return undefined;
    const named = RELEASE.test(around.slice(around.lastIndexOf('/') + 1)) && has(around, KERNEL_INSTALLS);
    if (liesInLibModules(around) || named || has(around, DEPMOD_LEAVES))
      return wrong(`is a part of the modules directory ${readablePath(around)}; did you mean that?`, shown);
  }
  return undefined;
}

/**
 * The names (raw, in the order of their bytes) in a directory that are modules directories: they have a list, and lie
 * in lib/modules or are called as a release. Lists alone are in build trees and copies as well.
 */
export function modulesDirectoriesIn(directory: string): string[] {
  try {
    return readdirSync(openable(directory), { encoding: 'latin1' })
      .filter((name) => {
        const path = `${directory === '/' ? '' : directory}/${name}`;
        return (RELEASE.test(name) || liesInLibModules(path)) && hasLists(path);
      })
      .sort();
  } catch {
    return [];
  }
}

/** Whether a directory (a raw path) has a list of depmod or of the kernel. */
export function hasLists(directory: string): boolean {
  return has(directory, DEPMOD_LEAVES) || has(directory, KERNEL_INSTALLS);
}

/**
 * Throws `not-a-modules-directory` for a directory (a raw path) without a list: `make modules_install` puts some beside
 * the modules even of a kernel that has none. Only for directories in which no module was found.
 */
export function refuseWithoutLists(directory: string): void {
  if (!hasLists(directory))
    throw wrong(
      'contains neither kernel modules nor modules.order; expected a directory such as /lib/modules/RELEASE',
      readablePath(directory),
    );
}

/**
 * Throws `not-a-modules-directory` where `root` (a raw path, absolute) only has modules directories below it:
 * lib/modules, or the root of a package. `modules` are those found below it. It is a modules directory itself if it has
 * a list of its own or modules below kernel/. Below it, one is what lies in lib/modules, has a list, or is called as a
 * release and has a kernel/. All else, such as a copy of some modules in a directory of any name, is taken as it is:
 * depmod takes it, too.
 */
export function refuseOuter(root: string, modules: readonly Pick<FoundModule, 'path'>[], shown: string): void {
  if (hasLists(root)) return;
  const base = root === '/' ? root : `${root}/`;
  const inside = modules.flatMap(({ path }) => (path.startsWith(base) ? [path.slice(base.length).split('/')] : []));
  if (inside.some(([top, file]) => top === 'kernel' && file !== undefined)) return;
  const judged = new Map<string, boolean>();
  const found = new Set<string>();
  for (const parts of inside) {
    for (let depth = 1; depth < parts.length; depth++) {
      const below = parts.slice(0, depth).join('/');
      const is = judged.get(below) ?? isModulesDirectory(base + below, parts[depth]!);
      judged.set(below, is);
      if (!is) continue;
      found.add(below);
      break;
    }
  }
  const names = [...found].sort().map((name) => readablePath(`${shown.replace(/\/+$/, '')}/${name}`));
  if (names.length > 0) throw outerError(names, shown);
}

/** The error for a directory that only has these modules directories (at least one) below it. */
export function outerError(names: readonly string[], shown: string): ModaliasError {
  if (names.length === 1)
    return wrong(`is not a modules directory; below it is ${names[0]}, did you mean that?`, shown);
  const others = names.length > MOST ? ` and ${names.length - MOST} more` : '';
  return wrong(
    `is not a modules directory; below it are ${names.slice(0, MOST).join(', ')}${others}: name one of them`,
    shown,
  );
}

function isModulesDirectory(path: string, next: string): boolean {
  if (liesInLibModules(path)) return true;
  if (next === 'kernel' && RELEASE.test(path.slice(path.lastIndexOf('/') + 1))) return true;
  return hasLists(path);
}

function liesInLibModules(path: string): boolean {
  return /(^|\/)lib\/modules\/[^/]+$/.test(path);
}

function has(directory: string, names: readonly string[]): boolean {
  return names.some((name) => statIfThere(openable(`${directory}/${name}`))?.isFile());
}

function wrong(message: string, file: string): ModaliasError {
  return new ModaliasError('not-a-modules-directory', message, { file });
}
