import type { PlannedDevice } from '../../vfio/plan/plan-types.ts';

/** Configuration of other programs that makes a binding survive a boot. */
export const PERSISTENCE_FORMATS = ['udev', 'driverctl', 'modprobe.d', 'systemd', 'libvirt-xml'] as const;
export type PersistenceFormat = (typeof PERSISTENCE_FORMATS)[number];

/** A device of a plan whose names are safe to write into any of the formats. */
export interface PersistentDevice extends PlannedDevice {
  /** The driver to bind at every boot. */
  readonly driver: string;
}

/** Options besides the devices; a command that runs at boot has to repeat them. */
export interface PersistenceOptions {
  /** The driver that --driver named. */
  readonly driver?: string | undefined;
  readonly allowInUse?: boolean;
}

/** The lines of a configuration. Remarks are in comments. */
export type Format = (devices: readonly PersistentDevice[], options: PersistenceOptions) => string[];
