import {
  deviceCalled,
  findDevice,
  findDriver,
  functionsOf,
  groupMembers,
  isLeaving,
  possibleDrivers,
} from './lookup.ts';
import type { Device, KernelState } from './state.ts';

/**
 * A path without links, or why there is none: nothing stands there, or where a link leads is not known, or there are
 * more links than the kernel follows (ELOOP, which no modelled file gives).
 */
export type Followed = { readonly path: string } | 'absent' | 'unknown';

/** A device's directory, by either of its two paths, and what follows it. */
const DEVICE = /^bus\/([^/]+)\/(?:devices|drivers\/([^/]+))\/([^/]+)\/(.+)$/;
const REAL = /^devices\/(?:[^/]+\/)*?([^/]+)\/((?:driver|iommu_group|physfn|virtfn\d+|subsystem)\/.+)$/;
const GROUP = /^kernel\/iommu_groups\/([^/]+)\/devices\/([^/]+)\/(.+)$/;
const MODULE = /^module\/[^/]+\/drivers\/([^/:]+):([^/]+)\/(.+)$/;

/** Most links in one path (fs/namei.c: MAXSYMLINKS). */
const MOST_LINKS = 40;

/**
 * Follows the links of sysfs that the model knows: a device's `driver`, `iommu_group`, `physfn`, `virtfnN` and
 * `subsystem`, a driver's links to its devices, a group's and a module's. The result names a device as
 * bus/BUS/devices/NAME where a link led there (drivers/base/dd.c:driver_sysfs_add, drivers/iommu/iommu-sysfs.c).
 */
export function followLinks(state: KernelState, path: string): Followed {
  let now = path;
  for (let i = 0; i <= MOST_LINKS; i++) {
    const next = oneLink(state, now);
    if (next === null) return { path: now };
    if (next === 'absent' || next === 'unknown') return next;
    now = next;
  }
  return 'unknown';
}

/** The path after its first link, null where it has none. */
function oneLink(state: KernelState, path: string): string | 'absent' | 'unknown' | null {
  const group = GROUP.exec(path);
  if (group) {
    const member = groupMembers(state, group[1]!).find((one) => one.name === group[2]);
    return member ? `bus/${member.bus}/devices/${member.name}/${group[3]}` : 'absent';
  }
  const module = MODULE.exec(path);
  if (module) return `bus/${module[1]}/drivers/${module[2]}/${module[3]}`;
  const below = DEVICE.exec(path);
  if (below) {
    const [, bus = '', driver, name = '', rest = ''] = below;
    const device = findDevice(state, bus, name);
    if (driver === undefined) return device ? ofDevice(state, device, rest) : null;
    if (!device) return null;
    if (!possibleDrivers(device.driver).includes(driver) || isLeaving(state, device)) return 'absent';
    return device.driver === driver ? `bus/${bus}/devices/${name}/${rest}` : 'unknown';
  }
  const real = REAL.exec(path);
  const device = real && deviceCalled(state, real[1]!);
  return device ? ofDevice(state, device, real[2]!) : null;
}

function ofDevice(state: KernelState, device: Device, rest: string): string | 'absent' | 'unknown' | null {
  const m = /^(driver|iommu_group|physfn|virtfn(\d+)|subsystem)\/(.+)$/.exec(rest);
  if (!m) return null;
  const [, link = '', number, after = ''] = m;
  const { bus, driver, group, pci } = device;
  if (link === 'subsystem') return `bus/${bus}/${after}`;
  if (link === 'driver') {
    if (driver === null || isLeaving(state, device)) return 'absent';
    if (typeof driver !== 'string') return 'unknown';
    return findDriver(state, bus, driver) ? `bus/${bus}/drivers/${driver}/${after}` : 'absent';
  }
  if (link === 'iommu_group') return group === null ? 'absent' : `kernel/iommu_groups/${group}/${after}`;
  if (link === 'physfn') return pci?.physfn ? `bus/${bus}/devices/${pci.physfn}/${after}` : 'absent';
  const virtual = functionsOf(state, device)[Number(number)];
  return virtual ? `bus/${bus}/devices/${virtual.name}/${after}` : 'absent';
}
