import { describe, expect, test } from 'vitest';
import {
  type Device,
  type Driver,
  deviceId,
  type KernelState,
  makeDevice,
  makeDriver,
  pciFacts,
  readAttribute,
  resultWord,
} from '../../src/driver-core/index.ts';
import { parseRelease } from '../../src/release.ts';
import { card, driverOf, kernel, later, step, vfioPci, write } from './card.ts';

const PF = '0000:81:00.0';
const igb = makeDriver('pci', 'igb', { ids: [deviceId(0x8086, 0x10c9)] });
const igbvf = makeDriver('pci', 'igbvf', { ids: [deviceId(0x8086, 0x10ca)] });
const facts = pciFacts(0x8086, 0x10c9, {
  subvendor: 0x8086,
  subdevice: 0xa03c,
  class: 0x020000,
  sriov: { totalVfs: 7, offset: 0x80, stride: 2, vfDevice: 0x10ca },
});
const pf = (rest: Partial<Device> = {}) => card({ name: PF, driver: 'igb', group: '0', pci: facts, ...rest });
const taken = ['0000:81:10.0', '0000:81:10.2', '0000:81:10.4'].map((device) => {
  return { bus: 'pci', driver: 'igbvf', device, probe: 'ok' as const };
});
const machine = (drivers: readonly Driver[] = [igb], physical = pf(), rest: Partial<KernelState> = {}) =>
  kernel([...drivers, igbvf, vfioPci], [physical], { evidence: taken, ...rest });
const numVfs = (data: string) => write(`devices/${PF}/sriov_numvfs`, data);
const autoprobe = (data: string) => write(`devices/${PF}/sriov_drivers_autoprobe`, data);
const answer = (state: KernelState, data: string) => resultWord(step(state, numVfs(data)).result);
const functions = ({ devices }: KernelState) => devices.filter((one) => one.present && one.pci?.physfn === PF);
const shown = (state: KernelState, file: string) => readAttribute(state, `bus/pci/devices/${PF}/${file}`).data;

describe('writeNumVfs', () => {
  test('makes functions by offset and stride, with the ids of the physical one and a group each, and probes them', () => {
    const after = later(machine(), numVfs('3'));
    expect(functions(after).map(({ name, group, driver }) => [name, group, driver])).toEqual([
      ['0000:81:10.0', '1', 'igbvf'],
      ['0000:81:10.2', '2', 'igbvf'],
      ['0000:81:10.4', '3', 'igbvf'],
    ]);
    expect(functions(after)[0]!.pci).toEqual({ ...facts, device: 0x10ca, physfn: PF, sriov: null });
    expect(shown(after, 'sriov_numvfs')).toBe('3\n');
  });

  test('answers EBUSY to fewer functions than there are, as to more, until they are removed', () => {
    const three = later(machine(), numVfs('3'));
    expect(['2', '4', '3', '0'].map((data) => answer(three, data))).toEqual(['EBUSY', 'EBUSY', 'ok', 'ok']);
  });

  test('crosses to the next bus number', () => {
    const at = { totalVfs: 64, offset: 0x80, stride: 0x40, vfDevice: 1 };
    const after = later(machine([igb], pf({ pci: { ...facts, sriov: at } }), { evidence: [] }), numVfs('4'));
    expect(functions(after).map(({ name }) => name)).toEqual(
      ['10.0', '18.0', '00.0', '08.0'].map((end, i) => `0000:8${i < 2 ? 1 : 2}:${end}`),
    );
  });

  test('makes none that are probed while sriov_drivers_autoprobe is 0, but under an override', () => {
    const after = later(machine(), autoprobe('0\n'), numVfs('1'));
    const vf = '0000:81:10.0';
    expect(shown(after, 'sriov_drivers_autoprobe')).toBe('0\n');
    expect(driverOf(after, vf)).toBeNull();
    expect(resultWord(step(after, write('drivers/igbvf/bind', vf)).result)).toBe('ENODEV');
    const given = later(after, write(`devices/${vf}/driver_override`, 'vfio-pci'), write('drivers/vfio-pci/bind', vf));
    expect(driverOf(given, vf)).toBe('vfio-pci');
    const again = later(given, numVfs('0'), autoprobe('y'), numVfs('1'));
    expect(driverOf(again, vf)).toBe('igbvf');
    expect(shown(again, 'sriov_drivers_autoprobe')).toBe('1\n');
  });

  test('puts them into the group of the physical one where a bridge above is in it, and into none without an IOMMU', () => {
    const bridge = card({ name: '0000:80:01.0', group: '4', pci: pciFacts(1, 2, { bridge: true }) });
    const below = pf({ group: '4', parent: bridge.name });
    const shared = later(kernel([igb, igbvf], [bridge, below], { evidence: taken }), numVfs('2'));
    expect(functions(shared).map(({ group }) => group)).toEqual(['4', '4']);
    expect(shared.groups.map(({ id }) => id)).toEqual(['4']);
    const apart = later(kernel([igb, igbvf], [bridge, { ...below, group: '0' }], { evidence: taken }), numVfs('2'));
    expect(functions(apart).map(({ group }) => group)).toEqual(['1', '2']);
    const none = later(machine([igb], pf({ group: null })), numVfs('1'));
    expect(functions(none).map(({ group }) => group)).toEqual([null]);
  });

  test('takes over what the state lists of a function that is not there yet', () => {
    const vf = card({
      name: '0000:81:10.0',
      group: '9',
      present: false,
      pci: pciFacts(0x8086, 0x10ed, { physfn: PF }),
    });
    const state = machine();
    const after = later({ ...state, devices: [...state.devices, vf] }, numVfs('1'));
    expect(functions(after)).toMatchObject([{ group: '9', pci: { device: 0x10ed } }]);
  });

  test('0 removes them with their drivers and overrides, and a rescan does not find them', () => {
    const made = later(machine(), numVfs('2'), write('devices/0000:81:10.0/driver_override', 'x'));
    const gone = later(made, numVfs('0'), write('rescan', '1'));
    expect(functions(gone)).toEqual([]);
    expect(shown(gone, 'sriov_numvfs')).toBe('0\n');
    expect(functions(later(gone, numVfs('1')))).toMatchObject([{ override: null, driver: 'igbvf', group: '1' }]);
  });

  test.each([
    // what is there, what is written, what the kernel says
    ['0', '8', 'ERANGE'],
    ['0', '7', 'ok'],
    ['2', '3', 'EBUSY'],
    ['2', '2', 'ok'],
    ['2', '0', 'ok'],
    ['0', '0', 'ok'],
    ['0', 'two', 'EINVAL'],
    ['0', '65536', 'EINVAL'],
    ['0', '', 'ok'],
  ])('with %s functions, a write of %j gives %s', (before, data, word) => {
    expect(answer(later(machine(), numVfs(before)), data)).toBe(word);
  });

  test.each([
    ['0', '8', 'expected at most 7 (sriov_totalvfs), found 8'],
    ['2', '3', '2 virtual functions are enabled: write 0 first'],
    ['2', '2', 'it has 2 virtual functions already'],
    ['0', 'two', 'expected a number of 16 bits'],
    ['0', '65535', 'expected at most 7 (sriov_totalvfs), found 65535'],
    ['0', '65536', 'expected a number of 16 bits'],
  ])('with %s functions, says of a write of %j: %s', (before, data, text) => {
    const start = later(machine(), numVfs(before));
    const { trace, state } = step(start, numVfs(data));
    expect(trace).toEqual([{ rule: 'drivers/pci/iov.c:sriov_numvfs_store', text, device: PF }]);
    expect(state).toBe(start);
  });

  test('says what the driver makes, and then how each is probed', () => {
    const { trace } = step(machine(), numVfs('2'));
    expect(trace[0]).toEqual({
      rule: 'drivers/pci/iov.c:sriov_enable',
      text: 'igb makes 0000:81:10.0, 0000:81:10.2',
      device: PF,
    });
    expect(trace.slice(1).filter(({ text }) => text === 'probed')).toHaveLength(2);
  });

  test("is held up by no function that is another physical one's, or is on another bus", () => {
    const second = card({ name: '0000:82:00.0', driver: 'igb', group: '5', pci: facts });
    const namesake = makeDevice('cdx', '0000:81:10.0', { group: '6', pci: pciFacts(1, 2, { physfn: PF }) });
    const listed = makeDevice('pci', '0000:81:10.2', {
      present: false,
      group: '9',
      pci: pciFacts(1, 2, { physfn: 'x' }),
    });
    const before = machine();
    const state = { ...before, devices: [second, namesake, listed, ...before.devices] };
    const after = later(state, numVfs('2'));
    expect(functions(after).filter(({ bus }) => bus === 'pci')).toMatchObject([
      { name: '0000:81:10.0', group: '1', pci: { device: 0x10ca } },
      { name: '0000:81:10.2', group: '2', pci: { device: 0x10ca } },
    ]);
    expect(after.devices.slice(0, 2)).toStrictEqual([second, namesake]);
    expect(shown(after, 'sriov_numvfs')).toBe('2\n');
    const none = later(after, numVfs('0'));
    expect(none.devices.slice(0, 2)).toStrictEqual([second, namesake]);
  });

  test("gives new groups the type of the physical function's, in place of what an empty one of that number was", () => {
    const before = machine();
    const typed = (type: string, id: string) => ({ id, bus: 'pci', type, direct: false, file: null });
    const state = { ...before, groups: [typed('identity', '0'), typed('DMA', '1')] };
    const after = later(state, numVfs('1'));
    expect(after.groups).toEqual([typed('identity', '0'), typed('identity', '1')]);
  });

  test.each([
    [
      'no driver',
      [igb],
      { driver: null },
      'ENOENT',
      'iov.c:sriov_numvfs_store',
      'the device has no driver to configure SR-IOV',
    ],
    [
      'a driver without sriov_configure',
      [makeDriver('pci', 'pci-stub')],
      { driver: 'pci-stub' },
      'ENOENT',
      'iov.c:sriov_numvfs_store',
      'pci-stub does not support SR-IOV configuration through sysfs',
    ],
    [
      'vfio-pci without enable_sriov',
      [],
      { driver: 'vfio-pci' },
      'ENOENT',
      'vfio_pci.c:vfio_pci_sriov_configure',
      'the parameter enable_sriov of vfio-pci is off',
    ],
    [
      'one driver or another',
      [igb],
      { driver: { oneOf: ['igb', null] } },
      'unknown',
      'iov.c:sriov_numvfs_store',
      'not known',
    ],
    ['a driver that is not registered', [], { driver: 'gone' }, 'unknown', 'iov.c:sriov_numvfs_store', 'not known'],
  ])('with %s answers by its rule', (_what, drivers, rest, word, rule, text) => {
    const { result, trace, state } = step(machine(drivers, pf(rest)), numVfs('2'));
    expect(resultWord(result)).toBe(word);
    expect(trace).toEqual([{ rule: expect.stringContaining(rule), text, device: PF }]);
    if (result.kind === 'unknown')
      expect(result.why).toBe(
        rest.driver === 'gone' ? 'driver gone is not known' : 'which driver the device has is not known',
      );
    expect(functions(state)).toEqual([]);
  });

  test('asks whether a driver that is not known makes functions, and takes the evidence', () => {
    const some = makeDriver('pci', 'some');
    const state = machine([some], pf({ driver: 'some' }));
    const why = 'whether some makes virtual functions is its own decision';
    const asked = step(state, numVfs('1'));
    expect(asked.result).toEqual({
      kind: 'unknown',
      why,
      missing: [{ bus: 'pci', driver: 'some', device: PF, about: 'configure' }],
    });
    expect(asked.trace).toEqual([{ rule: 'drivers/pci/iov.c:sriov_numvfs_store', text: why, device: PF }]);
    for (const other of [{ bus: 'cdx' }, { driver: 'igb' }, { device: 'x' }, { configure: undefined }]) {
      const evidence = [{ bus: 'pci', driver: 'some', device: PF, configure: 'EPERM' as const, ...other }];
      expect(answer({ ...state, evidence: evidence as KernelState['evidence'] }, '1')).toBe('unknown');
    }
    const seen = (configure: 'ok' | 'EPERM') => ({
      ...state,
      evidence: [...taken, { bus: 'pci', driver: 'some', device: PF, configure }],
    });
    expect(answer(seen('ok'), '1')).toBe('ok');
    const refused = step(seen('EPERM'), numVfs('1'));
    expect([refused.state, resultWord(refused.result)]).toEqual([seen('EPERM'), 'EPERM']);
    expect(refused.trace).toMatchObject([{ text: `some was seen to refuse virtual functions of ${PF} with EPERM` }]);
    const known = machine([igb], pf(), { evidence: [{ bus: 'pci', driver: 'igb', device: PF, configure: 'EPERM' }] });
    expect(answer(known, '1')).toBe('EPERM');
  });

  test('of a device that vfio-pci has under enable_sriov, the functions go to vfio-pci', () => {
    const after = later(
      machine([], pf({ driver: 'vfio-pci', override: 'vfio-pci' }), { enableSriov: true }),
      numVfs('1'),
    );
    expect(functions(after)).toMatchObject([{ driver: 'vfio-pci', override: 'vfio-pci' }]);
  });

  test('0 waits for who holds a function, and removes that and the others when it is closed', () => {
    const vf = '0000:81:10.0';
    const bound = later(
      machine(),
      autoprobe('0'),
      numVfs('2'),
      write(`devices/${vf}/driver_override`, 'vfio-pci'),
      write('drivers/vfio-pci/bind', vf),
      { kind: 'open', group: '1', by: 'process 7' },
      { kind: 'setContainer', group: '1' },
      { kind: 'setIommu', group: '1' },
      { kind: 'getDevice', group: '1', device: vf },
    );
    const { result, state } = step(bound, numVfs('0'));
    expect(result).toMatchObject({ kind: 'blocks', by: 'process 7' });
    expect(functions(state)).toHaveLength(2);
    expect(state.waiting).toEqual([{ device: vf, driver: 'vfio-pci', group: '1', cause: 'numvfs' }]);
    const closing = step(state, { kind: 'close', group: '1' });
    const closed = closing.state;
    expect(closing.trace.map(({ text }) => text)).toEqual([
      'group 1 is closed',
      'the driver lets go of the device',
      'removed',
      'removed',
      'it has no virtual functions',
    ]);
    expect(functions(closed)).toEqual([]);
    // They do not come back by themselves, and a physical function of another bus has nothing to do with them.
    expect(closed.devices.filter((one) => one.pci?.physfn === PF).map(({ plugged }) => plugged)).toEqual([
      false,
      false,
    ]);
    const namesake = card({ bus: 'cdx', name: PF, pci: { ...facts, numVfs: 2 } });
    const gone = { ...state, devices: [namesake, card({ name: '0000:82:00.0' }), ...state.devices] };
    const both = later(gone, { kind: 'close', group: '1' });
    expect(both.devices.slice(0, 2)).toStrictEqual(gone.devices.slice(0, 2));
    expect(functions(both)).toEqual([]);
    expect(shown(closed, 'sriov_numvfs')).toBe('0\n');
    expect(closed.waiting).toEqual([]);
  });

  test('0 that waits for a function leaves an unbind that waits already as it is', () => {
    const vf = '0000:81:10.0';
    const held = (group: string, device: string) =>
      [
        { kind: 'open', group, by: 'vm' },
        { kind: 'setContainer', group },
        { kind: 'setIommu', group },
        { kind: 'getDevice', group, device },
      ] as const;
    const other = card({ name: '0000:02:00.0', group: '9', driver: 'vfio-pci' });
    const state = machine();
    const waiting = later(
      { ...state, devices: [...state.devices, other], groups: [...state.groups, { ...state.groups[0]!, id: '9' }] },
      autoprobe('0'),
      numVfs('2'),
      write(`devices/${vf}/driver_override`, 'vfio-pci'),
      write('drivers/vfio-pci/bind', vf),
      ...held('9', other.name),
      ...held('1', vf),
      write('drivers/vfio-pci/unbind', other.name),
      numVfs('0'),
    );
    expect(waiting.waiting.map(({ device, cause }) => [device, cause])).toEqual([
      [other.name, 'unbind'],
      [vf, 'numvfs'],
    ]);
    const closed = later(waiting, { kind: 'close', group: '9' });
    expect(driverOf(closed, other.name)).toBeNull();
    expect(closed.waiting.map(({ device }) => device)).toEqual([vf]);
  });

  test('leaves the group that functions share with the physical one as it is, with who has it open', () => {
    const bridge = card({ name: '0000:80:01.0', group: '4', pci: pciFacts(1, 2, { bridge: true }) });
    const state = kernel([igb, igbvf], [bridge, pf({ group: '4', parent: bridge.name })], { evidence: taken });
    const file = { by: 'vm', container: false, iommu: false, devices: [] };
    const open = { ...state, groups: state.groups.map((one) => ({ ...one, direct: true, file })) };
    expect(later(open, numVfs('2')).groups).toEqual(open.groups);
  });

  test('does not exist for a function that is not physical', () => {
    expect(answer(machine([igb], pf({ pci: { ...facts, sriov: null } })), '1')).toBe('ENOENT');
  });

  test('does not make a function over another device, which no kernel has', () => {
    const other = card({ name: '0000:81:10.0', group: '5' });
    const state = machine();
    const { result, trace } = step({ ...state, devices: [...state.devices, other] }, numVfs('1'));
    expect(result).toMatchObject({ kind: 'unknown', why: 'another device is called 0000:81:10.0' });
    expect(trace).toMatchObject([{ text: 'not known' }]);
    const gone = { ...other, present: false };
    expect(answer({ ...state, devices: [...state.devices, gone] }, '1')).toBe('ok');
  });
});

test.each(['2', 'x', 'o'])('writeVfsAutoprobe refuses %j', (data) => {
  const before = machine();
  const { state, result, trace } = step(before, autoprobe(data));
  expect([state, resultWord(result)]).toEqual([before, 'EINVAL']);
  expect(trace).toEqual([
    { rule: 'drivers/pci/iov.c:sriov_drivers_autoprobe_store', text: 'expected 0 or 1', device: PF },
  ]);
});

test.each([
  ['5.15', 'true', 'EINVAL'],
  ['6.0', 'true', 'unknown'],
  ['6.1', 'true', 'ok'],
  ['6.12', 'enable', 'EINVAL'],
  ['7.0', 'disable', 'unknown'],
  ['7.0', 'y', 'ok'],
])('writeVfsAutoprobe in %s answers %j with %s', (release, data, word) => {
  const state = { ...machine(), release: parseRelease(release) };
  expect(resultWord(step(state, autoprobe(data)).result)).toBe(word);
});

test.each(['0', '1'])('writeVfsAutoprobe says what it is now: %s', (data) => {
  const { trace } = step(machine(), autoprobe(data));
  expect(trace).toEqual([{ rule: 'drivers/pci/iov.c:sriov_drivers_autoprobe_store', text: data, device: PF }]);
});
