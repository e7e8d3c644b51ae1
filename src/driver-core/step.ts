import { needList, needObject } from '../arguments.ts';
import { asyncProbe } from './async.ts';
import { hasDeferred, probeDeferred } from './attach.ts';
import { writeAttribute } from './attributes.ts';
import { bindIommufd, closeCdev, openCdev } from './cdev.ts';
import { errno, type KernelEvent, type Transition } from './event.ts';
import { closeGroup, getDevice, openGroup, setContainer, setIommu } from './groups.ts';
import { foundBehind, plug, removeDevice } from './hotplug.ts';
import { followLinks } from './links.ts';
import { DEVICES, withDeviceAt } from './lists/devices.ts';
import { Remembered } from './lists/remembered.ts';
import { findDevice, findGroup } from './lookup.ts';
import { loadModule, unloadModule } from './modules.ts';
import type { KernelState, Waiting } from './state.ts';

/**
 * What one event does to the kernel: the state after it, what the call returns, and the rules that were applied, in
 * order. Pure: nothing is read or written, and `state` is left as it was. Where an outcome depends on something that
 * the state does not tell, such as a native driver's probe, the result is `unknown` and names what is missing; the
 * devices concerned then have every possible driver as `oneOf`. A success with `oneOf` behind it (drivers_probe) is
 * possible too.
 */
export function step(state: KernelState, event: KernelEvent): Transition {
  needObject('state', state, 'features', 'devices', 'drivers');
  needObject('event', event, 'kind');
  const lock = lockedBy(state, event);
  if (lock) return lock;
  const done = stepAlone(state, event);
  let after = done;
  if (done.state !== state && FINDS_DEVICES.of(done.state.drivers))
    after = withMore(after, foundBehind(state, done.state));
  if (after.state !== state && hasDeferred(after.state)) after = withMore(after, probeDeferred(state, after.state));
  return after;
}

/** Whether there is a driver that finds devices behind its own. */
const FINDS_DEVICES = new Remembered((drivers: KernelState['drivers']) =>
  drivers.some(({ removes }) => removes === 'children'),
);

function withMore(done: Transition, { state, trace }: Pick<Transition, 'state' | 'trace'>): Transition {
  return state === done.state ? done : { ...done, state, trace: [...done.trace, ...trace] };
}

/**
 * What an event comes to that waits for a lock: an unbind that waits for a process holds that of its device
 * (drivers/base/dd.c:__device_driver_lock), a removal that of all removals and scans besides
 * (drivers/pci/probe.c:pci_lock_rescan_remove). Null where it needs none. drivers_probe sees without one that the
 * device has a driver (bus.c:bus_rescan_devices_helper), driver_override has a lock of its own from 7.0 on.
 */
function lockedBy(state: KernelState, event: KernelEvent): Transition | null {
  if (state.waiting.length === 0) return null;
  const followed = event.kind === 'write' && event.data !== '' ? followLinks(state, event.path) : 'absent';
  const path = typeof followed === 'string' ? '' : followed.path;
  const bus = 'bus' in event ? event.bus : /^bus\/([^/]+)\//.exec(path)?.[1];
  const held = state.waiting.filter(({ group }) => bus === undefined || findGroup(state, group)?.bus === bus);
  const removal = held.find(({ cause }) => cause !== 'unbind');
  const scans = event.kind === 'plug' || event.kind === 'unplug' || /\/(?:rescan|remove|sriov_numvfs)$/.test(path);
  if (removal && scans) return waitFor(state, removal, 'drivers/pci/probe.c:pci_lock_rescan_remove');
  if (event.kind !== 'load' && !/\/(?:bind|new_id|sriov_numvfs)$/.test(path)) return null;
  let devices = state.devices;
  for (const { device, group } of held)
    for (const at of DEVICES.places(devices, 'name', device))
      if (devices[at]!.group === group) devices = withDeviceAt(devices, at, { ...devices[at]!, driver: null });
  const { result, trace } = stepAlone({ ...state, devices, waiting: [] }, event);
  if (result.kind === 'errno' && (result.errno === 'EINVAL' || result.errno === 'ERANGE')) return null;
  // bind asks without the lock if the driver matches: one line says that it does not.
  const atLeast = path.endsWith('/bind') ? 2 : 1;
  const meets = held.find(({ device }) => trace.filter((one) => one.device === device).length >= atLeast);
  return meets ? waitFor(state, meets, 'drivers/base/dd.c:__device_driver_lock') : null;
}

function waitFor(state: KernelState, { device, group }: Waiting, rule: string): Transition {
  const file = (state.deviceFiles ?? []).find((one) => one.device === device);
  const by = file?.by ?? findGroup(state, group)?.file?.by ?? 'a process';
  const text = `waits for the lock of ${device}, which waits until ${by} closes it`;
  return { state, result: { kind: 'blocks', group, by, again: true }, trace: [{ rule, text, device }] };
}

function stepAlone(state: KernelState, event: KernelEvent): Transition {
  switch (event.kind) {
    case 'write':
      return writeAttribute(state, event.path, event.data);
    case 'load':
      return loadModule(state, event);
    case 'unload':
      return unloadModule(state, event);
    case 'plug':
      return plug(state, event.bus, event.device);
    case 'unplug': {
      const device = findDevice(state, event.bus, event.device);
      if (device) return removeDevice(state, device, 'unplug');
      const text = `there is no device ${event.device}`;
      return { state, result: errno('ENODEV'), trace: [{ rule: 'hot-plug', text }] };
    }
    case 'asyncProbe':
      return asyncProbe(state, event);
    case 'open':
      return openGroup(state, event.group, event.by);
    case 'setContainer':
      return setContainer(state, event.group);
    case 'setIommu':
      return setIommu(state, event.group);
    case 'getDevice':
      return getDevice(state, event.group, event.device);
    case 'openCdev':
      return openCdev(state, event.device, event.by);
    case 'bindIommufd':
      return bindIommufd(state, event.device, event.by);
    case 'closeCdev':
      return closeCdev(state, event.device, event.by);
    case 'close':
      return closeGroup(state, event.group);
  }
}

/** Events one after the other, each in the state that the one before left; stops nowhere. */
export function run(state: KernelState, events: readonly KernelEvent[]): Transition[] {
  needObject('state', state, 'features', 'devices', 'drivers');
  needList('events', events);
  const transitions: Transition[] = [];
  let now = state;
  for (const event of events) {
    const transition = step(now, event);
    transitions.push(transition);
    now = transition.state;
  }
  return transitions;
}
