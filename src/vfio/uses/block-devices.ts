import type { MachineRoots } from '../sysfs/roots.ts';
import type { Tree } from '../sysfs/tree.ts';
import type { Mount } from './mounts.ts';

export interface MountedOn {
  /** Path in sysfs of the disk at the bottom of the stack. */
  readonly path: string;
  readonly kind: 'mounted' | 'swap' | 'stacked';
  /** In words: `nvme0n1p2 is mounted on /`, beginning with the block device's name. */
  readonly text: string;
}

/** Every block device with a mounted file system or swap, through partitions, device mapper and md. */
export function readMountedDevices({ sysfs, proc }: MachineRoots, mounts: readonly Mount[]): MountedOn[] {
  const found: MountedOn[] = [];
  const seen = new Set<string>();
  const add = (block: string | undefined, kind: MountedOn['kind'], text: string) => {
    for (const path of block === undefined ? [] : disksUnder(sysfs, block, new Set())) {
      const name = block!.slice(block!.lastIndexOf('/') + 1);
      const said = `${name} ${text}`;
      if (!seen.has(`${path} ${said}`)) found.push({ path, kind, text: said });
      seen.add(`${path} ${said}`);
    }
  };
  for (const { device, source, on } of mounts)
    for (const block of blocksOf(sysfs, device, source)) add(block, 'mounted', `is mounted on ${on}`);
  for (const line of (proc.read('swaps') ?? '').split('\n').slice(1)) {
    const file = line.split(/\s/, 1)[0] ?? '';
    if (file.startsWith('/dev/')) add(sysfs.real(`class/block/${file.slice(5)}`), 'swap', 'is used for swap');
  }
  return found;
}

/**
 * btrfs and others mount under a number of their own (major 0); then the source tells, as /dev/NAME. bcachefs has one
 * for each disk.
 */
function blocksOf(sysfs: Tree, device: string, source: string): string[] {
  if (!device.startsWith('0:') || !source.startsWith('/dev/')) {
    const block = sysfs.real(`dev/block/${device}`);
    return block === undefined ? [] : [block];
  }
  const named = blockNamed(sysfs, source.slice(5));
  const blocks =
    named === undefined ? source.split(':').flatMap((one) => blockNamed(sysfs, one.slice(5)) ?? []) : [named];
  return blocks.flatMap((block) => [block, ...poolOf(sysfs, block)]);
}

/**
 * The directory of a block device that has a name in /dev. Device mapper names its devices twice: dm-0 in sysfs;
 * mapper/NAME, or VOLUME-GROUP/VOLUME, in /dev.
 */
export function blockNamed(sysfs: Tree, name: string): string | undefined {
  const [directory, rest] = name.split('/', 2);
  const found = sysfs.real(`class/block/${name.replaceAll('/', '!')}`);
  if (found !== undefined || rest === undefined) return found;
  const doubled = (text: string) => text.replaceAll('-', '--');
  const dmName = directory === 'mapper' ? rest : `${doubled(directory!)}-${doubled(rest)}`;
  const dm = sysfs
    .list('class/block')
    .find((one) => one.startsWith('dm-') && sysfs.line(`class/block/${one}/dm/name`) === dmName);
  return dm === undefined ? undefined : sysfs.real(`class/block/${dm}`);
}

/** The disks of the btrfs file system that a block device belongs to (fs/btrfs/sysfs.c:btrfs_sysfs_add_device). */
function poolOf(sysfs: Tree, block: string): string[] {
  const name = block.slice(block.lastIndexOf('/') + 1);
  const id = sysfs.list('fs/btrfs').find((one) => sysfs.exists(`fs/btrfs/${one}/devices/${name}`));
  if (id === undefined) return [];
  return sysfs.list(`fs/btrfs/${id}/devices`).flatMap((one) => sysfs.real(`fs/btrfs/${id}/devices/${one}`) ?? []);
}

/** The disks that a block device is stacked on, or itself; each is visited once, as links may loop. */
function disksUnder(sysfs: Tree, block: string, seen: Set<string>): string[] {
  if (seen.has(block)) return [];
  seen.add(block);
  // What is below is shown for the whole device, not for its partitions.
  const whole = sysfs.exists(`${block}/partition`) ? block.slice(0, block.lastIndexOf('/')) : block;
  const below = sysfs.list(`${whole}/slaves`).flatMap((name) => sysfs.real(`${whole}/slaves/${name}`) ?? []);
  const disks = below.flatMap((path) => disksUnder(sysfs, path, seen));
  return disks.length > 0 ? disks : [block, ...controllersOf(sysfs, whole)];
}

/**
 * A namespace that several NVMe controllers may share is below no PCI device, but its subsystem links to them
 * (nvme/host/core.c:nvme_init_subsystem).
 */
function controllersOf(sysfs: Tree, disk: string): string[] {
  const subsystem = /^.*\/nvme-subsystem\/[^/]+(?=\/)/.exec(disk)?.[0];
  if (subsystem === undefined) return [];
  return sysfs
    .list(subsystem)
    .flatMap((name) => (/^nvme\d+$/.test(name) ? (sysfs.real(`${subsystem}/${name}`) ?? []) : []));
}

/**
 * Block devices that something is built of (md, device mapper, bcache), by the `holders` of sysfs: removing one breaks
 * the other, mounted or not. If one of `told` is on it, nothing more is reported.
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

/** Names of everything on a block device; each is visited once, as links may loop. */
function holdersAbove(sysfs: Tree, path: string, seen: Set<string>): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  return sysfs.list(`${path}/holders`).flatMap((name) => {
    const holder = sysfs.real(`${path}/holders/${name}`);
    return holder === undefined ? [name] : [name, ...holdersAbove(sysfs, holder, seen)];
  });
}

/**
 * ZFS pools that are imported, by name. A pool's disks are in neither sysfs nor proc: a mount has a number of its own
 * and the name of its data set, and the disks have no holders. A pool that is imported without a mount has a directory
 * of statistics (OpenZFS module/zfs/spa_stats.c).
 */
export function readPools({ proc }: Pick<MachineRoots, 'proc'>, mounts: readonly Mount[]): string[] {
  const mounted = mounts.flatMap(({ type, source }) => (type === 'zfs' ? source.split('/', 1) : []));
  return [...new Set([...mounted, ...proc.directories('spl/kstat/zfs')])].filter((name) => name !== '').sort();
}
