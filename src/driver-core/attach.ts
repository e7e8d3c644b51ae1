import type { Missing, TraceEntry } from './event.ts';
import { UNBOUND, UNSETTLED } from './lists/devices.ts';
import { bindingOf, findDevice, possibleDrivers, withDevice } from './lookup.ts';
import { type Match, matchDevice } from './match.ts';
import { offeredTo } from './policy-match.ts';
import { isBound, type ProbeOutcome, probeDevice } from './probe.ts';
import type { Binding, Device, Driver, Errno, KernelState } from './state.ts';

/**
 * How a walk over drivers ended for one device: whether the core ended it early, if known. The state says which driver
 * has the device, if any.
 */
export type Attachment =
  | { readonly kind: 'done' }
  | { readonly kind: 'aborted'; readonly errno: Errno }
  | { readonly kind: 'unknown'; readonly why: string; readonly missing: readonly Missing[] };

export interface Attached {
  readonly state: KernelState;
  readonly attachment: Attachment;
  readonly trace: readonly TraceEntry[];
}

/**
 * Finds a driver for an unbound device: the bus's drivers in registration order, the first that matches and takes it.
 * Those that probe asynchronously are left to a worker where the device is new (`initial`, dd.c:device_initial_probe)
 * and no other took it.
 */
export function attachDevice(state: KernelState, device: Device, initial = false): Attached {
  const offered = offeredTo(state, device);
  const later = initial && !state.policy?.priority ? offered.filter(({ async }) => async) : [];
  if (later.length === 0) return offerTo(state, device, offered);
  const attached = offerTo(
    state,
    device,
    offered.filter(({ async }) => !async),
  );
  const asked = later.find((driver) => matchDevice(state, driver, device).answer !== 'no');
  const now = findDevice(attached.state, device.bus, device.name);
  if (!asked || attached.attachment.kind === 'aborted' || !now || isBound(now) === 'yes') return attached;
  const text = `${asked.name} is left to a worker`;
  const trace = [...attached.trace, { rule: 'drivers/base/dd.c:__device_attach', text, device: device.name }];
  return { ...attached, state: schedule(attached.state, now, null), trace };
}

/** The state in which a worker has a probe to do. */
function schedule(state: KernelState, { bus, name, asyncProbes = [] }: Device, driver: string | null): KernelState {
  return withDevice(state, bus, name, { asyncProbes: [...asyncProbes, driver] });
}

/**
 * Offers an unbound device to drivers in turn. One that refuses is skipped; a refusal by the core ends the walk
 * (dd.c:__device_attach_driver).
 */
export function offerTo(state: KernelState, device: Device, drivers: readonly Driver[]): Attached {
  const trace: TraceEntry[] = [];
  const maybe: string[] = [];
  const missing: Missing[] = [];
  const whys: string[] = [];
  let mayAbort = false;
  let deferred = false;
  const leaveOpen = (match: Match, outcome: ProbeOutcome, driver: Driver) => {
    if (outcome.kind === 'aborted' || (outcome.kind === 'unknown' && outcome.missing.length === 0)) mayAbort = true;
    else maybe.push(driver.name);
    if (match.answer === 'unknown') whys.push(match.text);
    if (outcome.kind === 'unknown') whys.push(outcome.why);
    missing.push(...match.missing, ...(outcome.kind === 'unknown' ? outcome.missing : []));
  };
  const end = (driver: string | null, decided: Attachment): Attached => {
    const unsure = mayAbort || (decided.kind === 'aborted' && maybe.length > 0);
    const attachment: Attachment = unsure ? { kind: 'unknown', why: whys.join('; '), missing } : decided;
    const binding = bindingOf([...maybe, driver, ...(mayAbort ? [null] : [])]);
    const settled = settle(state, device, binding);
    return { state: deferred && binding === null ? defer(settled, device) : settled, attachment, trace };
  };
  for (const driver of drivers) {
    const match = matchDevice(state, driver, device);
    if (match.answer === 'no') continue;
    trace.push({ rule: match.rule, text: match.text, driver: driver.name, device: device.name });
    const probe = probeDevice(state, driver, device);
    const outcome = probe.outcome;
    if (match.answer === 'yes') trace.push(probe.trace);
    if (outcome.kind === 'refused') {
      deferred ||= outcome.errno === 'EPROBE_DEFER';
      continue;
    }
    if (match.answer === 'unknown' || outcome.kind === 'unknown') leaveOpen(match, outcome, driver);
    else if (outcome.kind === 'bound') return end(driver.name, { kind: 'done' });
    else return end(null, { kind: 'aborted', errno: outcome.errno });
  }
  return end(null, { kind: 'done' });
}

/**
 * Offers a driver every unbound device of its bus, or only one, in the bus's order; refusals are swallowed
 * (dd.c:__driver_attach). A device whose match or probe is not known may or may not be bound afterwards. A driver that
 * probes asynchronously leaves its devices to a worker, those that wait for no other.
 */
export function attachDriver(
  state: KernelState,
  driver: Driver,
  only?: Device,
): { state: KernelState; trace: TraceEntry[] } {
  const trace: TraceEntry[] = [];
  let now = state;
  for (const { bus, name } of only ? [only] : UNBOUND.of(state.devices)) {
    const device = bus === driver.bus ? findDevice(now, bus, name) : undefined;
    if (!device || isBound(device) === 'yes') continue;
    const match = matchDevice(now, driver, device);
    if (match.answer === 'no') continue;
    if (driver.async) {
      if (device.asyncProbes?.some((one) => one !== null)) continue;
      const text = `${driver.name} leaves ${name} to a worker`;
      trace.push({ rule: 'drivers/base/dd.c:__driver_attach', text, driver: driver.name, device: name });
      now = schedule(now, device, driver.name);
      continue;
    }
    const probe = probeDevice(now, driver, device);
    trace.push({ rule: match.rule, text: match.text, driver: driver.name, device: name }, probe.trace);
    if (probe.outcome.kind === 'refused' && probe.outcome.errno === 'EPROBE_DEFER') now = defer(now, device);
    if (probe.outcome.kind === 'refused' || probe.outcome.kind === 'aborted') continue;
    const certain = probe.outcome.kind === 'bound' && match.answer === 'yes';
    const before = possibleDrivers(device.driver).filter((d) => d !== null);
    now = settle(now, device, bindingOf(certain ? [...before, driver.name] : [...before, driver.name, null]));
  }
  return { state: now, trace };
}

/** The state once a probe has left the device with a binding; who has a driver is not put off any more. */
export function settle(state: KernelState, device: Device, driver: Binding): KernelState {
  const done = driver !== null && device.deferred ? { deferred: undefined } : {};
  return withDevice(state, device.bus, device.name, { driver, ...done });
}

/** The state in which a driver has put a device off. */
export function defer(state: KernelState, { bus, name }: Device): KernelState {
  return withDevice(state, bus, name, { deferred: true });
}

/**
 * What the kernel's worker does after an event that bound a device: no device waits any more, and every one that did is
 * offered to the drivers as if it were new, where drivers_autoprobe is set; who is put off again waits for the next
 * (dd.c:driver_deferred_probe_trigger, deferred_probe_work_func). All that until none is bound that way.
 */
export function probeDeferred(before: KernelState, after: KernelState): Pick<Attached, 'state' | 'trace'> {
  const trace: TraceEntry[] = [];
  let [last, now] = [before, after];
  while (hasDeferred(now) && hasBound(last, now)) {
    last = now;
    for (const { bus, name } of UNSETTLED.of(now.devices)) {
      const device = findDevice(now, bus, name);
      if (!device?.deferred || device.driver !== null) continue;
      now = withDevice(now, bus, name, { deferred: undefined });
      if (!(now.buses.find((one) => one.name === bus)?.autoprobe ?? true)) continue;
      const attached = attachDevice(now, device, true);
      now = attached.state;
      const text = `the probe of ${name} had been put off, and is tried again`;
      trace.push({ rule: DEFERRED, text, device: name, fromSource: true }, ...attached.trace);
    }
  }
  return { state: now, trace };
}

/** Whether a driver has put off a device. */
export function hasDeferred({ devices }: KernelState): boolean {
  return UNSETTLED.of(devices).some(({ deferred }) => deferred);
}

const DEFERRED = 'drivers/base/dd.c:deferred_probe_work_func';

/** Whether a device has a driver that had none, or another, before. */
function hasBound(before: KernelState, { devices }: KernelState): boolean {
  const had = new Map(before.devices.map(({ bus, name, driver }) => [`${bus} ${name}`, driver]));
  return devices.some(({ bus, name, driver }) => driver !== null && had.get(`${bus} ${name}`) !== driver);
}
