import { needObject } from '../arguments.ts';
import { attachDriver, offerTo } from './attach.ts';
import { OK, type TraceEntry, type Transition } from './event.ts';
import { UNSETTLED } from './lists/devices.ts';
import { bindingOf, findDevice, findDriver, possibleDrivers, withDevice } from './lookup.ts';
import type { KernelState } from './state.ts';

/** A probe that a worker of the kernel has yet to do. */
export interface PendingProbe {
  readonly bus: string;
  readonly device: string;
  readonly driver: string | null;
}

/** Every probe that workers have yet to do; they may do them in any order. */
export function pendingProbes(state: KernelState): PendingProbe[] {
  needObject('state', state, 'devices');
  return UNSETTLED.of(state.devices).flatMap(({ bus, name, asyncProbes = [] }) =>
    asyncProbes.map((driver): PendingProbe => ({ bus, device: name, driver })),
  );
}

/**
 * A worker does a probe. Whoever has the device by now keeps it; else the driver tries it, or each driver that probes
 * asynchronously does in turn (dd.c:__driver_attach_async_helper, __device_attach_async_helper).
 */
export function asyncProbe(state: KernelState, { bus, device: name, driver }: PendingProbe): Transition {
  const rule = `drivers/base/dd.c:${driver === null ? '__device_attach_async_helper' : '__driver_attach_async_helper'}`;
  const say = (now: KernelState, text: string, trace: readonly TraceEntry[] = []): Transition => ({
    state: now,
    result: OK,
    trace: [{ rule, text, device: name, ...(driver === null ? {} : { driver }) }, ...trace],
  });
  const due = findDevice(state, bus, name)?.asyncProbes ?? [];
  const at = due.indexOf(driver);
  if (at < 0) return say(state, 'no such probe is due');
  const left = due.toSpliced(at, 1);
  const now = withDevice(state, bus, name, { asyncProbes: left.length > 0 ? left : undefined });
  const device = findDevice(now, bus, name)!;
  const before = possibleDrivers(device.driver).filter((one) => one !== null);
  if (before.length === possibleDrivers(device.driver).length) return say(now, 'the device has a driver by now');
  const tried = findDriver(now, bus, driver ?? '');
  const { state: after, trace } = tried
    ? attachDriver(now, { ...tried, async: false }, device)
    : offerTo(now, device, driver === null ? now.drivers.filter(({ async }) => async) : []);
  const has = possibleDrivers(findDevice(after, bus, name)?.driver ?? null);
  return say(withDevice(after, bus, name, { driver: bindingOf([...before, ...has]) }), 'a worker probes', trace);
}

/** Waits until no probe is due (kernel/async.c:async_synchronize_full). */
export function finishProbes(state: KernelState): Pick<Transition, 'state' | 'trace'> {
  needObject('state', state, 'devices');
  const trace: TraceEntry[] = [];
  let now = state;
  for (let [due] = pendingProbes(now); due; [due] = pendingProbes(now)) {
    const done = asyncProbe(now, due);
    now = done.state;
    trace.push(...done.trace);
  }
  return { state: now, trace };
}
