import type { MachineRoots } from '../sysfs/roots.ts';
import { readMounts } from './mountinfo.ts';

/**
 * ZFS pools that are imported, by name. A pool's disks stand in neither sysfs nor proc: a mount has a number of its own and the name of its
 * data set, and the disks have no holders. What is imported without a mount has a directory of statistics (OpenZFS module/zfs/spa_stats.c).
 */
export function readPools({ proc }: Pick<MachineRoots, 'proc'>): string[] {
  const mounted = readMounts(proc).flatMap(({ type, source }) => (type === 'zfs' ? source.split('/', 1) : []));
  return [...new Set([...mounted, ...proc.directories('spl/kstat/zfs')])].filter((name) => name !== '').sort();
}
