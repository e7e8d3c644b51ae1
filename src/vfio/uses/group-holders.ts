import type { Device } from '../sysfs/device.ts';
import type { Tree } from '../sysfs/tree.ts';
import type { NodeOwners, OpenProcess } from './holders.ts';

/** What a process holds of an IOMMU group through VFIO. */
export interface GroupHolder {
  readonly group: string;
  /** `process 812 (qemu-system-x86)`. */
  readonly by: string;
  /** Names of the group's devices that it has open. */
  readonly devices: readonly string[];
  /** Names of those that it may have open too: which ones is not known. */
  readonly perhaps: readonly string[];
  /** Whether the group's DMA belongs to it. */
  readonly owns: 'yes' | 'no' | 'unknown';
}

const GROUP = /^\/dev\/vfio\/(noiommu-)?(\d+)$/;
const CONTAINERS: readonly string[] = ['/dev/vfio/vfio', '/dev/iommu'];

/**
 * A device's descriptor as VFIO_GROUP_GET_DEVICE_FD gives it (drivers/vfio/group.c:vfio_device_open_file); it has no
 * path.
 */
const DEVICE = 'anon_inode:[vfio-device]';

/** Whether an open file shows what a process holds through VFIO. */
export function isVfioFile(file: string): boolean {
  return file === DEVICE || CONTAINERS.includes(file) || GROUP.test(file) || file.startsWith('/dev/vfio/devices/');
}

/**
 * Who holds the groups of some devices that are bound to VFIO drivers, and which of the devices. A descriptor from a
 * group does not name its device before 6.18 (drivers/vfio/vfio_main.c:vfio_device_show_fdinfo); if a process has one
 * group open and it has one device, it can only be that.
 */
export function groupHolders(
  proc: Tree,
  processes: readonly OpenProcess[],
  nodes: NodeOwners,
  devices: readonly Device[],
): GroupHolder[] {
  const groups = [...new Set(devices.flatMap(({ group }) => group ?? []))];
  return processes.flatMap((process) => {
    const held = heldFiles(proc, process, nodes);
    return groups.flatMap((group): GroupHolder[] => {
      const members = devices.filter((device) => device.group === group);
      const sure = members.filter(({ name, path }) => held.names.has(name) || held.paths.has(path));
      const open = held.groups.get(group);
      if (open === undefined && sure.length === 0) return [];
      const rest = open !== undefined && held.nameless > 0 ? members.filter((device) => !sure.includes(device)) : [];
      const only = held.groups.size === 1 && sure.length + rest.length === 1;
      // Such a descriptor exists only once the group has a container with an IOMMU
      // (group.c:vfio_group_ioctl_get_device_fd).
      const attached = open !== undefined && held.groups.size === 1 && held.fromGroups > 0;
      const perhapsOwns = held.container || held.fromGroups > 0 || sure.length > 0;
      return [
        {
          group,
          by: process.text,
          devices: (only ? [...sure, ...rest] : sure).map(({ name }) => name),
          perhaps: only ? [] : rest.map(({ name }) => name),
          owns: open === 'noiommu' ? 'no' : attached ? 'yes' : perhapsOwns ? 'unknown' : 'no',
        },
      ];
    });
  });
}

interface HeldFiles {
  readonly groups: ReadonlyMap<string, 'iommu' | 'noiommu'>;
  readonly container: boolean;
  /** Names of devices whose own file below /dev/vfio/devices is open. */
  readonly names: ReadonlySet<string>;
  /** Paths of devices that a descriptor names. */
  readonly paths: ReadonlySet<string>;
  /** Descriptors from groups, and how many of them do not name their device. */
  readonly fromGroups: number;
  readonly nameless: number;
}

function heldFiles(proc: Tree, { pid, files }: OpenProcess, nodes: NodeOwners): HeldFiles {
  const descriptors = files.filter(({ file }) => file === DEVICE);
  const paths = descriptors.flatMap(
    ({ fd }) => /^vfio-device-syspath:\s*\/sys\/(\S+)$/m.exec(proc.read(`${pid}/fdinfo/${fd}`) ?? '')?.[1] ?? [],
  );
  const groups = files.flatMap(({ file }): [string, 'iommu' | 'noiommu'][] => {
    const m = GROUP.exec(file);
    return m ? [[m[2]!, m[1] === undefined ? 'iommu' : 'noiommu']] : [];
  });
  return {
    groups: new Map(groups),
    container: files.some(({ file }) => CONTAINERS.includes(file)),
    names: new Set(files.flatMap(({ file }) => (file.startsWith('/dev/vfio/devices/') ? (nodes.get(file) ?? []) : []))),
    paths: new Set(paths),
    fromGroups: descriptors.length,
    nameless: descriptors.length - paths.length,
  };
}
