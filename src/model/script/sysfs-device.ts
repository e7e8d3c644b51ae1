import { type Device, findDriver, type KernelState, overrideEffect, showOverride } from '../../driver-core/index.ts';
import { functionsOf, isLeaving, listedDevice } from '../../driver-core/lookup.ts';
import type { Node } from './sysfs-tree.ts';

/** The directory of a device, relative to sysfs's root: below that of its parent, the topmost below its bus's root. */
export function devicePath(kernel: Pick<KernelState, 'devices'>, bus: string, name: string): string {
  const above = new Set<string>();
  for (let at: string | null = name; at !== null && !above.has(at); ) {
    above.add(at);
    at = listedDevice(kernel, bus, at)?.parent ?? null;
  }
  const chain = [...above].reverse();
  const root = bus === 'pci' ? `pci${/^([0-9a-f]{4,}:[0-9a-f]{2})/.exec(chain[0]!)?.[1] ?? '0000:00'}` : bus;
  return ['devices', root, ...chain].join('/');
}

const file = (text: string | null): Node => ({ kind: 'file', text });
const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}\n`;

/** include/linux/pci_ids.h: PCI_CLASS_DISPLAY_VGA, which alone has boot_vga (pci-sysfs.c:pci_dev_attrs_are_visible). */
const VGA_CLASS = 0x0300;

/** What stands in a device's own directory; whatever else there is, the state does not tell. */
export function deviceFiles(kernel: KernelState, device: Device): Readonly<Record<string, Node>> {
  const { bus, pci, group } = device;
  const files: Record<string, Node> = {
    subsystem: { kind: 'link', target: `bus/${bus}` },
    uevent: file(null),
    driver: isLeaving(kernel, device) ? { kind: 'absent' } : driverLink(device),
    iommu_group: group === null ? { kind: 'absent' } : { kind: 'link', target: `kernel/iommu_groups/${group}` },
    driver_override: overrideEffect(bus) === 'none' ? { kind: 'absent' } : file(showOverride(bus, device.override)),
    modalias: file(modaliasOf(device)),
    'vfio-dev': vfioDirectory(kernel, device),
  };
  if (bus !== 'pci' || !pci) return files;
  const physfn = pci.physfn;
  const functions = functionsOf(kernel, device);
  return {
    ...files,
    vendor: file(hex(pci.vendor, 4)),
    device: file(hex(pci.device, 4)),
    subsystem_vendor: file(hex(pci.subvendor, 4)),
    subsystem_device: file(hex(pci.subdevice, 4)),
    class: file(hex(pci.class, 6)),
    config: file(null),
    resource: file(null),
    enable: file(null),
    remove: file(null),
    rescan: file(null),
    boot_vga: pci.class >> 8 === VGA_CLASS ? file(null) : { kind: 'absent' },
    physfn: physfn === null ? { kind: 'absent' } : { kind: 'link', target: devicePath(kernel, bus, physfn) },
    ...(pci.sriov === null
      ? {}
      : {
          sriov_totalvfs: file(`${pci.sriov.totalVfs}\n`),
          sriov_offset: file(`${pci.sriov.offset}\n`),
          sriov_stride: file(`${pci.sriov.stride}\n`),
          sriov_vf_device: file(`${pci.sriov.vfDevice.toString(16)}\n`),
        }),
    ...(pci.sriov !== null || pci.numVfs > 0 || functions.length > 0
      ? {
          sriov_numvfs: file(`${pci.numVfs}\n`),
          sriov_drivers_autoprobe: file(pci.vfsAutoprobe ? '1\n' : '0\n'),
        }
      : physfn === null
        ? {}
        : { sriov_numvfs: { kind: 'absent' } as const, sriov_totalvfs: { kind: 'absent' } as const }),
    ...Object.fromEntries(
      functions.map((one, i) => [`virtfn${i}`, { kind: 'link', target: devicePath(kernel, bus, one.name) } as const]),
    ),
  };
}

function driverLink({ bus, driver }: Device): Node {
  if (driver === null) return { kind: 'absent' };
  return typeof driver === 'string' ? { kind: 'link', target: `bus/${bus}/drivers/${driver}` } : { kind: 'unknown' };
}

/** vfio-dev/ is there while a VFIO driver has the device (vfio_main.c:__vfio_register_dev); its number is not known. */
function vfioDirectory(kernel: KernelState, { bus, driver }: Device): Node {
  if (driver !== null && typeof driver !== 'string') return { kind: 'unknown' };
  const bound = driver === null ? undefined : findDriver(kernel, bus, driver);
  return bound?.vfio
    ? { kind: 'directory', names: () => null, child: () => ({ kind: 'unknown' }) }
    : { kind: 'absent' };
}

/** pci-sysfs.c:modalias_show; other buses' the state does not tell. */
function modaliasOf({ bus, pci }: Device): string | null {
  if (bus !== 'pci' || !pci) return null;
  const at = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const ids = `v${at(pci.vendor, 8)}d${at(pci.device, 8)}sv${at(pci.subvendor, 8)}sd${at(pci.subdevice, 8)}`;
  const code = at(pci.class, 6);
  return `pci:${ids}bc${code.slice(0, 2)}sc${code.slice(2, 4)}i${code.slice(4)}\n`;
}
