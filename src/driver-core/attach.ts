import type { Missing, TraceEntry } from './event.ts';
import { bindingOf, findDevice, possibleDrivers, withDevice } from './lookup.ts';
import { matchDevice } from './match.ts';
import { isBound, probeDevice } from './probe.ts';
import type { Binding, Device, Driver, Errno, KernelState } from './state.ts';

/** How a walk over the drivers of a bus ended for one device. */
export type Attachment =
  | { readonly kind: 'bound' | 'none' }
  | { readonly kind: 'aborted'; readonly errno: Errno }
  | { readonly kind: 'unknown'; readonly why: string; readonly missing: readonly Missing[] };

export interface Attached {
  readonly state: KernelState;
  readonly attachment: Attachment;
  readonly trace: readonly TraceEntry[];
}

/**
 * Finds a driver for an unbound device: the bus's drivers in registration order, the first that matches and takes it.
 * A driver that refuses is passed over; what the core refuses ends the walk (dd.c:__device_attach_driver).
 */
export function attachDevice(state: KernelState, device: Device): Attached {
  const trace: TraceEntry[] = [];
  const maybe: string[] = [];
  const missing: Missing[] = [];
  const whys: string[] = [];
  const end = (driver: string | null, decided: Attachment): Attached => {
    const binding = bindingOf([...maybe, driver]);
    const attachment: Attachment = maybe.length === 0 ? decided : { kind: 'unknown', why: whys.join('; '), missing };
    return { state: settle(state, device, binding), attachment, trace };
  };
  for (const driver of state.drivers.filter((d) => d.bus === device.bus)) {
    const match = matchDevice(state, driver, device);
    if (match.answer === 'no') continue;
    trace.push({ rule: match.rule, text: match.text, driver: driver.name, device: device.name });
    const probe = probeDevice(state, driver, device);
    if (match.answer === 'unknown') {
      if (probe.outcome.kind === 'refused') continue;
      maybe.push(driver.name);
      whys.push(match.text);
      missing.push(...match.missing);
      continue;
    }
    trace.push(probe.trace);
    const outcome = probe.outcome;
    if (outcome.kind === 'bound') return end(driver.name, { kind: 'bound' });
    if (outcome.kind === 'aborted') return end(null, { kind: 'aborted', errno: outcome.errno });
    if (outcome.kind === 'unknown') {
      maybe.push(driver.name);
      whys.push(outcome.why);
      missing.push(...outcome.missing);
    }
  }
  return end(null, { kind: 'none' });
}

/**
 * Offers a driver every unbound device of its bus, in the bus's order; refusals are swallowed (dd.c:__driver_attach).
 * A device whose match or probe is not known may or may not be bound afterwards.
 */
export function attachDriver(state: KernelState, driver: Driver): { state: KernelState; trace: TraceEntry[] } {
  const trace: TraceEntry[] = [];
  let now = state;
  for (const { bus, name } of state.devices) {
    const device = bus === driver.bus ? findDevice(now, bus, name) : undefined;
    if (!device || isBound(device) === 'yes') continue;
    const match = matchDevice(now, driver, device);
    if (match.answer === 'no') continue;
    const probe = probeDevice(now, driver, device);
    trace.push({ rule: match.rule, text: match.text, driver: driver.name, device: name }, probe.trace);
    if (probe.outcome.kind === 'refused' || probe.outcome.kind === 'aborted') continue;
    const certain = probe.outcome.kind === 'bound' && match.answer === 'yes';
    const before = possibleDrivers(device.driver).filter((d) => d !== null);
    now = settle(now, device, bindingOf(certain ? [...before, driver.name] : [...before, driver.name, null]));
  }
  return { state: now, trace };
}

/** The state once a probe has left the device with a binding. */
export function settle(state: KernelState, device: Device, driver: Binding): KernelState {
  return withDevice(state, device.bus, device.name, { driver });
}
