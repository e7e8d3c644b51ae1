import type { Format, PersistentDevice } from './formats.ts';

/**
 * vfio-pci takes ids as a parameter and must be loaded before the native module. Neither names a single device:
 * modprobe knows modules and ids only. The names are those of modules, which a driver's may differ from (i801_smbus is
 * in i2c_i801).
 */
export const modprobeD: Format = (devices) => {
  const fitting = devices.filter((device) => idsOf(device) !== null);
  const others = devices.filter((device) => !fitting.includes(device));
  const lines = ['# /etc/modprobe.d/vfio.conf; then update the initramfs'];
  for (const { name } of others)
    lines.push(`# ${name} is left out: this format is for PCI devices on vfio-pci; use udev, driverctl or systemd`);
  if (fitting.length === 0) return lines;
  const ids = [...new Set(fitting.map(idsOf))].sort().join(',');
  return [
    ...lines,
    ...new Set(fitting.flatMap(before)),
    `# this takes EVERY device with these ids (vendor:device:subvendor:subdevice)`,
    `options vfio_pci ids=${ids}`,
    `# vfio_pci is loaded with a native module; to load it without one, put a line`,
    `# 'vfio_pci' into /etc/modules-load.d/vfio.conf`,
  ];
};

/** vfio_pci.c:vfio_pci_fill_ids: of the VFIO drivers, only vfio-pci has the parameter, not its variants. */
function idsOf({ driver, ids }: PersistentDevice): string | null {
  return driver !== 'vfio-pci' || ids === null ? null : Object.values(ids).join(':');
}

function before({ name, native }: PersistentDevice): string[] {
  if (native === null)
    return [
      `# vfio-pci has ${name} already, and no journal says what had it before: if a`,
      `# module may take it first, add 'softdep MODULE pre: vfio_pci'`,
    ];
  if (native.driver === null || native.driver === 'vfio-pci') return [];
  if (native.module !== null) return [`softdep ${native.module} pre: vfio_pci`];
  return [`# ${native.driver}, which has ${name}, is built in: this takes effect too late; use another format`];
}
