import { needList, needObject } from '../arguments.ts';
import { asyncProbe } from './async.ts';
import { probeDeferred } from './attach.ts';
import { writeAttribute } from './attributes.ts';
import { bindIommufd, closeCdev, openCdev } from './cdev.ts';
import { errno, type KernelEvent, type Transition } from './event.ts';
import { closeGroup, getDevice, openGroup, setContainer, setIommu } from './groups.ts';
import { foundBehind, plug, removeDevice } from './hotplug.ts';
import { findDevice } from './lookup.ts';
import { loadModule, unloadModule } from './modules.ts';
import type { KernelState } from './state.ts';

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
  const done = stepAlone(state, event);
  let after = done;
  if (done.state !== state && done.state.drivers.some(({ removes }) => removes === 'children'))
    after = withMore(after, foundBehind(state, done.state));
  if (after.state !== state && after.state.devices.some(({ deferred }) => deferred))
    after = withMore(after, probeDeferred(state, after.state));
  return after;
}

function withMore(done: Transition, { state, trace }: Pick<Transition, 'state' | 'trace'>): Transition {
  return state === done.state ? done : { ...done, state, trace: [...done.trace, ...trace] };
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
