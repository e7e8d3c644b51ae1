import { needObject } from '../../arguments.ts';
import { type Availability, availabilityOf } from './availability.ts';
import { type GroupMember, pciBridge, readMember } from './device.ts';
import { type BlockRule, blockRule, type Viability, viabilityOf } from './model.ts';
import { type MachineRoots, readRelease } from './roots.ts';
import type { Tree } from './tree.ts';

/** A range of I/O virtual addresses that userspace may not map, as `reserved_regions` lists them. */
export interface ReservedRegion {
  /** First and last address, lower-case hexadecimal with 0x. */
  readonly from: string;
  readonly to: string;
  /** `direct`, `direct-relaxable`, `reserved` or `msi`. */
  readonly type: string;
}

export interface IommuGroup {
  /** The group's number, as text. */
  readonly id: string;
  /** `DMA`, `DMA-FQ`, `identity`, `blocked`, `unmanaged`, `unknown`, or null where the kernel does not say. */
  readonly type: string | null;
  /** The name that a driver gave the group, such as `vfio-noiommu`. */
  readonly name: string | null;
  readonly members: readonly GroupMember[];
  readonly reserved: readonly ReservedRegion[];
  readonly viability: Viability;
  readonly availability: Availability;
  /** What limits the isolation: functions without ACS, a bridge that all requests seem to come from. */
  readonly notes: readonly string[];
  /** Files with which userspace opens the group and its devices: /dev/vfio/8, /dev/vfio/devices/vfio0. */
  readonly nodes: readonly string[];
}

/** The IOMMU side of a machine. */
export interface IommuView {
  /** The kernel's release, as uname -r has it; null where it is not known. */
  readonly kernel: string | null;
  /** An IOMMU is active: there are groups. */
  readonly iommu: boolean;
  /** vfio's enable_unsafe_noiommu_mode is set. */
  readonly noiommu: boolean;
  readonly groups: readonly IommuGroup[];
  /** Notes on all groups, such as an ACS override on the kernel command line. */
  readonly notes: readonly string[];
}

/** Reads every IOMMU group, or those with one of the ids. Groups are in numerical order, members in name order. */
export function readGroups(roots: MachineRoots, ids?: ReadonlySet<string>): IommuView {
  needObject('roots', roots, 'sysfs', 'proc');
  const { sysfs } = roots;
  const { text, release } = readRelease(roots);
  const all = [...sysfs.list('kernel/iommu_groups')].sort(byNumber);
  const context: Context = {
    sysfs,
    files: new Set(sysfs.list('class/vfio')),
    vfioDevices: readVfioDevices(sysfs),
    blocks: blockRule(release),
    reserved: reservedReader(),
  };
  return {
    kernel: text,
    iommu: all.some((id) => sysfs.line(`kernel/iommu_groups/${id}/name`) !== NOIOMMU),
    noiommu: /^[Y1]/.test(sysfs.line('module/vfio/parameters/enable_unsafe_noiommu_mode') ?? ''),
    groups: all.filter((id) => ids?.has(id) ?? true).map((id) => readGroup(context, id)),
    notes: commandLineNotes(roots.proc.line('cmdline') ?? ''),
  };
}

const NOIOMMU = 'vfio-noiommu';

interface Context {
  readonly sysfs: Tree;
  /** Names in class/vfio. */
  readonly files: ReadonlySet<string>;
  /** Names of VFIO devices (`vfio0`) by the paths of the devices that they stand for. */
  readonly vfioDevices: ReadonlyMap<string, readonly string[]>;
  readonly blocks: BlockRule;
  readonly reserved: (text: string) => Reserved;
}

function readGroup({ sysfs, files, vfioDevices, blocks, reserved }: Context, id: string): IommuGroup {
  const at = `kernel/iommu_groups/${id}`;
  const members: GroupMember[] = [];
  for (const path of sysfs.realLinks(`${at}/devices`))
    if (path.startsWith('devices/')) members.push(readMember(sysfs, path, id));
  const { regions, direct } = reserved(sysfs.attribute(`${at}/reserved_regions`) ?? '');
  const viability = viabilityOf(members, blocks, ({ path }) => vfioDevices.has(path));
  return {
    id,
    type: sysfs.line(`${at}/type`) ?? null,
    // Few groups have one: looking costs less than failing to open it.
    name: sysfs.exists(`${at}/name`) ? (sysfs.line(`${at}/name`) ?? null) : null,
    members,
    reserved: regions,
    viability,
    availability: availabilityOf(members, direct, viability),
    notes: acsNotes(members),
    nodes: [
      ...[id, `noiommu-${id}`].flatMap((name) => (files.has(name) ? `/dev/vfio/${name}` : [])),
      ...members.flatMap(({ path }) => deviceNodes(sysfs, path, vfioDevices.get(path) ?? [])),
    ],
  };
}

/** From the class, which costs less than a look into every device for its `vfio-dev` directory. */
function readVfioDevices(sysfs: Tree): Map<string, string[]> {
  const devices = new Map<string, string[]>();
  for (const path of sysfs.realLinks('class/vfio-dev')) {
    const [, device, name] = /^(.+)\/vfio-dev\/([^/]+)$/.exec(path) ?? [];
    if (device !== undefined) devices.set(device, [...(devices.get(device) ?? []), name!]);
  }
  return devices;
}

/**
 * A VFIO device's own file has a device number if the kernel has such files (CONFIG_VFIO_DEVICE_CDEV); the directory
 * alone does not prove it.
 */
function deviceNodes(sysfs: Tree, path: string, names: readonly string[]): string[] {
  return names.flatMap((name) => (sysfs.exists(`${path}/vfio-dev/${name}/dev`) ? `/dev/vfio/devices/${name}` : []));
}

interface Reserved {
  readonly regions: readonly ReservedRegion[];
  /** One of them is direct. */
  readonly direct: boolean;
}

/** Most groups of a machine have the same regions, which are parsed once. */
function reservedReader(): Context['reserved'] {
  const known = new Map<string, Reserved>();
  return (text) => {
    let reserved = known.get(text);
    if (reserved === undefined) {
      const regions = parseReserved(text);
      reserved = { regions, direct: regions.some(({ type }) => type === 'direct') };
      known.set(text, reserved);
    }
    return reserved;
  };
}

function parseReserved(text: string): ReservedRegion[] {
  return [...text.matchAll(/^0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) ([a-z-]+)$/gim)].map(([, from, to, type]) => ({
    from: `0x${BigInt(`0x${from}`).toString(16)}`,
    to: `0x${BigInt(`0x${to}`).toString(16)}`,
    type: type!,
  }));
}

function commandLineNotes(cmdline: string): string[] {
  const notes: string[] = [];
  const override = /(?:^|\s)pcie_acs_override=(\S+)/.exec(cmdline)?.[1];
  if (override !== undefined) {
    notes.push(
      `pcie_acs_override=${override} is set: groups are smaller than what the hardware isolates, so devices of different groups may reach each other`,
    );
  }
  for (const off of ['intel_iommu=off', 'amd_iommu=off', 'iommu=off']) {
    if (new RegExp(`(?:^|\\s)${off}(?:\\s|$)`).test(cmdline)) notes.push(`${off} is set on the kernel command line`);
  }
  return notes;
}

/** 2 before 10; text that is not a number comes last. */
function byNumber(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || (a < b ? -1 : 1);
  return x - y;
}

/**
 * Why devices share a group, as far as their topology shows. The kernel groups what it cannot distinguish or isolate
 * (iommu.c:pci_device_group): everything behind a bridge that uses one requester id, functions of a device without ACS,
 * everything below a port without ACS.
 */
function acsNotes(members: readonly GroupMember[]): string[] {
  const pci = members.filter((member) => member.bus === 'pci');
  if (pci.length < 2) return [];
  const notes: string[] = [];
  for (const bridge of pci.filter((member) => pciBridge(member) === 'bus')) {
    const behind = pci.filter((member) => member.path.startsWith(`${bridge.path}/`));
    if (behind.length > 0) {
      notes.push(
        `${bridge.name} does not isolate what is behind it (${count(behind.length, 'device')} of this group): a conventional PCI bridge, or a port without ACS`,
      );
    }
  }
  const slots = new Map<string, GroupMember[]>();
  for (const member of pci) {
    const slot = member.path.slice(0, member.path.lastIndexOf('.'));
    slots.set(slot, [...(slots.get(slot) ?? []), member]);
  }
  for (const [slot, functions] of slots) {
    if (functions.length < 2) continue;
    notes.push(
      `${slot.slice(slot.lastIndexOf('/') + 1)} has ${functions.length} functions in this group: no ACS between them`,
    );
  }
  return notes;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
