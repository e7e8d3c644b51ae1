import { type Release, toRelease } from '../release.ts';
import { atRelease, type ByRelease, since } from '../release-history.ts';

/** What differs between kernels in the rules of this model. */
export interface KernelFeatures {
  /** A bind that fails says why; before, it was ENODEV whatever the reason. */
  readonly bindTellsWhy: boolean;
  /** Groups are owned through owner_cnt at probe time (iommu.c); before, VFIO looked at the members' drivers. */
  readonly dmaOwnership: boolean;
  /** pci_bus_add_device asks drivers_autoprobe; before, a hot-added device was always probed. */
  readonly hotAddHonoursAutoprobe: boolean;
  /** The default domain of a group with several devices can be changed. */
  readonly typeOfLargeGroups: boolean;
  /** `override_only` rows exist: 5.15. */
  readonly overrideOnly: boolean;
  /** The last VFIO device of a group leaves without its holder, whose container it takes; before, it waited for him. */
  readonly lastDeviceDetaches: boolean;
  /** SET_CONTAINER refuses a group with a `direct` reserved region. */
  readonly directRefused: boolean;
  /** A member of a group that a process owns can be removed. 6.1 was seen to corrupt its lists by it, 6.12 not to. */
  readonly removalFromOwned: boolean;
}

/**
 * First release with each feature (the value before the first is false).
 * bindTellsWhy: bus.c:bind_store; before, it asked dev->driver itself, and dd.c:really_probe hid what a probe returned.
 * dmaOwnership: iommu.c:iommu_device_use_default_domain. hotAddHonoursAutoprobe: pci/bus.c:pci_bus_add_device.
 * typeOfLargeGroups: iommu.c:iommu_group_store_type. overrideOnly: pci-driver.c:pci_match_device.
 * lastDeviceDetaches: vfio_main.c:vfio_device_remove_group; before, vfio.c:vfio_unregister_group_dev waited on container_q.
 * directRefused: iommu.c:__iommu_device_set_domain.
 */
const SINCE: { readonly [K in keyof KernelFeatures]: ByRelease<boolean> } = {
  bindTellsWhy: since('5.14', true),
  dmaOwnership: since('5.19', true),
  hotAddHonoursAutoprobe: since('6.19', true),
  typeOfLargeGroups: since('6.4', true),
  overrideOnly: since('5.15', true),
  lastDeviceDetaches: since('6.1', true),
  directRefused: since('6.6', true),
  removalFromOwned: since('6.12', true),
};

/** The features of a mainline release. A distribution's backports are given by spreading over the result. */
export function featuresOf(of: string | Release): KernelFeatures {
  const release = toRelease(of);
  const has = (history: ByRelease<boolean>) => atRelease(history, release) ?? false;
  return {
    bindTellsWhy: has(SINCE.bindTellsWhy),
    dmaOwnership: has(SINCE.dmaOwnership),
    hotAddHonoursAutoprobe: has(SINCE.hotAddHonoursAutoprobe),
    typeOfLargeGroups: has(SINCE.typeOfLargeGroups),
    overrideOnly: has(SINCE.overrideOnly),
    lastDeviceDetaches: has(SINCE.lastDeviceDetaches),
    directRefused: has(SINCE.directRefused),
    removalFromOwned: has(SINCE.removalFromOwned),
  };
}
