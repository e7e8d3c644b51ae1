import type { Tree } from '../sysfs/tree.ts';
import type { MountedOn } from './mounted.ts';

/**
 * Block devices that something is built of (md, device mapper, bcache), by the `holders` of sysfs: to take one away breaks the other, mounted
 * or not. Where one of `told` stands on it, nothing more is said.
 */
export function readStacked(sysfs: Tree, told: ReadonlySet<string>): MountedOn[] {
  return sysfs.list('class/block').flatMap((name): MountedOn[] => {
    const path = sysfs.real(`class/block/${name}`);
    if (path === undefined || !path.startsWith('devices/')) return [];
    const above = holdersAbove(sysfs, path, new Set());
    if ([name, ...above].some((one) => told.has(one))) return [];
    return sysfs.list(`${path}/holders`).map((holder) => {
      const label = sysfs.line(`class/block/${holder}/dm/name`);
      return { path, kind: 'stacked', text: `${name} is a part of ${holder}${label ? ` (${label})` : ''}` };
    });
  });
}

/** Names of all that stands on a block device; each is looked at once, for links may go in circles. */
function holdersAbove(sysfs: Tree, path: string, seen: Set<string>): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  return sysfs.list(`${path}/holders`).flatMap((name) => {
    const holder = sysfs.real(`${path}/holders/${name}`);
    return holder === undefined ? [name] : [name, ...holdersAbove(sysfs, holder, seen)];
  });
}
