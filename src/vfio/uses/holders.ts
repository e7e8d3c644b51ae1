import type { Device } from '../sysfs/device.ts';
import type { Tree } from '../sysfs/tree.ts';

/** A use of the device that would break if it went away. */
export interface Use {
  /** Name of the device. */
  readonly device: string;
  readonly kind: 'mounted' | 'swap' | 'stacked' | 'pool' | 'route' | 'process';
  /** In words: `nvme0n1p2 is mounted on /`. */
  readonly text: string;
}

/** A disk behind five USB hubs, the most there can be, is 14 directories below its controller. */
const DEEPEST = 20;
const MOST_DIRECTORIES = 5000;

/** Files in /dev with which a process can hold devices, with the devices' names. */
export type NodeOwners = ReadonlyMap<string, readonly string[]>;

/**
 * The /dev files of some devices: those of the class devices below them (`DEVNAME` of their uevents) and VFIO's for
 * their groups. A device inside another one is handled separately.
 */
export function readNodes(sysfs: Tree, devices: readonly Device[]): NodeOwners {
  const owners = new Map<string, string[]>();
  const own = (node: string, device: Device) => owners.set(node, [...(owners.get(node) ?? []), device.name]);
  const apart = new Set(devices.map((device) => device.path));
  for (const device of devices) {
    let left = MOST_DIRECTORIES;
    const walk = (path: string, depth: number) => {
      if (depth > DEEPEST || --left < 0) return;
      const node = /^DEVNAME=(.+)$/m.exec(sysfs.read(`${path}/uevent`) ?? '')?.[1];
      if (node !== undefined) own(`/dev/${node}`, device);
      for (const name of sysfs.directories(path)) if (!apart.has(`${path}/${name}`)) walk(`${path}/${name}`, depth + 1);
    };
    walk(device.path, 0);
    if (device.group === null) continue;
    for (const name of [device.group, `noiommu-${device.group}`]) own(`/dev/vfio/${name}`, device);
  }
  return owners;
}

/** Processes that have one of the files open. */
export function holdersOf(processes: readonly OpenProcess[], nodes: NodeOwners): Use[] {
  return processes.flatMap(({ text, files }) =>
    [...new Set(files.map(({ file }) => file))].flatMap((file) =>
      (nodes.get(file) ?? []).map((device): Use => ({ device, kind: 'process', text: `${text} has ${file} open` })),
    ),
  );
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
}

/** What processes have open. */
export interface OpenFiles {
  /** Those with the requested files open. */
  readonly processes: readonly OpenProcess[];
  /** How many processes of other users hide what they have open: 0 for root. */
  readonly unseen: number;
}

/**
 * Finds the processes that have the requested files open. Those of other users, whose descriptors are not readable, are
 * counted.
 */
export function readOpenFiles(proc: Tree, asked: (file: string) => boolean): OpenFiles {
  const processes: OpenProcess[] = [];
  let unseen = 0;
  for (const pid of proc.list('').filter((name) => /^\d+$/.test(name))) {
    const descriptors = proc.list(`${pid}/fd`);
    if (descriptors.length === 0 && proc.exists(`${pid}/fd`) && !proc.exists(`${pid}/fd/.`)) unseen++;
    const files = descriptors.flatMap((fd): OpenFile[] => {
      const file = proc.link(`${pid}/fd/${fd}`) ?? '';
      return asked(file) ? [{ fd, file }] : [];
    });
    if (files.length === 0) continue;
    const name = proc.line(`${pid}/comm`)?.replaceAll(/[^\x20-\x7e]/g, '?') ?? '';
    processes.push({ pid, text: `process ${pid}${name === '' ? '' : ` (${name})`}`, files });
  }
  return { processes, unseen };
}
