import type { Tree } from '../sysfs/tree.ts';
import { readPools, readStacked } from './block-devices.ts';
import type { Use, UseContext, UseKind } from './use.ts';

/** File systems and swap on the devices, what is built of them, and pools that may be. */
export const disks: UseKind = (context) => {
  const { roots, mounted, at } = context;
  const told = new Set(mounted.flatMap(({ text }) => toldNames(roots.sysfs, text.split(' ', 1)[0]!)));
  return [
    ...[...mounted, ...readStacked(roots.sysfs, told)].flatMap(({ path, kind, text }) => at(path, kind, text)),
    ...pools(context),
  ];
};

/** A block device's name, and the whole disk's where it is a partition. */
function toldNames(sysfs: Tree, name: string): string[] {
  const path = sysfs.real(`class/block/${name}`);
  return path !== undefined && sysfs.exists(`${path}/partition`) ? [name, path.split('/').at(-2)!] : [name];
}

/** Any disk may belong to a ZFS pool, as far as can be seen. */
function pools({ roots, mounts, at }: UseContext): Use[] {
  const { sysfs } = roots;
  const names = readPools(roots, mounts);
  if (names.length === 0) return [];
  const found = new Map<string, string[]>();
  for (const name of sysfs.list('class/block')) {
    const path = sysfs.real(`class/block/${name}`);
    if (path === undefined || sysfs.exists(`${path}/partition`)) continue;
    for (const { device } of at(path, 'pool', '')) found.set(device, [...(found.get(device) ?? []), name]);
  }
  const text = `is imported, but sysfs does not show its disks; check with zpool status that these are not among them`;
  return [...found].map(([device, block]) => ({
    device,
    kind: 'pool',
    text: `ZFS pool ${names.join(', ')} ${text} ${block.join(', ')}`,
  }));
}
