import { describe, expect, test } from 'vitest';
import { deviceId, makeDevice, makeDriver, matchDevice, resultWord } from '../../src/driver-core/index.ts';
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

test('newId puts an id after those that are there (pci-driver.c:pci_add_dynid), and removeId takes the first that fits', () => {
  const added = later(kernel([pciStub], []), write('drivers/pci-stub/new_id', '1 2 3'));
  const both = later(added, write('drivers/pci-stub/new_id', '1 2 4'));
  expect(both.drivers[0]!.dynids.map(({ subvendor }) => subvendor)).toEqual([3, 4]);
  const left = later(both, write('drivers/pci-stub/remove_id', '1 2'));
  expect(left.drivers[0]!.dynids.map(({ subvendor }) => subvendor)).toEqual([4]);
});

test('addParameterIds reads six numbers of an id at most (vfio_pci.c:vfio_pci_fill_ids), so never driver_data', () => {
  const module = { name: 'vfio_pci', loaded: false, depends: [], drivers: [vfioPci] };
  const ids = '8086:10d3:1:2:20000:ff0000:7';
  const { state } = step(kernel([], [], { modules: [module] }), { kind: 'load', module: 'vfio-pci', ids });
  expect(state.drivers[0]!.dynids).toEqual([
    deviceId(0x8086, 0x10d3, { subvendor: 1, subdevice: 2, class: 0x20000, class_mask: 0xff0000 }),
  ]);
});

test.each([
  // what is there, what is to go: vendor device [subvendor [subdevice [class [class_mask]]]]
  ['8086 10d3', '8086 10d3', true],
  ['8086 10d3', '8086 10d4', false],
  ['8086 10d3', '8087 10d3', false],
  ['8086 10d3 1 2', '8086 10d3', true],
  ['8086 10d3 1 2', '8086 10d3 1', true],
  ['8086 10d3 1 2', '8086 10d3 1 2', true],
  ['8086 10d3 1 2', '8086 10d3 2 2', false],
  ['8086 10d3 1 2', '8086 10d3 1 3', false],
  ['8086 10d3 1 2', '8086 10d3 ffffffff 3', false],
  ['8086 10d3 1 2 20000', '8086 10d3 1 2 20000 ffffff', true],
  ['8086 10d3 1 2 20000', '8086 10d3 1 2 10000 ffffff', false],
  ['8086 10d3 1 2 20000', '8086 10d3 1 2 2ffff ff0000', true],
])('removeId: of %s, %s goes: %s', (there, gone, goes) => {
  const added = later(kernel([pciStub], []), write('drivers/pci-stub/new_id', there));
  const { result, state } = step(added, write('drivers/pci-stub/remove_id', gone));
  expect([resultWord(result), state.drivers[0]!.dynids.length]).toEqual(goes ? ['ok', 0] : ['ENODEV', 1]);
});

test('newId of a driver without a table collides with its dynamic ids alone', () => {
  const state = kernel([pciStub], [], {});
  const once = later(state, write('drivers/pci-stub/new_id', '1 2'));
  expect(say(once, 'drivers/pci-stub/new_id', '1 2')).toBe('EEXIST');
  expect(say(once, 'drivers/pci-stub/new_id', '1 3')).toBe('ok');
  expect(say(state, 'drivers/pci-stub/new_id', '1 2 3 4 5 6 7')).toBe('ok');
});

test.each([
  [{ vendor: 0, subvendor: 0, class_mask: 0 }, 'no'],
  [{ vendor: 1, subvendor: 0, class_mask: 0 }, 'yes'],
  [{ vendor: 0, subvendor: 1, class_mask: 0 }, 'yes'],
  [{ vendor: 0, subvendor: 0, class_mask: 0xff0000, class: 0x010000 }, 'yes'],
])('liveRows ends at a row of which all of %j are 0, and only there', (row, answer) => {
  const driver = makeDriver('pci', 'd', { ids: [deviceId(5, 6, row), deviceId(0x8086, 0x10d3)] });
  expect(matchDevice(kernel([driver]), driver, card()).answer).toBe(answer);
});

test.each([
  ['no rows', '5.14', [], 'no'],
  ['another row', '5.14', [deviceId(1, 2)], 'no'],
  [
    'a marked row and one without',
    '5.14',
    [deviceId(0x8086, 0x10d3, { override_only: 1 }), deviceId(0x8086, 0x10d3)],
    'yes',
  ],
  ['a marked row and another', '5.14', [deviceId(0x8086, 0x10d3, { override_only: 1 }), deviceId(1, 2)], 'no'],
  ['a marked row', '5.15', [deviceId(0x8086, 0x10d3, { override_only: 1 })], 'no'],
])('idTable of %s in %s', (_what, release, ids, answer) => {
  const driver = makeDriver('pci', 'd', { ids });
  const state = kernel([driver], [card()], { features: featuresAt(release) });
  expect(matchDevice(state, driver, card())).toMatchObject({
    answer,
    text: expect.not.stringMatching('has no id table'),
  });
});

test('matchDevice says that a row matched also where the override names the driver, and asks only PCI whether it is ready', () => {
  expect(matchDevice(kernel([vfioPci]), vfioPci, card({ override: 'vfio-pci' })).text).toBe(
    "a row of vfio-pci's id table matches",
  );
  const driver = makeDriver('platform', 'd', { ids: 'unknown' });
  const device = makeDevice('platform', 'x', { override: 'd', matchReady: false });
  expect(matchDevice(kernel([driver], [device]), driver, device).answer).toBe('yes');
});
