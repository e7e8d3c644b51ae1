import { describe, expect, test } from 'vitest';
import { deviceId, makeDriver, resultWord } from '../../src/driver-core/index.ts';
import { card, driverOf, e1000e, featuresAt, kernel, later, pciStub, step, vfioPci, write } from './card.ts';

const say = (state: Parameters<typeof step>[0], path: string, data: string) =>
  resultWord(step(state, write(path, data)).result);
const newId = (data: string) => write('drivers/vfio-pci/new_id', data);

describe('newId', () => {
  test.each([
    ['e1000e', '8086 10d3', 'EEXIST'],
    ['e1000e', '8086 10d3 1 2', 'EEXIST'],
    ['e1000e', '8086 10d3 ffffffff ffffffff 0 0 0', 'ok'],
    ['e1000e', '8086 10d3 ffffffff ffffffff 0 0 9', 'EINVAL'],
    ['vfio-pci', '8086 10d3', 'ok'],
    ['vfio-pci', '8086', 'EINVAL'],
    ['vfio-pci', '', 'ok'],
    ['pci-stub', '1 2 3 4 5 6 ffff', 'ok'],
  ])('newId of %s with %j: %s', (driver, data, word) => {
    expect(say(kernel([e1000e, vfioPci, pciStub]), `drivers/${driver}/new_id`, data)).toBe(word);
  });

  test('newId does not collide with a row that has a concrete subsystem', () => {
    const narrow = makeDriver('pci', 'narrow', { ids: [deviceId(0x8086, 0x10d3, { subvendor: 1 })] });
    expect(say(kernel([narrow]), 'drivers/narrow/new_id', '8086 10d3')).toBe('ok');
  });

  test('newId binds what is unbound, whatever drivers_autoprobe says, and leaves what is bound', () => {
    const off = later(kernel([e1000e, vfioPci]), write('drivers_autoprobe', '0'));
    expect(driverOf(later(off, newId('8086 10d3')))).toBe('vfio-pci');
    const bound = kernel([e1000e, vfioPci], [card({ driver: 'e1000e' })]);
    expect(driverOf(later(bound, newId('8086 10d3')))).toBe('e1000e');
  });

  test('newId of vfio-pci takes any driver_data before 5.15, when it had no table, and only 0 from then on', () => {
    const data = '8086 10d3 ffffffff ffffffff 0 0 7';
    const state = (release: string) => kernel([vfioPci], [], { features: featuresAt(release) });
    expect(say(state('5.14'), 'drivers/vfio-pci/new_id', data)).toBe('ok');
    expect(say(state('5.15'), 'drivers/vfio-pci/new_id', data)).toBe('EINVAL');
  });

  test('newId of a table that was not read is unknown', () => {
    expect(say(kernel([makeDriver('pci', 'd')]), 'drivers/d/new_id', '8086 10d3')).toBe('unknown');
  });
});

describe('removeId', () => {
  test('removeId takes one of several equal ids at a time and unbinds nothing', () => {
    const twice = later(kernel([vfioPci]), newId('8086 10d3'), newId('8086 10d3 ffffffff ffffffff 0 0 0'));
    const once = later(twice, write('drivers/vfio-pci/remove_id', '8086 10d3'));
    expect(once.drivers[0]!.dynids).toHaveLength(1);
    expect(driverOf(once)).toBe('vfio-pci');
    const none = later(once, write('drivers/vfio-pci/remove_id', '8086 10d3'));
    expect(say(none, 'drivers/vfio-pci/remove_id', '8086 10d3')).toBe('ENODEV');
  });

  test('removeId with a subsystem wants exactly that one', () => {
    const state = later(kernel([vfioPci]), newId('8086 10d3'));
    expect(say(state, 'drivers/vfio-pci/remove_id', '8086 10d3 1')).toBe('ENODEV');
  });
});

test('addParameterIds adds what parses and checks nothing', () => {
  const module = { name: 'vfio_pci', loaded: false, depends: [], drivers: [vfioPci] };
  const state = kernel([], [card()], { modules: [module] });
  const { state: loaded } = step(state, { kind: 'load', module: 'vfio-pci', ids: '8086:10d3,junk,8086:10d3:1:2,,1:2' });
  expect(loaded.drivers[0]!.dynids.map((id) => id.subvendor)).toEqual([0xffffffff, 1, 0xffffffff]);
  expect(driverOf(loaded)).toBe('vfio-pci');
});
