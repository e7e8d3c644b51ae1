import {
  type Driver,
  groupViability,
  type Device as ModelDevice,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
} from '../../driver-core/index.ts';
import type { Release } from '../../release.ts';
import { type GroupMember, type MachineDevice, pciBridge } from './device.ts';

/** A device for the driver-core model; SR-IOV is known for a MachineDevice only. */
export function modelDevice(device: GroupMember | MachineDevice, bus: string): ModelDevice {
  return makeDevice(bus, device.name, {
    override: ('override' in device ? device.override : null) ?? null,
    driver: device.driver,
    group: device.group,
    pci: bus === 'pci' || bus === 'cdx' ? factsOf(device) : null,
  });
}

function factsOf(device: GroupMember | MachineDevice): ModelDevice['pci'] {
  const ids = /^(?:pci|cdx):v([0-9A-F]+)d([0-9A-F]+)sv([0-9A-F]+)sd([0-9A-F]+)/.exec(device.modalias ?? '');
  const [vendor = 0, id = 0, subvendor = 0, subdevice = 0] =
    ids?.slice(1).map((text) => Number.parseInt(text, 16)) ?? [];
  const { capability = null, ...sriov } = ('sriov' in device ? device.sriov : null) ?? {};
  const bridge = ('bridge' in device ? device.bridge : null) ?? pciBridge(device) === 'bus';
  return pciFacts(vendor, id, { subvendor, subdevice, class: device.class ?? 0, bridge, ...sriov, sriov: capability });
}

/** A driver that is not known by its name counts as a variant of vfio-pci if the machine shows it as one. */
export function driverLike(bus: string, name: string, vfio: boolean, rest: Partial<Driver> = {}): Driver {
  return makeDriver(bus, name, { ...(vfio && !makeDriver(bus, name).vfio ? VARIANT : {}), ...rest });
}

/** What is true of every driver that registers its devices with VFIO. */
const VARIANT: Partial<Driver> = { vfio: true, managedDma: true, probe: 'vfio-variant' };

/** Whether userspace may own an IOMMU group. */
export interface Viability {
  readonly viable: boolean;
  readonly blockers: readonly Blocker[];
}

export interface Blocker {
  readonly device: string;
  readonly driver: string;
  readonly why: string;
}

/** Why a member's driver keeps the group from userspace; null if it does not. */
export type BlockRule = (member: GroupMember, bus: string, driver: string, vfio: boolean) => string | null;

/** The rule of a release, by the driver-core model; each kind of member is evaluated once. */
export function blockRule(release: Release): BlockRule {
  const known = new Map<string, string | null>();
  return (member, bus, driver, vfio) => {
    const key = `${bus} ${driver} ${vfio} ${pciBridge(member)}`;
    let why = known.get(key);
    if (why === undefined) {
      const state = makeKernel(release, {
        drivers: [driverLike(bus, driver, vfio)],
        devices: [{ ...modelDevice(member, bus), group: 'this' }],
      });
      why = groupViability(state, 'this').viable === 'yes' ? null : reason(state.features.dmaOwnership);
      known.set(key, why);
    }
    return why;
  };
}

function reason(dmaOwnership: boolean): string {
  return dmaOwnership
    ? "this driver uses the kernel's DMA API for the group (it has no driver_managed_dma)"
    : 'before 5.19 every member must be driverless, a bridge, or bound to a VFIO driver or pci-stub';
}

/**
 * Asks the rule about a group's members as they are bound now. A driver that is not known by name counts as a VFIO
 * driver if `seenAsVfio` says so for the device.
 */
export function viabilityOf(
  members: readonly GroupMember[],
  blocks: BlockRule,
  seenAsVfio: (member: GroupMember) => boolean,
): Viability {
  const blockers: Blocker[] = [];
  for (const member of members) {
    const { name, bus, driver } = member;
    if (bus === null || driver === null) continue;
    const why = blocks(member, bus, driver, seenAsVfio(member));
    if (why !== null) blockers.push({ device: name, driver, why });
  }
  return { viable: blockers.length === 0, blockers };
}
