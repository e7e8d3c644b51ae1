import { describe, expect, test } from 'vitest';
import {
  deviceId,
  type KernelState,
  makeDevice,
  makeDriver,
  pciFacts,
  resultWord,
} from '../../src/driver-core/index.ts';
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

  test("a device's own rescan finds what is on its bus and below, not elsewhere", () => {
    const bridge = card({ name: '0000:01:01.0', pci: pciFacts(0x1b36, 0xc, { bridge: true }), present: false });
    const below = card({ name: '0000:02:00.0', parent: bridge.name, present: false });
    const beside = card({ name: '0000:01:02.0', present: false });
    const state = kernel([e1000e], [card(), bridge, below, beside, card({ name: '0000:05:00.0', present: false })]);
    const found = (path: string) => later(state, write(path, '1')).devices.flatMap((d) => (d.present ? d.name : []));
    expect(found(`devices/${name}/rescan`).sort()).toEqual([name, '0000:01:01.0', '0000:01:02.0', '0000:02:00.0']);
    expect(found('rescan')).toHaveLength(5);
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

test('step: unplug takes what hangs below a bridge with it, and a rescan does not bring it back', () => {
  const bridge = card({ name: '0000:00:01.0', pci: pciFacts(0x1b36, 0xc, { bridge: true }) });
  const state = kernel([e1000e], [bridge, card({ parent: bridge.name, driver: 'e1000e' })]);
  const gone = later(state, { kind: 'unplug', bus: 'pci', device: bridge.name });
  expect(gone.devices.filter((d) => d.present)).toEqual([]);
  expect(later(gone, write('rescan', '1')).devices.filter((d) => d.present)).toEqual([]);
});

test('step: unplug of what is not there is ENODEV', () => {
  const state = kernel([e1000e], [card({ present: false })]);
  for (const device of [name, 'none']) {
    const { state: after, result, trace } = step(state, { kind: 'unplug', bus: 'pci', device });
    expect([after, resultWord(result), trace[0]!.text]).toEqual([state, 'ENODEV', `there is no device ${device}`]);
  }
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

describe('rescan and plug', () => {
  const all = { plugged: true, present: false };

  test('rescan takes devices in the order of their addresses, and each goes to the end of the bus', () => {
    const names = ['0000:03:00.0', '0000:01:00.0', '0000:02:00.0'];
    const here = card({ name: '0000:09:00.0' });
    const state = later(
      kernel([e1000e], [...names.map((one) => card({ name: one, ...all })), here]),
      write('rescan', '1'),
    );
    expect(state.devices.map((d) => d.name)).toEqual(['0000:09:00.0', ...names.sort()]);
    expect(state.devices.every((d) => d.present && d.plugged && d.matchReady)).toBe(true);
  });

  test('rescan finds what lies behind a bridge that it finds, or that the state does not list', () => {
    const bridge = card({ name: '0000:00:01.0', pci: pciFacts(0x1b36, 0xc, { bridge: true }), ...all });
    const behind = card({ parent: bridge.name, ...all });
    expect(later(kernel([], [bridge, behind]), write('rescan', '1')).devices.map((d) => d.present)).toEqual([
      true,
      true,
    ]);
    expect(later(kernel([], [behind]), write('rescan', '1')).devices.map((d) => d.present)).toEqual([true]);
  });

  test('rescan on a bus whose autoprobe is not known probes', () => {
    const off = { features: featuresAt('6.19'), buses: [] };
    expect(driverOf(later(kernel([e1000e], [card(all)], off), write('rescan', '1')))).toBe('e1000e');
  });

  test('plug on another bus than PCI always asked drivers_autoprobe', () => {
    const driver = makeDriver('platform', 'd', { ids: 'unknown', probe: 'stub' });
    const device = makeDevice('platform', 'x', { ...all, override: null });
    const plugged = (autoprobe: boolean, features = featuresAt('6.12')) => {
      const evidence = [{ bus: 'platform', driver: 'd', device: 'x', matches: true }];
      const state = kernel([driver], [device], { features, evidence, buses: [{ name: 'platform', autoprobe }] });
      return step(state, { kind: 'plug', bus: 'platform', device: 'x' });
    };
    expect(plugged(true).state.devices[0]!.driver).toBe('d');
    expect(plugged(false).state.devices[0]!.driver).toBeNull();
    expect(plugged(true).trace[0]).toMatchObject({ rule: 'drivers/base/dd.c:device_initial_probe', text: 'probed' });
    expect(plugged(false).trace).toMatchObject([{ text: 'drivers_autoprobe is 0' }]);
  });

  test('plug says by which rule a PCI device is probed', () => {
    const at = (release: string) => {
      const buses = [{ name: 'pci', autoprobe: false }];
      const state = kernel([], [card(all)], { features: featuresAt(release), buses });
      return step(state, { kind: 'plug', bus: 'pci', device: name }).trace[0];
    };
    expect(at('6.18')).toMatchObject({ rule: 'drivers/pci/bus.c:pci_bus_add_device', text: 'probed' });
    expect(at('6.19')).toMatchObject({ rule: 'drivers/pci/bus.c:pci_bus_add_device', text: 'drivers_autoprobe is 0' });
  });

  test('plug gives no override to a virtual function whose physical one has a variant, or is not there', () => {
    const vf = card({ ...all, group: '8', pci: pciFacts(0x8086, 0x10d3, { physfn: '0000:00:01.0' }) });
    for (const rest of [{ driver: 'mlx5_vfio_pci' }, { driver: 'vfio-pci', present: false }]) {
      const pf = card({ name: '0000:00:01.0', pci: pciFacts(0x8086, 0x10c9), ...rest });
      const state = later(kernel([], [pf, vf]), { kind: 'plug', bus: 'pci', device: vf.name });
      expect(state.devices[1]).toMatchObject({ present: true, override: null });
    }
  });
});

describe('remove', () => {
  test('remove makes a device one that nothing matches, until it is found again', () => {
    const gone = later(
      kernel([e1000e], [card({ driver: 'e1000e', override: 'x' })]),
      write(`devices/${name}/remove`, '1'),
    );
    expect(gone.devices[0]).toMatchObject({
      present: false,
      plugged: true,
      matchReady: false,
      override: null,
      driver: null,
    });
  });

  test('remove of a bridge takes what is below it first, and stops where that waits', () => {
    const bridge = card({ name: '0000:00:01.0', group: '1', pci: pciFacts(0x1b36, 0xc, { bridge: true }) });
    const state = kernel([vfioPci], [bridge, card({ parent: bridge.name, driver: 'vfio-pci' })]);
    const { state: after, trace } = step(state, write(`devices/${bridge.name}/remove`, '1'));
    expect(trace.map(({ device, text }) => `${device} ${text}`)).toEqual([
      `${name} the driver lets go of the device`,
      `${name} removed`,
      `${bridge.name} removed`,
    ]);
    expect(after.devices.every((d) => !d.present)).toBe(true);
    const held = later(
      state,
      { kind: 'open', group: '7', by: 'vm' },
      { kind: 'setContainer', group: '7' },
      { kind: 'setIommu', group: '7' },
      { kind: 'getDevice', group: '7', device: name },
    );
    const waiting = step(held, write(`devices/${bridge.name}/remove`, '1'));
    expect(waiting.result.kind).toBe('blocks');
    expect(waiting.state.devices.every((d) => d.present)).toBe(true);
  });

  test('remove of a device that may be bound, or is bound to a driver that is not registered', () => {
    for (const driver of [{ oneOf: ['e1000e', null] }, 'gone', null]) {
      const { result, state } = step(kernel([e1000e], [card({ driver })]), write(`devices/${name}/remove`, '1'));
      expect([result.kind, state.devices[0]!.present]).toEqual(['ok', false]);
    }
  });

  test('remove of a device without a group is like any other', () => {
    const state = kernel([], [card({ group: null })], { features: featuresAt('6.1') });
    expect(resultWord(step(state, write(`devices/${name}/remove`, '1')).result)).toBe('ok');
  });
});

test('step: close completes nothing for a device or a driver that is gone meanwhile', () => {
  const waiting = (device: string, driver: string) => [{ device, driver, group: '7', cause: 'unbind' as const }];
  for (const [device, driver] of [
    ['none', 'vfio-pci'],
    [name, 'gone'],
  ]) {
    const state = kernel([vfioPci], [card({ driver: 'vfio-pci' })], { waiting: waiting(device!, driver!) });
    const closed = step(state, { kind: 'close', group: '7' });
    expect(closed.state).toMatchObject({ waiting: [], devices: [{ driver: 'vfio-pci' }] });
    expect(closed.trace).toHaveLength(1);
  }
});

describe('unbindAll', () => {
  const igb = makeDriver('pci', 'igb', { ids: null });
  const pf = card({ driver: 'igb', pci: pciFacts(0x8086, 0x10c9, { numVfs: 1 }) });
  const vf = (rest: Partial<Parameters<typeof makeDevice>[2]> = {}) =>
    makeDevice('pci', '0000:01:10.0', { pci: pciFacts(0x8086, 0x10ca, { physfn: name }), group: '9', ...rest });

  test('removes the virtual functions of a driver that does so, and vfio-pci takes the physical one', () => {
    const state = kernel([igb, vfioPci], [pf, vf({ driver: 'vfio-pci' })]);
    const after = later(state, write('drivers/igb/unbind', name));
    expect(after.devices.find((one) => one.name === '0000:01:10.0')).toMatchObject({ present: false, driver: null });
    const bound = later(
      later(after, write(`devices/${name}/driver_override`, 'vfio-pci')),
      write('drivers/vfio-pci/bind', name),
    );
    expect(driverOf(bound)).toBe('vfio-pci');
  });

  test('leaves those of a driver that does not, which vfio-pci refuses', () => {
    const other = makeDriver('pci', 'nvme', { ids: null });
    const state = kernel([other, vfioPci], [{ ...pf, driver: 'nvme' }, vf()]);
    const after = later(state, write('drivers/nvme/unbind', name));
    expect(after.devices.find((one) => one.name === '0000:01:10.0')?.present).toBe(true);
    const asked = later(after, write(`devices/${name}/driver_override`, 'vfio-pci'));
    expect(resultWord(step(asked, write('drivers/vfio-pci/bind', name)).result)).toBe('EBUSY');
  });

  test('takes what is behind a controller along, and nothing where another driver has the device', () => {
    const vmd = makeDriver('pci', 'vmd', { ids: null });
    const behind = makeDevice('pci', '10000:e1:00.0', { parent: name, pci: pciFacts(1, 2), driver: 'nvme' });
    const others = [
      makeDevice('cdx', '10000:e1:00.0', { parent: name }),
      makeDevice('pci', '10001:e1:00.0', { parent: '0000:02:00.0' }),
      makeDevice('pci', '10000:e2:00.0', { parent: name, present: false, matchReady: false }),
    ];
    const state = kernel([vmd, makeDriver('pci', 'nvme')], [card({ driver: 'vmd' }), behind, ...others]);
    const after = later(state, write('drivers/vmd/unbind', name));
    expect(after.devices.slice(0, 2).map(({ present, driver }) => [present, driver])).toEqual([
      [true, null],
      [false, null],
    ]);
    expect(after.devices.slice(2)).toStrictEqual(others);
    const untouched = kernel([vmd, e1000e], [card({ driver: 'e1000e' }), behind]);
    expect(resultWord(step(untouched, write('drivers/vmd/unbind', name)).result)).toBe('ENODEV');
    expect(step(untouched, write('drivers/vmd/unbind', name)).state).toEqual(untouched);
  });

  test('waits for who holds a virtual function, and the driver keeps its device', () => {
    const held = { by: 'process 7', container: true, iommu: true, devices: ['0000:01:10.0'] };
    const state = { ...kernel([igb, vfioPci], [pf, vf({ driver: 'vfio-pci' })]) };
    const groups = [{ id: '9', bus: 'pci', type: 'DMA', direct: false, file: held }];
    const waiting = { device: '0000:01:10.0', driver: 'vfio-pci', group: '9', cause: 'unplug' };
    for (const [path, data] of [
      ['drivers/igb/unbind', name],
      [`devices/${name}/remove`, '1'],
    ] as const) {
      const { state: after, result, trace } = step({ ...state, groups }, write(path, data));
      expect(result).toMatchObject({ kind: 'blocks', by: 'process 7' });
      expect(driverOf(after)).toBe('igb');
      expect(after.waiting).toEqual([waiting]);
      expect(trace).toEqual([
        { rule: 'igb: remove()', text: '0000:01:10.0 goes away with igb', device: '0000:01:10.0' },
        {
          rule: 'drivers/vfio/vfio_main.c:vfio_unregister_group_dev',
          text: 'waits until process 7 closes the device',
          driver: 'vfio-pci',
          device: '0000:01:10.0',
        },
      ]);
    }
  });

  test('takes along what belongs to the device that is named, on its bus', () => {
    const second = { ...pf, name: '0000:02:00.0', group: '3' };
    const namesake = makeDevice('cdx', name, { driver: 'igb', pci: pf.pci });
    const alike = makeDevice('cdx', '0000:01:10.0', { pci: pciFacts(1, 2, { physfn: name }) });
    const soc = makeDevice('platform', 'soc');
    const state = kernel([igb], [soc, namesake, alike, second, pf, vf()]);
    const { state: after, trace } = step(state, write('drivers/igb/unbind', name));
    expect(after.devices.map(({ present, driver }) => [present, driver])).toEqual([
      [true, null],
      [true, 'igb'],
      [true, null],
      [true, 'igb'],
      [true, null],
      [false, null],
    ]);
    expect(trace.map(({ text }) => text)).toEqual([
      '0000:01:10.0 goes away with igb',
      'removed',
      'the driver lets go of the device',
    ]);
    const other = step(state, write('drivers/igb/unbind', second.name));
    expect(other.state.devices.map(({ present }) => present)).not.toContain(false);
  });
});

describe('takeAlong', () => {
  const igb = makeDriver('pci', 'igb', { ids: null });
  const facts = pciFacts(0x8086, 0x10c9, { numVfs: 1 });
  const vf = makeDevice('pci', '0000:01:10.0', { pci: pciFacts(0x8086, 0x10ca, { physfn: name }), group: '9' });
  const presence = (state: KernelState) => state.devices.map(({ present }) => present);

  test('virtual functions go away when the module of their driver is unloaded, or the physical one is removed', () => {
    const module = { name: 'igb', loaded: true, depends: [], drivers: [igb] };
    const state = kernel([igb], [card({ driver: 'igb', pci: facts }), vf], { modules: [module] });
    const unloaded = step(state, { kind: 'unload', module: 'igb' });
    expect(presence(unloaded.state)).toEqual([true, false]);
    expect(unloaded.state.devices[0]!.pci!.numVfs).toBe(0);
    expect(presence(later(state, write(`devices/${name}/remove`, '1')))).toEqual([false, false]);
    const file = { by: 'vm', container: true, iommu: true, devices: [vf.name] };
    const held = {
      ...state,
      drivers: [igb, vfioPci],
      devices: [state.devices[0]!, { ...vf, driver: 'vfio-pci' }],
      groups: [{ id: '9', bus: 'pci', type: 'DMA', direct: false, file }],
    };
    const waiting = step(held, { kind: 'unload', module: 'igb' });
    expect(waiting.result).toEqual({ kind: 'blocks', group: '9', by: 'vm' });
    expect(waiting.state.devices).toStrictEqual(held.devices);
    expect(waiting.state.drivers).toHaveLength(2);
    expect(waiting.trace.map(({ text }) => text)).toEqual([
      '0000:01:10.0 goes away with igb',
      'waits until vm closes the device',
    ]);
  });

  test('a physical function that keeps its functions is not removed: the kernel stops', () => {
    const nvme = makeDriver('pci', 'nvme', { ids: null });
    const { result, trace } = step(
      kernel([nvme], [card({ driver: 'nvme', pci: facts }), vf]),
      write(`devices/${name}/remove`, '1'),
    );
    const text = `${name} has virtual functions, which this kernel does not survive`;
    expect(result).toEqual({ kind: 'unknown', why: text, missing: [] });
    expect(trace.at(-1)).toEqual({
      rule: 'drivers/pci/iov.c:sriov_release',
      text,
      device: name,
      fromSource: true,
    });
  });

  test('says of drivers that no running kernel was seen with that it is from the source', () => {
    const marked = (driver: string) => {
      const state = kernel([makeDriver('pci', driver, { ids: null })], [card({ driver, pci: facts }), vf]);
      return step(state, write(`drivers/${driver}/unbind`, name)).trace.some(({ fromSource }) => fromSource);
    };
    expect(['igb', 'mlx5_core', 'ixgbe', 'nvme'].map(marked)).toEqual([false, true, true, false]);
  });
});

test('foundBehind: what went away with vmd is there again when vmd has its device again', () => {
  const vmd = makeDriver('pci', 'vmd', { ids: null });
  const nvme = makeDriver('pci', 'nvme', { ids: null });
  const port = makeDevice('pci', '10000:e0:1d.0', { parent: name, pci: pciFacts(1, 2) });
  const disk = makeDevice('pci', '10000:e1:00.0', { parent: port.name, pci: pciFacts(1, 2), driver: 'nvme' });
  const evidence = [name, disk.name].map((device) => {
    return { bus: 'pci', driver: device === name ? 'vmd' : 'nvme', device, matches: true, probe: 'ok' as const };
  });
  const state = kernel([vmd, { ...nvme, ids: [deviceId(1, 2)] }], [card({ driver: 'vmd' }), port, disk], {
    evidence: [...evidence, { ...evidence[1]!, device: port.name, probe: 'ENODEV' }],
  });
  const without = later(state, write('drivers/vmd/unbind', name));
  expect(without.devices.map(({ present }) => present)).toEqual([true, false, false]);
  const again = step(later(without, write(`devices/${name}/driver_override`, 'vmd')), write('drivers/vmd/bind', name));
  expect(again.state.devices.map(({ present, driver }) => [present, driver])).toEqual([
    [true, 'vmd'],
    [true, null],
    [true, 'nvme'],
  ]);
  expect(again.trace).toContainEqual({
    rule: 'vmd: probe()',
    text: 'vmd finds 10000:e0:1d.0, 10000:e1:00.0',
    device: name,
    fromSource: true,
  });
  // It finds them once: not with the next event, nor what is behind a device of another bus.
  const moved = step(later(again.state, write(`devices/${disk.name}/remove`, '1')), write('drivers_autoprobe', '1'));
  expect(moved.state.devices.map(({ present }) => present)).toEqual([true, true, false]);
  const elsewhere = { ...port, bus: 'cdx', present: false };
  const bound = step(
    kernel([vmd], [card({ override: 'vmd' }), elsewhere], { evidence }),
    write('drivers/vmd/bind', name),
  );
  expect(bound.state.devices.map(({ present, driver }) => [present, driver])).toEqual([
    [true, 'vmd'],
    [false, null],
  ]);
  expect(bound.trace.map(({ text }) => text)).not.toContainEqual(expect.stringContaining('finds'));
});

test('foundBehind: each of two controllers finds what was behind it when it gets its own device, and no sooner', () => {
  const vmd = makeDriver('pci', 'vmd', { ids: null });
  const second = card({ name: '0000:02:00.0', driver: 'vmd', group: '8' });
  const lost = (parent: string, at: string) => makeDevice('pci', at, { parent, present: false, pci: pciFacts(1, 2) });
  const state = kernel(
    [vmd],
    [second, card({ override: 'vmd' }), lost(second.name, '10001:e1:00.0'), lost(name, '10000:e1:00.0')],
    { evidence: [{ bus: 'pci', driver: 'vmd', device: name, probe: 'ok' }] },
  );
  const { state: after, trace } = step(state, write('drivers/vmd/bind', name));
  expect(after.devices.filter(({ present }) => present).map((one) => one.name)).toEqual([
    second.name,
    name,
    '10000:e1:00.0',
  ]);
  expect(trace.filter(({ rule }) => rule === 'vmd: probe()').map(({ text }) => text)).toEqual([
    `vmd was seen to take ${name}`,
    'vmd finds 10000:e1:00.0',
  ]);
});

test('addDevices: from 6.19 on a driver that probes asynchronously gets a new device after all others', () => {
  const row = [deviceId(0x8086, 0x10d3)];
  const drivers = [makeDriver('pci', 'nvme', { ids: row }), makeDriver('pci', 'pci-stub', { ids: row })];
  const evidence = [{ bus: 'pci', driver: 'nvme', device: name, probe: 'ok' as const }];
  const has = (release: string) => {
    const machine = kernel(drivers, [card(unplugged)], { features: featuresAt(release), evidence });
    return step(machine, { kind: 'plug', bus: 'pci', device: name }).state.devices[0]!.driver;
  };
  expect(['6.18', '6.19'].map(has)).toEqual(['nvme', 'pci-stub']);
});

test('addDevices: a walk over drivers that the core ends leaves nothing to a worker', () => {
  const row = [deviceId(0x8086, 0x10d3)];
  const drivers = [
    makeDriver('pci', 'native', { ids: row }),
    makeDriver('pci', 'later', { ids: row, async: true }),
    vfioPci,
  ];
  const member = card({ name: '0000:01:00.1', driver: 'vfio-pci' });
  const free = kernel(drivers, [member, card(unplugged)], {
    features: featuresAt('6.19'),
    evidence: [{ bus: 'pci', driver: 'native', device: name, probe: 'ENODEV' }],
  });
  const owned = later(free, { kind: 'open', group: '7', by: 'vm' }, { kind: 'setContainer', group: '7' });
  const due = (state: KernelState) => {
    const { devices } = later(state, { kind: 'plug', bus: 'pci', device: name });
    return devices.find((one) => one.name === name)!.asyncProbes;
  };
  expect(due(free)).toEqual([null]);
  expect(due(owned)).toBeUndefined();
});
