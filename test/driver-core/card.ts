import { expect } from 'vitest';
import type {
  Device,
  Driver,
  KernelEvent,
  KernelFeatures,
  KernelState,
  Transition,
} from '../../src/driver-core/index.ts';
import {
  deviceId,
  featuresOf,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  step as take,
} from '../../src/driver-core/index.ts';

/** An unbound network card in group 7 unless `rest` says otherwise. */
export function card(rest: Partial<Device> = {}): Device {
  const pci = pciFacts(0x8086, 0x10d3, { class: 0x020000 });
  return makeDevice('pci', '0000:01:00.0', { group: '7', pci, ...rest });
}

/** A native driver with a row for the card; its probe is not known. */
export const e1000e = makeDriver('pci', 'e1000e', { module: 'e1000e', ids: [deviceId(0x8086, 0x10d3)] });
export const vfioPci = makeDriver('pci', 'vfio-pci');
export const pciStub = makeDriver('pci', 'pci-stub');

/** A 6.12 kernel with these drivers in this order and these devices, one group for each number used. */
export function kernel(
  drivers: readonly Driver[],
  devices: readonly Device[] = [card()],
  rest: Partial<KernelState> = {},
): KernelState {
  const ids = [...new Set(devices.map((d) => d.group).filter((id) => id !== null))];
  return makeKernel('6.12', {
    buses: [...new Set(devices.map((d) => d.bus))].map((name) => ({ name, autoprobe: true })),
    drivers,
    devices,
    groups: ids.map((id) => ({ id, bus: 'pci', type: 'DMA', direct: false, file: null })),
    evidence: [{ bus: 'pci', driver: 'e1000e', device: '0000:01:00.0', probe: 'ok' }],
    ...rest,
  });
}

/** What the kernels of a release do. */
export function featuresAt(release: string): KernelFeatures {
  return featuresOf(release);
}

/** A write below bus/pci. */
export function write(path: string, data: string): KernelEvent {
  return { kind: 'write', path: `bus/pci/${path}`, data };
}

/** A place in the kernel's sources, a driver's probe, a bus's match, or hot-plug as such. */
const RULE =
  /^(?:(?:drivers|fs|kernel)(?:\/[\w-]+)+\.c:\w+|[\w-]+: (?:probe|remove)\(\)|bus [\w-]+: match\(\)|kmod: tools\/modprobe\.c:\w+|hot-plug)$/;

/**
 * One step, checked by what is true of all: what it gives says why, with a rule of the kernel and words for it,
 * of drivers and devices that there are.
 */
export function step(state: KernelState, event: KernelEvent): Transition {
  const transition = take(state, event);
  const { result, trace, state: after } = transition;
  const drivers = new Set([...state.drivers, ...after.drivers].map((d) => d.name));
  const devices = new Set([...state.devices, ...after.devices].map((d) => d.name));
  for (const { rule, text, driver, device } of trace) {
    expect(rule).toMatch(RULE);
    expect(text).not.toMatch(/^\s*$|undefined/);
    if (driver !== undefined) expect(drivers).toContain(driver);
    if (device !== undefined) expect(devices).toContain(device);
  }
  if (result.kind === 'unknown') {
    expect(result.why).not.toMatch(/^\s*$|undefined/);
    for (const { driver, device, about } of result.missing) {
      expect(drivers).toContain(driver);
      expect(devices).toContain(device);
      expect(['matches', 'probe', 'configure']).toContain(about);
    }
  }
  // Of a walk over drivers that ends without one, and of a file that the model does not have, there is nothing to tell.
  if (!(event.kind === 'write' && (event.path.endsWith('/drivers_probe') || result.kind === 'unknown')))
    expect(trace).not.toEqual([]);
  return transition;
}

/** The state after some events. */
export function later(state: KernelState, ...events: readonly KernelEvent[]): KernelState {
  return events.reduce((now, event) => step(now, event).state, state);
}

/** What the first device is bound to. */
export function driverOf(state: KernelState, name = '0000:01:00.0'): Device['driver'] | undefined {
  return state.devices.find((d) => d.name === name && d.present)?.driver;
}
