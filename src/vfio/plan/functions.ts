import type { MachineDevice } from '../sysfs/device.ts';
import { predictFunctions, type Vfs } from '../sysfs/sriov.ts';
import type { Machine } from './machine.ts';
import type { PlannedDevice, Warning } from './plan-types.ts';

/** What a plan does for a physical function that is to have virtual ones: itself and these, or why it cannot. */
interface PlannedFunctions {
  readonly devices: readonly PlannedDevice[];
  readonly problems: readonly Warning[];
}

/**
 * Plans so many virtual functions of a device, each moved as `planOne` says. Where they exist and are bound so, there
 * is nothing to do. `taken` are the numbers of IOMMU groups; those of new ones are added.
 */
export function planFunctions(
  machine: Machine,
  device: MachineDevice,
  count: number,
  taken: Set<string>,
  planOne: (device: MachineDevice) => PlannedDevice,
): PlannedFunctions {
  const physfn = device.name;
  const { driver, override } = device;
  const before = { driver, override, vfs: vfsOf(machine, device) };
  // It keeps its driver, so that no module is loaded for it.
  const itself = { ...planOne(device), module: null, vfio: false, before };
  const existing = functionsOf(machine, device).map((one): PlannedDevice => ({ ...planOne(one), physfn }));
  const isAsked = Number.isInteger(count) && count > 0;
  if (isAsked && existing.length === count && existing.every(({ already }) => already))
    return { devices: [{ ...itself, after: before, already: true }, ...existing], problems: [] };
  const message = isAsked ? refusal(machine, device, count) : `expected a whole number of functions, found ${count}`;
  if (message !== null)
    return { devices: [], problems: [{ code: 'vfs-refused', about: physfn, message, blocks: 'always' }] };
  const groups = newGroups(machine, device, count, taken);
  const made = predictFunctions(device, device.sriov!.capability!, count).map((one, index): PlannedDevice => {
    const group = groups[index]!;
    const planned = planOne({ ...device, ...one, driver: null, group, override: undefined });
    const { driver } = planned.after;
    return { ...planned, physfn, beforeModule: null, after: { driver, override: driver }, already: false };
  });
  const vfs = { functions: made.map(({ name }) => name), autoprobe: false };
  return { devices: [{ ...itself, after: { ...before, vfs }, already: false }, ...made], problems: [] };
}

/** The virtual functions of a device that exist. */
export function functionsOf({ devices }: Machine, { name, bus }: MachineDevice): MachineDevice[] {
  return devices.filter((one) => one.bus === bus && one.sriov?.physfn === name);
}

export function vfsOf(machine: Machine, device: MachineDevice): Vfs {
  return {
    functions: functionsOf(machine, device).map(({ name }) => name),
    autoprobe: device.sriov?.vfsAutoprobe ?? true,
  };
}

/** Whether a device does not exist before the plan makes it. */
export function isMade({ physfn, before }: PlannedDevice): boolean {
  return physfn !== null && before.driver === null && before.override === undefined;
}

/** Why a device cannot be given functions whatever its driver says, and what to do. */
function refusal(machine: Machine, device: MachineDevice, count: number): string | null {
  const { bus, name, sriov } = device;
  if (bus !== 'pci' || sriov === null) return 'only PCI functions have virtual functions';
  if (sriov.physfn !== null)
    return `it is a virtual function of ${sriov.physfn} itself; name that, or leave --vfs out to bind this one`;
  if (sriov.numVfs > 0) {
    const there = functionsOf(machine, device).map((one) => {
      const uses = machine.uses.flatMap((use) => (use.device === one.name ? use.text : []));
      return `${one.name} (${[one.driver ?? 'no driver', ...uses].join('; ')})`;
    });
    const which = there.length === 0 ? '' : `: ${there.join(', ')}`;
    return `it has ${sriov.numVfs} virtual functions${which}. The kernel makes all at once, or none (EBUSY): bind these by their names without --vfs, or remove them first, with modalias vfio restore ${name} where a bind made them, else with echo 0 > /sys/bus/pci/devices/${name}/sriov_numvfs`;
  }
  const { capability } = sriov;
  if (capability === null)
    return 'the kernel shows no SR-IOV capability of it (sriov_totalvfs, sriov_offset, sriov_stride, sriov_vf_device): turn SR-IOV on in the firmware of the machine and of the card';
  if (count > capability.totalVfs)
    return `expected at most ${capability.totalVfs} virtual functions (sriov_totalvfs), found --vfs ${count}`;
  return null;
}

/**
 * The groups of new functions: their physical one's where that shares it with a bridge above it, which has no ACS then,
 * else one each, with the lowest free numbers (drivers/iommu/iommu.c:pci_device_group, iommu_group_alloc). Null without
 * an IOMMU.
 */
function newGroups({ groups }: Machine, { group, path }: MachineDevice, count: number, taken: Set<string>) {
  const members = groups.find(({ id }) => id === group)?.members ?? [];
  const shared = group === null || members.some((member) => path.startsWith(`${member.path}/`));
  return Array.from({ length: count }, (): string | null => {
    if (shared) return group;
    let id = 0;
    while (taken.has(String(id))) id++;
    taken.add(String(id));
    return String(id);
  });
}
