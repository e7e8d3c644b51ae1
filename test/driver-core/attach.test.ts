import { describe, expect, test } from 'vitest';
import { type KernelState, makeDevice, pciFacts } from '../../src/driver-core/index.ts';
import { card, driverOf, e1000e, featuresAt, kernel, later, step, vfioPci, write } from './card.ts';

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

  test('it is not tried where drivers_autoprobe is 0, and a bind that is put off leaves nothing waiting', () => {
    const off = later(later(later(putOff(), probe), override), write('drivers_autoprobe', '0'));
    expect(driverOf(later(off, bindOther))).toBeNull();
    const bind = step(putOff(), write('drivers/e1000e/bind', name));
    expect(bind.result).toEqual({ kind: 'errno', errno: 'EAGAIN' });
    expect(bind.state.devices[0]!.deferred).toBeUndefined();
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
