/** Configuration of other programs that makes a binding survive a boot. */
export const PERSISTENCE_FORMATS = ['udev', 'driverctl', 'modprobe.d', 'systemd', 'libvirt-xml'] as const;
export type PersistenceFormat = (typeof PERSISTENCE_FORMATS)[number];
