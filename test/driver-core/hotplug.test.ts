import { describe, expect, test } from 'vitest';
import { pciFacts, resultWord } from '../../src/driver-core/index.ts';
import { card, driverOf, e1000e, featuresAt, kernel, later, step, vfioPci, write } from './card.ts';

const name = '0000:01:00.0';
const unplugged = { plugged: false, present: false };

describe('rescan', () => {
  test('remove and rescan lose the override and probe again', () => {
    const state = kernel([e1000e, vfioPci], [card({ driver: 'vfio-pci', override: 'vfio-pci' })]);
    const removed = later(state, write(`devices/${name}/remove`, '1'));
    expect(driverOf(removed)).toBeUndefined();
    expect(resultWord(step(removed, write(`devices/${name}/driver_override`, 'x')).result)).toBe('ENOENT');
    const back = later(removed, write('rescan', '1\n'));
    expect(back.devices[0]).toMatchObject({ driver: 'e1000e', override: null });
  });

  test('rescan does not find what is not plugged in, nor what lies behind a bridge that is gone', () => {
    const bridge = card({ name: '0000:00:01.0', pci: pciFacts(0x1b36, 0xc, { bridge: true }), ...unplugged });
    const state = kernel([e1000e], [bridge, card({ parent: bridge.name, present: false })]);
    expect(later(state, write('rescan', '1'))).toEqual(state);
  });

  test.each([
    ['0', 'ok'],
    ['x', 'EINVAL'],
    ['', 'ok'],
  ])('rescan and remove with %j do nothing and answer %s', (data, word) => {
    const state = kernel([e1000e]);
    for (const path of ['rescan', `devices/${name}/remove`, `devices/${name}/rescan`])
      expect(step(state, write(path, data))).toMatchObject({
        state,
        result: word === 'ok' ? { kind: word } : { errno: word },
      });
  });
});

describe('plug', () => {
  test.each([
    ['6.12', 'e1000e'],
    ['6.18', 'e1000e'],
    ['6.19', null],
  ])('plug with drivers_autoprobe off on release %s leaves the PCI device with %s', (release, driver) => {
    const off = kernel([e1000e], [card(unplugged)], {
      features: featuresAt(release),
      buses: [{ name: 'pci', autoprobe: false }],
    });
    expect(driverOf(later(off, { kind: 'plug', bus: 'pci', device: name }))).toBe(driver);
  });

  test('plug gives a virtual function of a vfio-pci function the override vfio-pci', () => {
    const pf = card({ name: '0000:00:01.0', driver: 'vfio-pci', pci: pciFacts(0x8086, 0x10c9) });
    const vf = card({ ...unplugged, group: '8', pci: pciFacts(0x8086, 0x10d3, { physfn: pf.name }) });
    const state = later(kernel([e1000e, vfioPci], [pf, vf]), { kind: 'plug', bus: 'pci', device: vf.name });
    expect(state.devices[1]).toMatchObject({ driver: 'vfio-pci', override: 'vfio-pci' });
  });

  test('plug into a group that a process owns leaves the device without its native driver', () => {
    const held = card({ name: '0000:02:00.0', driver: 'vfio-pci' });
    const state = kernel([e1000e, vfioPci], [held, card(unplugged)]);
    const owned = later(state, { kind: 'open', group: '7', by: 'vm' }, { kind: 'setContainer', group: '7' });
    expect(driverOf(later(owned, { kind: 'plug', bus: 'pci', device: name }))).toBeNull();
  });

  test('plug of what is there, and of what the state does not list', () => {
    const state = kernel([e1000e]);
    expect(step(state, { kind: 'plug', bus: 'pci', device: name })).toMatchObject({ state, result: { kind: 'ok' } });
    expect(resultWord(step(state, { kind: 'plug', bus: 'pci', device: 'x' }).result)).toBe('ENODEV');
  });
});

test('unplug takes what hangs below a bridge with it, and a rescan does not bring it back', () => {
  const bridge = card({ name: '0000:00:01.0', pci: pciFacts(0x1b36, 0xc, { bridge: true }) });
  const state = kernel([e1000e], [bridge, card({ parent: bridge.name, driver: 'e1000e' })]);
  const gone = later(state, { kind: 'unplug', bus: 'pci', device: bridge.name });
  expect(gone.devices.filter((d) => d.present)).toEqual([]);
  expect(later(gone, write('rescan', '1')).devices.filter((d) => d.present)).toEqual([]);
});

test('remove of a device that a process holds waits, and completes when it is closed', () => {
  const state = later(
    kernel([e1000e, vfioPci], [card({ driver: 'vfio-pci' })]),
    { kind: 'open', group: '7', by: 'vm' },
    { kind: 'setContainer', group: '7' },
    { kind: 'setIommu', group: '7' },
    { kind: 'getDevice', group: '7', device: name },
  );
  const removing = step(state, write(`devices/${name}/remove`, '1'));
  expect(removing.result).toEqual({ kind: 'blocks', group: '7', by: 'vm' });
  expect(driverOf(removing.state)).toBe('vfio-pci');
  const closed = later(removing.state, { kind: 'close', group: '7' });
  expect(closed.devices[0]).toMatchObject({ present: false, plugged: true });
  expect(closed.waiting).toEqual([]);
});

test.each([
  ['6.1', 'unknown'],
  ['6.12', 'ok'],
])('remove of a member of an owned group on release %s: %s', (release, word) => {
  const member = card({ name: '0000:02:00.0' });
  const state = kernel([e1000e, vfioPci], [card({ driver: 'vfio-pci' }), member], { features: featuresAt(release) });
  const owned = later(state, { kind: 'open', group: '7', by: 'vm' }, { kind: 'setContainer', group: '7' });
  expect(resultWord(step(owned, write('devices/0000:02:00.0/remove', '1')).result)).toBe(word);
});
