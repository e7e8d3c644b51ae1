import type { SriovFacts } from '../../driver-core/index.ts';
import type { Tree } from './tree.ts';

/** A device as sysfs shows it, except its driver_override. */
export interface GroupMember {
  /** Its name on the bus: `0000:01:00.0`, `fe000000.ethernet`, `0.0.0010`. */
  readonly name: string;
  /** `pci`, `platform`, ...; null for a device of no bus. */
  readonly bus: string | null;
  /** Path below the sysfs root with all links resolved: `devices/pci0000:00/0000:00:1c.0/0000:01:00.0`. */
  readonly path: string;
  /** Null if sysfs has none, or one that no kernel writes. */
  readonly modalias: string | null;
  /** Name of the driver that it is bound to, as the `driver` link gives it. */
  readonly driver: string | null;
  /** Its IOMMU group's number, as text. */
  readonly group: string | null;
  /** PCI class code of 24 bits, from `class`; null elsewhere. */
  readonly class: number | null;
}

export interface Device extends GroupMember {
  /** The value of `driver_override`; null if unset, undefined if the device has no such attribute. */
  readonly override: string | null | undefined;
}

/** SR-IOV attributes of a PCI function; null if it has none. */
export interface Sriov {
  /** Virtual functions that are enabled on it. */
  readonly numVfs: number;
  /** The value of sriov_drivers_autoprobe; true if there is no such file. */
  readonly vfsAutoprobe: boolean;
  /** Name of the physical function that it belongs to. */
  readonly physfn: string | null;
  /** What a physical function can have; null for any other. */
  readonly capability: SriovFacts | null;
}

/** A device that a plan touches, or that shares a group with one. */
export interface MachineDevice extends Device {
  readonly sriov: Sriov | null;
  /** Whether its configuration header is not of type 0; null if neither config nor class says so. */
  readonly bridge: boolean | null;
  readonly bootDisplay: boolean;
  /** Its unbind waits for a process that holds it. */
  readonly unbinding: boolean;
}

/** The longest modalias that a kernel can show: one page, of which the last byte is the newline. */
const LONGEST = 4095;

/** Reads the device at a path with links resolved. Never throws because of their contents. */
export function readDevice(tree: Tree, path: string): Device {
  const member = readMember(tree, path, tree.linkName(`${path}/iommu_group`) ?? null);
  return { ...member, override: readOverride(tree, path) };
}

/** Reads the device at a path, which is in an IOMMU group. */
export function readMember(tree: Tree, path: string, group: string | null): GroupMember {
  const modalias = readModalias(tree, path);
  // Only PCI devices have such a modalias (pci-driver.c:pci_uevent); for others the link is read.
  const bus = modalias?.startsWith('pci:') ? 'pci' : busOf(tree.link(`${path}/subsystem`));
  const code = bus === 'pci' ? (pciClassOf(modalias) ?? hex(tree.line(`${path}/class`))) : null;
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    bus: bus ?? null,
    path,
    modalias,
    driver: tree.linkName(`${path}/driver`) ?? null,
    group,
    class: code,
  };
}

/** `../../../bus/pci` is a bus, `../../../class/net` is not. */
function busOf(subsystem: string | undefined): string | undefined {
  return subsystem === undefined ? undefined : /(?:^|\/)bus\/([^/]+)$/.exec(subsystem)?.[1];
}

/** amba has no `modalias` file; the uevent's MODALIAS is the same text (dd.c:dev_uevent). */
function readModalias(tree: Tree, path: string): string | null {
  const text = tree.line(`${path}/modalias`) ?? /^MODALIAS=(.*)$/m.exec(tree.read(`${path}/uevent`) ?? '')?.[1];
  return text === undefined || text === '' || text.length > LONGEST || /[^\x20-\x7e]/.test(text) ? null : text;
}

/**
 * `(null)` is how the kernel prints an unset override; spi prints nothing (spi.c:driver_override_show). Undefined too
 * while an unbind waits for a process that holds the device: the read would wait for the device's lock with it (seen on
 * 6.1; drivers/pci/pci-sysfs.c:driver_override_show).
 */
export function readOverride(tree: Tree, path: string): string | null | undefined {
  if (isUnbinding(tree, path)) return undefined;
  const text = tree.line(`${path}/driver_override`);
  return text === '' || text === '(null)' ? null : text;
}

/**
 * Whether an unbind of the device waits for a process that holds it: its driver link is gone already and its vfio-dev
 * directory is still there (drivers/base/dd.c:__device_release_driver,
 * drivers/vfio/vfio_main.c:vfio_unregister_group_dev).
 */
export function isUnbinding(tree: Tree, path: string): boolean {
  return tree.linkName(`${path}/driver`) === undefined && tree.exists(`${path}/vfio-dev`);
}

/** bc, sc and i of a pci modalias as one number of 24 bits. */
function pciClassOf(modalias: string | null): number | null {
  const m = modalias === null ? null : /^pci:v\w{8}d\w{8}sv\w{8}sd\w{8}bc(\w\w)sc(\w\w)i(\w\w)$/.exec(modalias);
  return m ? hex(m[1]! + m[2]! + m[3]!) : null;
}

function hex(text: string | undefined): number | null {
  const value = Number.parseInt(text ?? '', 16);
  return Number.isNaN(value) ? null : value;
}

/**
 * Whether a PCI device is a bridge (base class 06), and whether it has a bus behind it (0604, 0607, 0609).
 */
export function pciBridge(device: GroupMember): 'none' | 'host' | 'bus' {
  if (device.bus !== 'pci' || device.class === null || device.class >> 16 !== 6) return 'none';
  return [0x04, 0x07, 0x09].includes((device.class >> 8) & 0xff) ? 'bus' : 'host';
}
