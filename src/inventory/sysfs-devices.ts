import type { Tree } from '../vfio/sysfs/tree.ts';

/** Where sysfs has devices; `bus` and `class` only link to them, but a copy may hold them there. */
const PLACES: readonly string[] = ['class', 'bus', 'devices'];

/**
 * The modaliases of all devices of a sysfs root, latin1, by their places; no link is followed. Buses without a file
 * `modalias` tell theirs in `uevent`.
 */
export function* sysfsModaliases(tree: Tree): Generator<string> {
  const open = [...PLACES];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const modalias = modaliasAt(tree, at);
    if (modalias) yield modalias;
    for (const name of tree.directories(at).toReversed()) open.push(`${at}/${name}`);
  }
}

function modaliasAt(tree: Tree, at: string): string | undefined {
  const own = tree.line(`${at}/modalias`);
  if (own) return own;
  return /^MODALIAS=(.+)$/m.exec(tree.read(`${at}/uevent`) ?? '')?.[1];
}
