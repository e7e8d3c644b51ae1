import { groupViability, makeKernel } from '../driver-core/index.ts';
import type { Release } from '../release.ts';
import type { Device } from './device.ts';
import { driverLike, modelDevice } from './kernel-state.ts';

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

/**
 * Asks the kernel's rules about a group's members as they are bound now. A driver that is not known by name counts as a VFIO driver
 * where `seenAsVfio` says so of the device.
 */
export function viabilityOf(
  members: readonly Device[],
  release: Release,
  seenAsVfio: (member: Device) => boolean,
): Viability {
  const bound = members.flatMap((member) =>
    member.driver === null || member.bus === null ? [] : { member, bus: member.bus, driver: member.driver },
  );
  const state = makeKernel(release, {
    drivers: bound.map(({ member, bus, driver }) => driverLike(bus, driver, seenAsVfio(member))),
    devices: bound.map(({ member, bus }) => ({ ...modelDevice(member, bus), group: 'this' })),
  });
  const { viable, blockers } = groupViability(state, 'this');
  const reason = state.features.dmaOwnership
    ? "this driver uses the kernel's DMA API for the group (it has no driver_managed_dma)"
    : 'before 5.19 every member must be driverless, a bridge, or bound to a VFIO driver or pci-stub';
  return { viable: viable === 'yes', blockers: blockers.map((blocker) => ({ ...blocker, why: reason })) };
}
