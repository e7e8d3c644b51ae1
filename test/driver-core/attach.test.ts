import { describe, expect, test } from 'vitest';
import {
  deviceId,
  type Errno,
  type KernelState,
  makeDevice,
  makeDriver,
  pciFacts,
} from '../../src/driver-core/index.ts';
import { card, driverOf, e1000e, featuresAt, kernel, later, pciStub, step, vfioPci, write } from './card.ts';

const name = '0000:01:00.0';
const other = makeDevice('pci', '0000:02:00.0', { group: '8', override: 'vfio-pci', pci: pciFacts(1, 2) });

/** A machine whose e1000e puts the card off, and vfio-pci, with another device that nothing has. */
function putOff(rest: Partial<KernelState> = {}): KernelState {
  const evidence = [{ bus: 'pci', driver: 'e1000e', device: name, probe: 'EPROBE_DEFER' as const }];
  return kernel([e1000e, vfioPci], [card(), other], { evidence, ...rest });
}

const probe = write('drivers_probe', name);
const override = write(`devices/${name}/driver_override`, 'vfio-pci');
const bindOther = write('drivers/vfio-pci/bind', other.name);

describe('probeDeferred', () => {
  test('a device that a driver puts off has none, and is offered to the drivers again when any device is bound', () => {
    const waiting = later(putOff(), probe);
    expect(waiting.devices[0]).toMatchObject({ driver: null, deferred: true });
    // An override alone asks no driver; the next bind of another device does.
    const set = later(waiting, override);
    expect(driverOf(set)).toBeNull();
    const { state, trace } = step(set, bindOther);
    expect(state.devices.map(({ driver, deferred }) => [driver, deferred])).toEqual([
      ['vfio-pci', undefined],
      ['vfio-pci', undefined],
    ]);
    expect(trace).toContainEqual({
      rule: 'drivers/base/dd.c:deferred_probe_work_func',
      text: `the probe of ${name} had been put off, and is tried again`,
      device: name,
      fromSource: true,
    });
  });

  test('a driver that puts it off again leaves it waiting', () => {
    const after = later(later(putOff(), probe), bindOther);
    expect(after.devices[0]).toMatchObject({ driver: null, deferred: true });
  });

  test('a driver that refuses it otherwise the next time, or drivers_autoprobe at 0, ends the wait', () => {
    const refusing = [{ bus: 'pci', driver: 'e1000e', device: name, probe: 'ENODEV' as const }];
    const refused = later({ ...later(putOff(), probe), evidence: refusing }, bindOther);
    const off = later(later(putOff(), probe), write('drivers_autoprobe', '0'), bindOther);
    for (const { devices } of [refused, off]) {
      expect(devices[0]!.driver).toBeNull();
      expect(devices[0]!.deferred).toBeUndefined();
    }
  });

  test('it is tried as a new device: by asynchronous drivers last', () => {
    const [first, second] = ['first', 'second'].map((driver) =>
      makeDriver('pci', driver, { ids: [deviceId(0x8086, 0x10d3)], probe: 'stub', async: driver === 'first' }),
    );
    const waiting = card({ deferred: true });
    expect(driverOf(later(kernel([first!, second!, vfioPci], [waiting, other]), bindOther))).toBe('second');
  });

  test('what a driver may have, and what is gone, is left as it is', () => {
    const perhaps = card({ name: '0000:03:00.0', driver: { oneOf: ['e1000e', null] }, deferred: true });
    const gone = card({ name: '0000:04:00.0', present: false, deferred: true });
    const state = kernel([e1000e, vfioPci], [gone, perhaps, other], { evidence: [] });
    expect(later(state, bindOther).devices.slice(0, 2)).toStrictEqual([gone, perhaps]);
  });

  test('an unbind binds nothing, nor does a rescan that moves a device with its driver in the list', () => {
    const bound = { ...other, driver: 'vfio-pci' };
    const set = later(putOff({ devices: [card(), bound] }), probe, override);
    expect(driverOf(later(set, write('drivers/vfio-pci/unbind', other.name)))).toBeNull();
    const early = card({ name: '0000:00:01.0', pci: pciFacts(3, 4), present: false });
    const moved = later({ ...set, devices: [early, ...set.devices] }, write('rescan', '1'));
    expect(moved.devices.map((one) => one.driver)).toEqual([null, 'vfio-pci', null]);
  });

  test('a driver in place of another counts as bound, on whatever bus', () => {
    const soc = makeDevice('platform', name, { driver: 'uart' });
    const set = later(putOff({ devices: [soc, card(), other] }), probe, override);
    expect(driverOf({ ...later(set, bindOther), devices: later(set, bindOther).devices.slice(1) })).toBe('vfio-pci');
  });

  test('it is not tried where drivers_autoprobe is 0, and a bind that is put off leaves nothing waiting', () => {
    const off = later(later(later(putOff(), probe), override), write('drivers_autoprobe', '0'));
    expect(driverOf(later(off, bindOther))).toBeNull();
    const bind = step(putOff(), write('drivers/e1000e/bind', name));
    expect(bind.result).toEqual({ kind: 'errno', errno: 'EAGAIN' });
    expect(bind.state.devices[0]!.deferred).toBeUndefined();
    const elsewhere = [
      { name: 'platform', autoprobe: false },
      { name: 'pci', autoprobe: true },
    ];
    for (const buses of [elsewhere, elsewhere.slice(0, 1)])
      expect(driverOf(later(putOff({ buses }), probe, override, bindOther))).toBe('vfio-pci');
    const old = step(putOff({ features: featuresAt('5.10') }), write('drivers/e1000e/bind', name));
    expect([old.result, old.state.devices[0]!.deferred]).toEqual([{ kind: 'errno', errno: 'ENODEV' }, true]);
  });

  test('a module whose driver puts a device off leaves it waiting, and removing the device ends that', () => {
    const module = { name: 'e1000e', loaded: false, depends: [], drivers: [e1000e] };
    const loaded = later(putOff({ drivers: [vfioPci], modules: [module] }), { kind: 'load', module: 'e1000e' });
    expect(loaded.devices[0]!.deferred).toBe(true);
    expect(later(loaded, write(`devices/${name}/remove`, '1')).devices[0]!.deferred).toBeUndefined();
  });
});

describe('attachDevice', () => {
  const ids = [deviceId(0x8086, 0x10d3)];
  const refusing = (probe: Errno) => [{ bus: 'pci', driver: 'e1000e', device: name, probe }];

  test('attachDevice leaves nothing waiting that no driver has put off, or that one behind takes', () => {
    const none = later(kernel([e1000e], [card()], { evidence: refusing('ENODEV') }), probe);
    expect(none.devices[0]).toStrictEqual(card());
    expect(later(kernel([]), probe).devices[0]).toStrictEqual(card());
    const stub = { ...pciStub, ids };
    const taken = later(kernel([e1000e, stub], [card()], { evidence: refusing('EPROBE_DEFER') }), probe);
    expect(taken.devices[0]).toStrictEqual(card({ driver: 'pci-stub' }));
    const module = { name: 'e1000e', loaded: false, depends: [], drivers: [e1000e] };
    const machine = kernel([], [card()], { evidence: refusing('ENODEV'), modules: [module] });
    expect(later(machine, { kind: 'load', module: 'e1000e' }).devices[0]).toStrictEqual(card());
  });

  test('attachDevice leaves a device waiting that another driver refuses meanwhile', () => {
    const state = kernel([e1000e], [card({ deferred: true })], { evidence: refusing('ENODEV') });
    expect(later(state, probe).devices[0]).toStrictEqual(card({ deferred: true }));
  });

  test('attachDevice asks asynchronous drivers in their turn where a device is offered again', () => {
    const drivers = ['first', 'second'].map((driver) =>
      makeDriver('pci', driver, { ids, probe: 'stub', async: driver === 'first' }),
    );
    expect(driverOf(later(kernel(drivers), probe))).toBe('first');
  });
});
