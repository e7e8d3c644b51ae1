import { type Release, toRelease } from '../release.ts';
import { atRelease, since } from '../release-history.ts';

/** What differs between kernels in the rules of this model: each is true from a release on. */
export const KERNEL_FEATURES = {
  /** A failed bind returns the reason (bus.c:bind_store); before, it was ENODEV whatever dd.c:really_probe returned. */
  bindTellsWhy: since('5.14', true),
  /** `override_only` rows exist (pci-driver.c:pci_match_device). */
  overrideOnly: since('5.15', true),
  /**
   * Groups are owned through owner_cnt at probe time (iommu.c:iommu_device_use_default_domain); before, VFIO looked at
   * the members' drivers.
   */
  dmaOwnership: since('5.19', true),
  /**
   * The parameter async_probe of modules may be a no, and module.async_probe is its default (kernel/module/main.c:
   * load_module, unknown_module_param_cb); before, it was a yes whatever it was.
   */
  asyncProbeDefault: since('6.0', true),
  /**
   * The last VFIO device of a group leaves without its holder, whose container it takes
   * (vfio_main.c:vfio_device_remove_group); before, it waited for the holder (vfio.c:vfio_unregister_group_dev, on
   * container_q).
   */
  lastDeviceDetaches: since('6.1', true),
  /** The default domain of a group with several devices can be changed (iommu.c:iommu_group_store_type). */
  typeOfLargeGroups: since('6.4', true),
  /** SET_CONTAINER refuses a group with a `direct` reserved region (iommu.c:__iommu_device_set_domain). */
  directRefused: since('6.6', true),
  /** Devices may have files of their own, with CONFIG_VFIO_DEVICE_CDEV (drivers/vfio/device_cdev.c). */
  deviceFiles: since('6.6', true),
  /** A member of a group that a process owns can be removed. 6.1 was seen to corrupt its lists, 6.12 was not. */
  removalFromOwned: since('6.12', true),
  /**
   * A hot-added device is probed only where drivers_autoprobe is set (pci/bus.c:pci_bus_add_device); before, always.
   */
  hotAddHonoursAutoprobe: since('6.19', true),
};

/** Whether a kernel has each of the features. */
export type KernelFeatures = { readonly [K in keyof typeof KERNEL_FEATURES]: boolean };

/** The features of a mainline release. A distribution's backports are given by spreading over the result. */
export function featuresOf(of: string | Release): KernelFeatures {
  const release = toRelease(of);
  const has = Object.entries(KERNEL_FEATURES).map(([name, from]) => [name, atRelease(from, release) ?? false]);
  return Object.fromEntries(has) as KernelFeatures;
}
