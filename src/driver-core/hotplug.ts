import { attachDevice } from './attach.ts';
import { detach, unbind } from './bind.ts';
import { errno, OK, type TraceEntry, type Transition, unknown } from './event.ts';
import { DEVICES, withDevicesLast } from './lists/devices.ts';
import {
  devicesBelow,
  deviceWritten,
  findDriver,
  functionsOf,
  listedDevice,
  ownerOf,
  physicalOf,
  possibleDrivers,
  withDevice,
} from './lookup.ts';
import type { Device, Driver, KernelState, Waiting } from './state.ts';
import { kstrtoul } from './text.ts';

/** What a device loses when the kernel removes it. */
const UNBOUND = { override: null, driver: null, deferred: undefined, asyncProbes: undefined };
const GONE: Partial<Device> = { present: false, matchReady: false, ...UNBOUND };

/**
 * The kernel finds devices: all are added, then each is offered to the drivers in turn. A virtual function of a device
 * that a VFIO driver has gets that driver's name as its override (vfio_pci_core.c:vfio_pci_bus_notifier). PCI asks
 * drivers_autoprobe only from 6.19 on (drivers/pci/bus.c:pci_bus_add_device); other buses always did.
 */
export function addDevices(state: KernelState, found: readonly Device[]): Transition {
  const trace: TraceEntry[] = [];
  const added = found.map((d): Device => ({ ...d, ...GONE, plugged: true, present: true }));
  let now: KernelState = { ...state, devices: withDevicesLast(state.devices, added) };
  for (const device of added) {
    now = withDevice(now, device.bus, device.name, { matchReady: true, override: capturedOverride(now, device) });
    const autoprobe = now.buses.find((b) => b.name === device.bus)?.autoprobe ?? true;
    const always = device.bus === 'pci' && !now.features.hotAddHonoursAutoprobe;
    const rule =
      device.bus === 'pci' ? 'drivers/pci/bus.c:pci_bus_add_device' : 'drivers/base/dd.c:device_initial_probe';
    trace.push({ rule, text: autoprobe || always ? 'probed' : 'drivers_autoprobe is 0', device: device.name });
    if (!autoprobe && !always) continue;
    const ready = listedDevice(now, device.bus, device.name)!;
    const attached = attachDevice(now, ready, device.bus !== 'pci' || now.features.hotAddHonoursAutoprobe);
    now = attached.state;
    trace.push(...attached.trace);
  }
  return { state: now, result: OK, trace };
}

/**
 * The override that a VFIO-bound physical function gives a new virtual one: vfio-pci's; a variant's own is not known
 * here.
 */
function capturedOverride(state: KernelState, device: Device): string | null {
  return physicalOf(state, device)?.driver === 'vfio-pci' ? 'vfio-pci' : null;
}

/** Hardware is plugged in: the device and what was known to hang below it appear. */
export function plug(state: KernelState, bus: string, name: string): Transition {
  const device = listedDevice(state, bus, name);
  const rule = 'hot-plug';
  if (!device) return { state, result: errno('ENODEV'), trace: [{ rule, text: `the state has no device ${name}` }] };
  if (device.present) return { state, result: OK, trace: [{ rule, text: 'already present', device: name }] };
  return addDevices(state, [device]);
}

/**
 * A write to bus/pci/rescan: devices that are plugged in but not known are found, in address order. One to a device's
 * own rescan finds those on its bus and below (drivers/pci/pci-sysfs.c:dev_rescan_store).
 */
export function rescan(state: KernelState, bus: string, data: string, of?: Device): Transition {
  const rule = 'drivers/pci/pci-sysfs.c:rescan_store';
  const value = kstrtoul(data);
  if (value === null) return { state, result: errno('EINVAL'), trace: [{ rule, text: 'expected a number' }] };
  if (value === 0n) return { state, result: OK, trace: [{ rule, text: '0 does nothing' }] };
  const above = ({ parent }: Device) => (parent === null ? undefined : listedDevice(state, bus, parent));
  const reachable = (d: Device | undefined): boolean => d === undefined || (d.plugged && reachable(above(d)));
  const busOf = ({ name }: Device) => name.slice(0, name.lastIndexOf(':'));
  const isNear = (d: Device | undefined): boolean =>
    d !== undefined && (!of || busOf(d) === busOf(of) || isNear(above(d)));
  const found = state.devices.filter((d) => d.bus === bus && !d.present && reachable(d) && isNear(d));
  if (found.length === 0) return { state, result: OK, trace: [{ rule, text: 'no new devices' }] };
  return addDevices(
    state,
    found.sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

/** Takes a device and everything below it out of the kernel (drivers/pci/remove.c:pci_stop_and_remove_bus_device). */
export function removeDevice(state: KernelState, device: Device, cause: 'remove' | 'unplug'): Transition {
  const rule = 'drivers/pci/remove.c:pci_stop_and_remove_bus_device';
  const trace: TraceEntry[] = [];
  let now = state;
  for (const child of devicesBelow(state, device).filter(({ present }) => present)) {
    const below = removeDevice(now, child, cause);
    now = below.state;
    trace.push(...below.trace);
    if (below.result.kind !== 'ok') return { state: now, result: below.result, trace };
  }
  for (const name of possibleDrivers(device.driver)) {
    const driver = name === null ? undefined : findDriver(now, device.bus, name);
    if (!driver) continue;
    const along = takeAlong(now, driver, device);
    const left = along.result.kind === 'ok' ? detach(along.state, driver, device, cause, rule) : along;
    now = left.state;
    trace.push(...along.trace, ...(left === along ? [] : left.trace));
    if (left.result.kind !== 'ok') return { state: now, result: left.result, trace };
  }
  if (functionsOf(now, device).length > 0) {
    const text = `${device.name} has virtual functions, which this kernel does not survive`;
    trace.push({ rule: 'drivers/pci/iov.c:sriov_release', text, device: device.name, fromSource: true });
    return { state: now, result: unknown(text), trace };
  }
  const owner = ownerOf(now, device.group);
  if (owner !== null && !now.features.removalFromOwned) {
    const text = `the group belongs to ${owner}: this kernel may stop with a corrupted list when it is closed`;
    trace.push({ rule: 'drivers/iommu/iommu.c:iommu_release_device', text, device: device.name });
    return { state: now, result: unknown(text), trace };
  }
  const gone = withDevice(now, device.bus, device.name, { ...GONE, plugged: cause === 'remove' && device.plugged });
  return { state: gone, result: OK, trace: [...trace, { rule, text: 'removed', device: device.name }] };
}

/** A write to a device's `remove` (drivers/pci/pci-sysfs.c:remove_store). */
export function remove(state: KernelState, device: Device, data: string): Transition {
  const rule = 'drivers/pci/pci-sysfs.c:remove_store';
  const value = kstrtoul(data);
  if (value === null) return { state, result: errno('EINVAL'), trace: [{ rule, text: 'expected a number' }] };
  if (value === 0n) return { state, result: OK, trace: [{ rule, text: '0 does nothing' }] };
  return removeDevice(state, device, 'remove');
}

/**
 * Removes the virtual functions of a physical one, the first first (drivers/pci/iov.c:sriov_del_vfs). One that a
 * process holds is waited for, and the others with it.
 */
export function removeFunctions(state: KernelState, device: Device): Transition {
  const trace: TraceEntry[] = [];
  let now = state;
  for (const victim of functionsOf(state, device)) {
    const removed = removeDevice(now, victim, 'unplug');
    trace.push(...removed.trace);
    now = removed.state;
    if (removed.result.kind === 'blocks') {
      const waiting = now.waiting.map((one) =>
        one.device === victim.name ? { ...one, cause: 'numvfs' as const } : one,
      );
      now = { ...now, waiting };
    }
    if (removed.result.kind !== 'ok') return { state: now, result: removed.result, trace };
  }
  const rule = 'drivers/pci/iov.c:sriov_disable';
  trace.push({ rule, text: 'it has no virtual functions', device: device.name });
  return { state: withDevice(now, device.bus, device.name, { pci: { ...device.pci!, numVfs: 0 } }), result: OK, trace };
}

/**
 * A write to a PCI device's `reset` (drivers/pci/pci-sysfs.c:reset_store). It changes nothing of which driver has which
 * device; whether the file is there and the reset succeeds depends on how the device can be reset, which the state does
 * not tell. Only 1 is taken.
 */
export function resetDevice(state: KernelState, device: Device, data: string): Transition {
  const rule = 'drivers/pci/pci-sysfs.c:reset_store';
  if (kstrtoul(data) !== 1n)
    return { state, result: errno('EINVAL'), trace: [{ rule, text: 'expected 1', device: device.name }] };
  const why = `whether ${device.name} can be reset is not known`;
  return { state, result: unknown(why), trace: [{ rule, text: why, device: device.name }] };
}

/** Drivers that running kernels were seen to take their functions along with. Of others that is from their source. */
const SEEN_TO_REMOVE = new Set(['igb']);

/**
 * What a driver removes before it lets go of a device, in its remove function: the virtual functions that it made, or
 * the devices behind it.
 */
export function takeAlong(state: KernelState, driver: Driver, device: Device): Transition {
  const rule = `${driver.name}: remove()`;
  const seen = SEEN_TO_REMOVE.has(driver.name) ? {} : ({ fromSource: true } as const);
  const trace: TraceEntry[] = [];
  let now = state;
  for (const victim of driver.removes ? removedWith(state, driver, device) : []) {
    const removed = removeDevice(now, victim, 'unplug');
    now = removed.state;
    const text = `${victim.name} goes away with ${driver.name}`;
    trace.push({ rule, text, device: victim.name, ...seen }, ...removed.trace);
    if (removed.result.kind !== 'ok') return { state: now, result: removed.result, trace };
  }
  if (driver.removes === 'vfs' && device.pci)
    now = withDevice(now, device.bus, device.name, { pci: { ...device.pci, numVfs: 0 } });
  return { state: now, result: OK, trace };
}

/** A write to drivers/DRIVER/unbind, with what the driver takes along. */
export function unbindAll(state: KernelState, driver: Driver, data: string): Transition {
  const device = deviceWritten(state, driver.bus, data);
  if (!device || device.driver !== driver.name) return unbind(state, driver, data);
  const along = takeAlong(state, driver, device);
  if (along.result.kind !== 'ok') return along;
  const left = unbind(along.state, driver, data);
  return { ...left, trace: [...along.trace, ...left.trace] };
}

/**
 * A driver that has devices behind it finds them again once it has its own device (drivers/pci/controller/vmd.c:
 * vmd_enable_domain): those that went away with it, with what was known to be below them.
 */
export function foundBehind(before: KernelState, after: KernelState): Transition {
  let now = after;
  const trace: TraceEntry[] = [];
  for (const [i, device] of after.devices.entries()) {
    if (before.devices[i] === device) continue;
    const { bus, name, driver } = device;
    const by = typeof driver === 'string' ? findDriver(after, bus, driver) : undefined;
    if (by?.removes !== 'children') continue;
    if (DEVICES.all(before.devices, 'name', name).some((one) => one.bus === bus && one.driver === driver)) continue;
    const found = absentBelow(now, device);
    if (found.length === 0) continue;
    const text = `${by.name} finds ${found.map((one) => one.name).join(', ')}`;
    const added = addDevices(now, found);
    now = added.state;
    trace.push({ rule: `${by.name}: probe()`, text, device: name, fromSource: true }, ...added.trace);
  }
  return { state: now, result: OK, trace };
}

function absentBelow(state: KernelState, parent: Device): Device[] {
  return devicesBelow(state, parent).flatMap((one) => (one.present ? [] : [one, ...absentBelow(state, one)]));
}

function removedWith(state: KernelState, { removes }: Driver, device: Device): Device[] {
  if (removes === 'vfs') return functionsOf(state, device);
  return devicesBelow(state, device).filter(({ present }) => present);
}

/** What an unbind or a removal that waited does once the group is closed. */
export function detachedAfterClose(state: KernelState, waiting: Waiting): Transition {
  const device = DEVICES.all(state.devices, 'name', waiting.device).find((d) => d.group === waiting.group);
  const driver = device && findDriver(state, device.bus, waiting.driver);
  if (!device || !driver) return { state, result: OK, trace: [] };
  if (waiting.cause === 'numvfs') {
    const removed = removeDevice(state, device, 'unplug');
    const physfn = physicalOf(removed.state, device);
    if (removed.result.kind !== 'ok' || !physfn) return removed;
    const others = removeFunctions(removed.state, physfn);
    return { ...others, trace: [...removed.trace, ...others.trace] };
  }
  if (waiting.cause !== 'unbind') return removeDevice(state, device, waiting.cause);
  return detach(state, driver, device, 'unbind', 'drivers/vfio/vfio_main.c:vfio_unregister_group_dev');
}
