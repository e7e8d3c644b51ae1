import type { DepmodConfig } from '../config/depmod-config.ts';
import { ModaliasError } from '../errors.ts';
import { readablePath } from '../files/raw-path.ts';
import type { FoundModule } from './tree-scan.ts';

/**
 * Whether depmod takes the module `found` in place of the one of the same name that it `kept` so far. `root` is the
 * modules directory, absolute and without a slash at its end.
 *
 * Overrides decide first, then the `search` words: the later a word stands in the list, the higher its priority; what
 * no word covers has the priority of `built-in`, or none. Only a higher priority replaces. As in depmod, a search word
 * that covers the new path is not tried on the old one, so that of two copies below one searched directory the last one
 * found wins, elsewhere the first. kmod tools/depmod.c:depmod_module_is_higher_priority.
 */
export function replaces(config: DepmodConfig, root: string, found: FoundModule, kept: FoundModule): boolean {
  const foundStem = stem(found.scanned, found.name);
  const keptStem = stem(kept.path, kept.name);
  const foundRelative = relativeTo(root, foundStem);
  const keptRelative = relativeTo(root, keptStem);
  for (const override of config.overrides) {
    if (foundRelative === override) return true;
    if (keptRelative === override) return false;
  }
  let builtIn = -1;
  let foundPriority = -1;
  let keptPriority = -1;
  let priority = 0;
  for (const word of config.searches) {
    if (word === 'built-in') builtIn = priority;
    else if (word === 'external')
      for (const external of config.externals) {
        if (isBelow(foundStem, external)) foundPriority = priority;
        if (isBelow(keptStem, external)) keptPriority = priority;
        priority++;
      }
    else if (isBelow(foundRelative, word)) foundPriority = priority;
    else if (isBelow(keptRelative, word)) keptPriority = priority;
    priority++;
  }
  if (foundPriority < 0) foundPriority = builtIn;
  if (keptPriority < 0) keptPriority = builtIn;
  return foundPriority > keptPriority;
}

/** The path up to the end of the module's name: overrides are compared without the extension. */
function stem(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1 + name.length);
}

/** The path below the root; depmod does not look for the slash, so that `/a/6.1-x/m` is `x/m` below `/a/6.1`. */
function relativeTo(root: string, path: string): string {
  return path.startsWith(root) ? path.slice(root.length + 1) : '';
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory) && path[directory.length] === '/';
}

/**
 * A module name with the file that serves it, the other files of that name, and one that would serve it were the
 * directories read in another order.
 */
export interface Winner {
  readonly module: FoundModule;
  readonly others: readonly FoundModule[];
  readonly rival?: FoundModule;
}

/** depmod numbers modules with 16 bits. kmod tools/depmod.c:depmod_modules_build_array. */
const MAX_MODULES = 65534;

/**
 * The file that depmod takes for each module name, with the files given in the order of a scan. Where a different order
 * could give a different winner, `rival` is a file that could win. Throws `too-many-modules`.
 */
export function chooseWinners(config: DepmodConfig, root: string, found: readonly FoundModule[]): Map<string, Winner> {
  const byName = new Map<string, FoundModule[]>();
  for (const module of found) {
    const same = byName.get(module.name);
    if (same) same.push(module);
    else byName.set(module.name, [module]);
  }
  if (byName.size > MAX_MODULES)
    throw new ModaliasError('too-many-modules', `${byName.size} modules; depmod can number ${MAX_MODULES}`, {
      file: readablePath(root),
    });
  const winners = new Map<string, Winner>();
  for (const [name, candidates] of byName) {
    const module = candidates.reduce((kept, next) => (replaces(config, root, next, kept) ? next : kept));
    // A winner that replaces every other and is replaced by none wins in any order; otherwise some order lets that
    // other one win, or a third.
    const others = candidates.filter((other) => other !== module);
    const rival = others.find(
      (other) => !(replaces(config, root, module, other) && !replaces(config, root, other, module)),
    );
    winners.set(name, rival ? { module, others, rival } : { module, others });
  }
  return winners;
}
