import type { Device } from '../sysfs/device.ts';
import type { MachineRoots } from '../sysfs/roots.ts';
import type { Tree } from '../sysfs/tree.ts';
import { readMountedDevices, readPools, readStacked } from './disks.ts';
import { holdersOf, type NodeOwners, type OpenProcess, type Use } from './holders.ts';
import { readDefaultRoutes } from './routes.ts';

/**
 * Who uses the devices (none of them a bridge): mounted file systems and swap on them, arrays and volumes that they are
 * part of, pools, the default route through them, processes with their files open.
 */
export function readUses(
  roots: MachineRoots,
  devices: readonly Device[],
  nodes: NodeOwners,
  processes: readonly OpenProcess[],
): Use[] {
  const belongs = (path: string) => owner(devices, path);
  const mounted = readMountedDevices(roots);
  const told = new Set(mounted.flatMap(({ text }) => toldNames(roots.sysfs, text.split(' ', 1)[0]!)));
  return [
    ...[...mounted, ...readStacked(roots.sysfs, told)].flatMap(({ path, kind, text }) => to(belongs(path), kind, text)),
    ...poolUses(roots, belongs),
    ...readDefaultRoutes(roots).flatMap(({ path, text }) => to(belongs(path), 'route', text)),
    ...holdersOf(processes, nodes),
  ];
}

/** A block device's name, and the whole disk's where it is a partition. */
function toldNames(sysfs: Tree, name: string): string[] {
  const path = sysfs.real(`class/block/${name}`);
  return path !== undefined && sysfs.exists(`${path}/partition`) ? [name, path.split('/').at(-2)!] : [name];
}

/** Any disk may belong to a ZFS pool, as far as can be seen. */
function poolUses(roots: MachineRoots, belongs: (path: string) => Device | undefined): Use[] {
  const { sysfs } = roots;
  const pools = readPools(roots);
  if (pools.length === 0) return [];
  const disks = new Map<string, string[]>();
  for (const name of sysfs.list('class/block')) {
    const path = sysfs.real(`class/block/${name}`);
    const device = path === undefined || sysfs.exists(`${path}/partition`) ? undefined : belongs(path);
    if (device) disks.set(device.name, [...(disks.get(device.name) ?? []), name]);
  }
  const text = `is imported, but sysfs does not show its disks; check with zpool status that these are not among them`;
  return [...disks].map(([device, names]) => ({
    device,
    kind: 'pool',
    text: `ZFS pool ${pools.join(', ')} ${text} ${names.join(', ')}`,
  }));
}

function to(device: Device | undefined, kind: Use['kind'], text: string): Use[] {
  return device ? [{ device: device.name, kind, text }] : [];
}

/** The innermost of the devices that contain a sysfs path. */
function owner(devices: readonly Device[], path: string): Device | undefined {
  return devices
    .filter((device) => path === device.path || path.startsWith(`${device.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
