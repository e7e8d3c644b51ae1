import type { PersistentDevice } from './formats.ts';

/** What the formats by ids share: a format names the remark that is its own for a native driver that is built in. */
export interface ByIds {
  /** `VENDOR:DEVICE:SUBVENDOR:SUBDEVICE,..`; empty where no device is for vfio-pci. */
  readonly ids: string;
  /** Lines for modprobe.d that have vfio_pci loaded before the native modules. */
  readonly softdeps: readonly string[];
  /** Comments on devices that are left out and natives that are not known or built in. */
  readonly remarks: readonly string[];
}

/**
 * Sorts devices into what `ids=` of vfio-pci can say. The names are those of modules, which a driver's may differ from
 * (i801_smbus is in i2c_i801).
 */
export function byIds(devices: readonly PersistentDevice[]): ByIds {
  const fitting = devices.filter((device) => idsOf(device) !== null);
  const others = devices.filter((device) => !fitting.includes(device));
  return {
    ids: [...new Set(fitting.map(idsOf))].sort().join(','),
    softdeps: [...new Set(fitting.flatMap(softdep))],
    remarks: [
      ...others.map(
        ({ name }) =>
          `# ${name} is left out: this format is for PCI devices on vfio-pci; use udev, driverctl or systemd`,
      ),
      ...new Set(fitting.flatMap(remark)),
    ],
  };
}

/** vfio_pci.c:vfio_pci_fill_ids: of the VFIO drivers, only vfio-pci has the parameter, not its variants. */
function idsOf({ driver, ids }: PersistentDevice): string | null {
  return driver !== 'vfio-pci' || ids === null ? null : Object.values(ids).join(':');
}

function softdep({ native }: PersistentDevice): string[] {
  const loads = native !== null && native.driver !== null && native.driver !== 'vfio-pci' && native.module !== null;
  return loads ? [`softdep ${native.module} pre: vfio_pci`] : [];
}

function remark({ name, native }: PersistentDevice): string[] {
  if (native === null)
    return [
      `# vfio-pci has ${name} already, and no journal says what had it before: if a`,
      `# module may take it first, add 'softdep MODULE pre: vfio_pci'`,
    ];
  if (native.driver === null || native.driver === 'vfio-pci' || native.module !== null) return [];
  return [`# ${native.driver}, which has ${name}, is built in: this takes effect too late; use another format`];
}
