import type { Device } from '../sysfs/device.ts';
import type { MachineRoots } from '../sysfs/roots.ts';
import type { Tree } from '../sysfs/tree.ts';
import { driverNodes, sysfsFiles } from './driver-nodes.ts';

/** A disk behind five USB hubs, the most there can be, is 14 directories below its controller. */
const DEEPEST = 20;
const MOST_DIRECTORIES = 5000;

/** Files in /dev with which a process can hold devices, some by number (`195:0`, `508:*`), with the devices' names. */
export type NodeOwners = ReadonlyMap<string, readonly string[]>;

/**
 * The files by which processes hold some devices: those of the class devices below them (`DEVNAME` of their uevents),
 * VFIO's for their groups and for the groups of mediated devices, those that only their drivers' names lead to, and
 * those in sysfs. A device inside another one is handled separately.
 */
export function readNodes({ sysfs, proc }: MachineRoots, devices: readonly Device[]): NodeOwners {
  const owners = new Map<string, string[]>();
  const own = (node: string, device: Device) => {
    const names = owners.get(node) ?? [];
    if (!names.includes(device.name)) owners.set(node, [...names, device.name]);
  };
  const ownGroup = (group: string, device: Device) => {
    for (const name of [group, `noiommu-${group}`]) own(`/dev/vfio/${name}`, device);
  };
  const apart = new Set(devices.map((device) => device.path));
  for (const device of devices) {
    let left = MOST_DIRECTORIES;
    const walk = (path: string, depth: number) => {
      if (depth > DEEPEST || --left < 0) return;
      const node = /^DEVNAME=(.+)$/m.exec(sysfs.read(`${path}/uevent`) ?? '')?.[1];
      if (node !== undefined) own(`/dev/${node}`, device);
      for (const name of sysfs.directories(path)) {
        const child = `${path}/${name}`;
        if (apart.has(child)) continue;
        const group = UUID.test(name) ? sysfs.linkName(`${child}/iommu_group`) : undefined;
        if (group !== undefined) ownGroup(group, device);
        walk(child, depth + 1);
      }
    };
    walk(device.path, 0);
    for (const path of sharedNamespaces(sysfs, device)) walk(path, 0);
    for (const file of [...driverNodes(proc, device), ...sysfsFiles(sysfs, device)]) own(file, device);
    if (device.group !== null) ownGroup(device.group, device);
  }
  return owners;
}

/** The name of a mediated device, which has an IOMMU group of its own (drivers/vfio/mdev/mdev_core.c). */
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * The namespaces of NVMe controllers in a device. Where several controllers may share one, it is below no PCI device,
 * and its subsystem links to them (nvme/host/core.c:nvme_init_subsystem).
 */
function sharedNamespaces(sysfs: Tree, { path }: Device): string[] {
  if (!sysfs.exists(`${path}/nvme`)) return [];
  return sysfs.list('class/nvme-subsystem').flatMap((name) => {
    const at = sysfs.real(`class/nvme-subsystem/${name}`);
    if (at === undefined) return [];
    const names = sysfs.list(at);
    const mine = names.some((one) => /^nvme\d+$/.test(one) && sysfs.real(`${at}/${one}`)?.startsWith(`${path}/`));
    return mine ? names.flatMap((one) => (/^(?:nvme|ng)\d+n\d+$/.test(one) ? `${at}/${one}` : [])) : [];
  });
}

/** A process with relevant open files. */
export interface OpenProcess {
  readonly pid: string;
  /** `process 812 (qemu-system-x86)`. */
  readonly text: string;
  readonly files: readonly OpenFile[];
}

export interface OpenFile {
  /** Number of the descriptor. */
  readonly fd: string;
  /** The text of its link in /proc/PID/fd: a path, or `anon_inode:[vfio-device]`. */
  readonly file: string;
  /** The number by which it was found, as the owners have it; absent where that was its name. */
  readonly number?: string;
}

/** What processes have open. */
export interface OpenFiles {
  /** Those with the requested files open. */
  readonly processes: readonly OpenProcess[];
  /** How many processes of other users hide what they have open: 0 for root. */
  readonly unseen: number;
}

/**
 * Finds the processes that have the requested files open, or files in /dev that `nodes` has by number. Those of other
 * users, whose descriptors are not readable, are counted.
 */
export function readOpenFiles(proc: Tree, asked: (file: string) => boolean, nodes: NodeOwners = new Map()): OpenFiles {
  const byNumber = [...nodes.keys()].some((name) => !name.startsWith('/'));
  const processes: OpenProcess[] = [];
  let unseen = 0;
  for (const pid of proc.list('').filter((name) => /^\d+$/.test(name))) {
    const descriptors = proc.list(`${pid}/fd`);
    if (descriptors.length === 0 && proc.exists(`${pid}/fd`) && !proc.exists(`${pid}/fd/.`)) unseen++;
    const files = descriptors.flatMap((fd): OpenFile[] => {
      const file = proc.link(`${pid}/fd/${fd}`) ?? '';
      if (asked(file)) return [{ fd, file }];
      const [exact, major] = byNumber && file.startsWith('/dev/') ? numbersOf(proc, `${pid}/fd/${fd}`) : [];
      const number = [exact, major].find((one) => one !== undefined && nodes.has(one));
      return number === undefined ? [] : [{ fd, file, number }];
    });
    if (files.length === 0) continue;
    const name = proc.line(`${pid}/comm`)?.replaceAll(/[^\x20-\x7e]/g, '?') ?? '';
    processes.push({ pid, text: `process ${pid}${name === '' ? '' : ` (${name})`}`, files });
  }
  return { processes, unseen };
}

/** An open file's device number as `195:0`, and its major number as `195:*`; empty for other files. */
function numbersOf(proc: Tree, at: string): string[] {
  const number = proc.deviceNumber(at);
  return number === undefined ? [] : [number, number.replace(/:.*/, ':*')];
}
