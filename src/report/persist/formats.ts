import type { PlannedDevice } from '../../vfio/plan/plan-types.ts';
import type { PciIds } from '../../vfio/sysfs/pci-ids.ts';

/** The driver that a device has without VFIO, and its module: both null for none, the module where it is built in. */
export interface NativeDriver {
  readonly driver: string | null;
  readonly module: string | null;
}

/** A device of a plan whose names are safe to write into any of the formats. */
export interface PersistentDevice extends PlannedDevice {
  /** The driver to bind at every boot. */
  readonly driver: string;
  /** What it is: at the next boot another device may have its address. Null where its bus has no such ids. */
  readonly ids: PciIds | null;
  /** Null where VFIO has the device already and what had it before is not known. */
  readonly native: NativeDriver | null;
}

/** What the plan does not say. */
export interface PersistenceOptions {
  /** The driver that --driver named. */
  readonly driver?: string | undefined;
  /** By path, for devices that VFIO has already: what they had before. */
  readonly natives?: ReadonlyMap<string, NativeDriver>;
}

/** The lines of a configuration. Remarks are in comments; the first says for which stage of a boot it works. */
export type Format = (devices: readonly PersistentDevice[], options: PersistenceOptions) => string[];

/** A device's ids for people: `10de:2684 (subsystem 1043:88b6)`. */
export function idsText({ vendor, device, subvendor, subdevice }: PciIds): string {
  return `${vendor}:${device} (subsystem ${subvendor}:${subdevice})`;
}
