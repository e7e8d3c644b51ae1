import { attachDevice, defer, settle } from './attach.ts';
import { errno, OK, type Result, type TraceEntry, type Transition, unknown } from './event.ts';
import {
  bindingOf,
  deviceWritten,
  findDriver,
  findGroup,
  groupMembers,
  listedDevice,
  possibleDrivers,
  withGroup,
} from './lookup.ts';
import { matchDevice } from './match.ts';
import type { Via } from './policy.ts';
import { isBound, probeDevice } from './probe.ts';
import type { Device, Driver, Errno, KernelState, Waiting } from './state.ts';
import { cString } from './text.ts';

function missingDevice(state: KernelState, rule: string, data: string): Transition {
  const text = `no device is named '${cString(data).trimEnd()}'`;
  return { state, result: errno('ENODEV'), trace: [{ rule, text }] };
}

/** A write to drivers/DRIVER/bind (drivers/base/bus.c:bind_store, dd.c:device_driver_attach). */
export function bind(state: KernelState, driver: Driver, data: string, via: Via = 'bind'): Transition {
  const rule = 'drivers/base/bus.c:bind_store';
  const device = deviceWritten(state, driver.bus, data);
  if (!device) return missingDevice(state, rule, data);
  const match = matchDevice(state, driver, device, via);
  const trace: TraceEntry[] = [{ rule: match.rule, text: match.text, driver: driver.name, device: device.name }];
  if (match.answer === 'no') return { state, result: errno('ENODEV'), trace };
  const bound = isBound(device);
  if (bound === 'yes' && match.answer === 'yes') {
    trace.push({
      rule: 'drivers/base/dd.c:__driver_probe_device',
      text: 'the device has a driver',
      device: device.name,
    });
    return { state, result: refusal(state, 'EBUSY'), trace };
  }
  if (bound === 'yes') return { state, result: unknown(match.text, match.missing), trace };

  const { outcome, trace: probed } = probeDevice(state, driver, device);
  trace.push(probed);
  const before = possibleDrivers(device.driver).filter((d) => d !== null);
  if (bound === 'unknown' || match.answer === 'unknown' || outcome.kind === 'unknown') {
    const why =
      bound === 'unknown'
        ? 'whether the device has a driver is not known'
        : outcome.kind === 'unknown'
          ? outcome.why
          : match.text;
    const missing = [...match.missing, ...(outcome.kind === 'unknown' ? outcome.missing : [])];
    const mayBind = outcome.kind === 'bound' || outcome.kind === 'unknown';
    const certain = outcome.kind === 'bound' && match.answer === 'yes';
    const possible = [...before, ...(mayBind ? [driver.name] : []), ...(certain ? [] : [null])];
    return { state: settle(state, device, bindingOf(possible)), result: unknown(why, missing), trace };
  }
  if (outcome.kind === 'bound') return { state: settle(state, device, driver.name), result: OK, trace };
  if (outcome.errno !== 'EPROBE_DEFER') return { state, result: refusal(state, outcome.errno), trace };
  // Since 5.14 device_driver_attach no longer puts off a device that somebody binds.
  const after = state.features.bindTellsWhy ? state : defer(state, device);
  return { state: after, result: refusal(state, 'EAGAIN'), trace };
}

function refusal({ features }: KernelState, why: Errno): Result {
  return errno(features.bindTellsWhy ? why : 'ENODEV');
}

/** A write to drivers/DRIVER/unbind (drivers/base/bus.c:unbind_store). */
export function unbind(state: KernelState, driver: Driver, data: string): Transition {
  const rule = 'drivers/base/bus.c:unbind_store';
  const device = deviceWritten(state, driver.bus, data);
  if (!device) return missingDevice(state, rule, data);
  const possible = possibleDrivers(device.driver);
  if (!possible.includes(driver.name)) {
    const text = `the device is not bound to ${driver.name}`;
    return { state, result: errno('ENODEV'), trace: [{ rule, text, driver: driver.name, device: device.name }] };
  }
  if (possible.length > 1) {
    const text = `whether the device is bound to ${driver.name} is not known`;
    const after = settle(state, device, bindingOf(possible.map((d) => (d === driver.name ? null : d))));
    return { state: after, result: unknown(text), trace: [{ rule, text, driver: driver.name, device: device.name }] };
  }
  return detach(state, driver, device, 'unbind', rule);
}

/**
 * Unbinds a driver from its device. A VFIO driver waits for a process that holds the device's descriptor
 * (drivers/vfio/vfio_main.c:vfio_unregister_group_dev): the call blocks, and the device stays bound until the holder
 * closes it. The last VFIO device of a group that has a container takes it along, and what the holder still has open no
 * longer belongs to a group; before 6.1 it waits for the holder too.
 */
export function detach(
  state: KernelState,
  driver: Driver,
  device: Device,
  cause: Waiting['cause'],
  rule: string,
): Transition {
  const group = driver.vfio ? findGroup(state, device.group) : undefined;
  const file = (state.deviceFiles ?? []).find((one) => one.device === device.name);
  const by = file?.by ?? group?.file?.by;
  const last = group?.file?.container === true && !hasOtherVfioDevice(state, device);
  const isOpen = file !== undefined || group?.file?.devices.includes(device.name) === true;
  if (isOpen || (last && !state.features.lastDeviceDetaches)) {
    const waiting: Waiting = { device: device.name, driver: driver.name, group: group!.id, cause };
    const text = `waits until ${by} closes the ${last && !isOpen ? 'group' : 'device'}`;
    return {
      state: { ...state, waiting: [...state.waiting, waiting] },
      result: { kind: 'blocks', group: group!.id, by: by! },
      trace: [
        {
          rule: 'drivers/vfio/vfio_main.c:vfio_unregister_group_dev',
          text,
          driver: driver.name,
          device: device.name,
        },
      ],
    };
  }
  const trace = [{ rule, text: 'the driver lets go of the device', driver: driver.name, device: device.name }];
  const now = last ? withGroup(state, group!.id, { file: null }) : state;
  if (last)
    trace.push({ rule: REMOVE_GROUP, text: `and ${by} loses the group`, driver: driver.name, device: device.name });
  return { state: settle(now, device, null), result: OK, trace };
}

const REMOVE_GROUP = 'drivers/vfio/vfio_main.c:vfio_device_remove_group';

function hasOtherVfioDevice(state: KernelState, device: Device): boolean {
  return groupMembers(state, device.group!).some(
    (other) =>
      other.name !== device.name &&
      possibleDrivers(other.driver).some((name) => name !== null && findDriver(state, other.bus, name)?.vfio === true),
  );
}

/**
 * A write to BUS/drivers_probe (drivers/base/bus.c:drivers_probe_store). Success says only that the walk was not
 * aborted: the device may still have no driver.
 */
export function driversProbe(state: KernelState, bus: string, data: string): Transition {
  const rule = 'drivers/base/bus.c:drivers_probe_store';
  const device = deviceWritten(state, bus, data);
  if (!device) return missingDevice(state, rule, data);
  const bound = isBound(device);
  if (bound === 'yes')
    return { state, result: OK, trace: [{ rule, text: 'the device already has a driver', device: device.name }] };
  const { state: after, attachment, trace } = attachDevice(state, device);
  if (bound === 'unknown') {
    const text = 'whether the device has a driver is not known';
    const possible = [
      ...possibleDrivers(device.driver).filter((d) => d !== null),
      ...possibleDrivers(listedDevice(after, bus, device.name)!.driver),
    ];
    return { state: settle(state, device, bindingOf(possible)), result: unknown(text), trace };
  }
  if (attachment.kind === 'unknown')
    return { state: after, result: unknown(attachment.why, attachment.missing), trace };
  if (attachment.kind === 'aborted') return { state: after, result: errno('EINVAL'), trace };
  return { state: after, result: OK, trace };
}
