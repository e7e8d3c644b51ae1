import { describe, expect, test } from 'vitest';
import { type KernelModule, makeDriver, resultWord } from '../../src/driver-core/index.ts';
import { card, driverOf, e1000e, kernel, later, step, vfioPci, write } from './card.ts';

const name = '0000:01:00.0';
const module = (name: string, drivers: KernelModule['drivers'] = [], depends: readonly string[] = []): KernelModule => {
  return { name, loaded: false, depends, drivers };
};
const modules = [
  module('e1000e', [e1000e]),
  module('vfio'),
  module('vfio_iommu_type1', [], ['vfio']),
  module('vfio-pci', [vfioPci], ['vfio']),
];
const load = (module: string) => ({ kind: 'load', module }) as const;
const unload = (module: string, alone = false) => ({ kind: 'unload', module, alone }) as const;
const rmmod = (module: string) => unload(module, true);

describe('loadModule', () => {
  test('loadModule registers behind what is there and offers every unbound device', () => {
    const state = later(kernel([], [card()], { modules }), load('e1000e'));
    expect(driverOf(state)).toBe('e1000e');
    expect(later(state, load('vfio_pci')).drivers.map((d) => d.name)).toEqual(['e1000e', 'vfio-pci']);
  });

  test('loadModule with drivers_autoprobe off binds nothing', () => {
    const off = later(kernel([], [card()], { modules }), write('drivers_autoprobe', '0'), load('e1000e'));
    expect(driverOf(off)).toBeNull();
    expect(off.drivers).toHaveLength(1);
  });

  test('loadModule loads what a module depends on first, whatever dashes its name has', () => {
    const state = later(kernel([], [card()], { modules }), load('vfio_pci'));
    expect(state.modules.filter((m) => m.loaded).map((m) => m.name)).toEqual(['vfio', 'vfio-pci']);
    expect(step(state, load('vfio-pci'))).toMatchObject({ state, result: { kind: 'ok' } });
  });

  test('loadModule loads what is to follow a module after it, where that is there', () => {
    const following = modules.map((one) =>
      one.name === 'vfio' ? { ...one, after: ['vfio_iommu_type1', 'gone'] } : one,
    );
    const state = later(kernel([], [card()], { modules: following }), load('vfio_pci'));
    expect(state.modules.filter((m) => m.loaded).map((m) => m.name)).toEqual(['vfio', 'vfio_iommu_type1', 'vfio-pci']);
  });

  test('loadModule loads what is to precede a module after what it depends on, and goes on without', () => {
    const soft = [
      { ...module('mine', [e1000e], ['needed']), before: ['gone', 'first', 'stuck'] },
      module('needed'),
      { ...module('first', [makeDriver('pci', 'first')]), options: { async_probe: '0' } },
      module('stuck', [], ['nothing']),
    ];
    const { state, result, trace } = step(kernel([], [], { modules: soft }), load('mine'));
    expect([resultWord(result), state.drivers.map((one) => one.name)]).toEqual(['ok', ['first', 'e1000e']]);
    expect(trace.flatMap(({ text }) => / is loaded$/.exec(text)?.input ?? [])).toEqual([
      'needed is loaded',
      'first is loaded',
      'mine is loaded',
    ]);
    expect(later(state, { ...load('mine'), alone: true }).drivers).toHaveLength(2);
  });

  test('loadModule loads what is to follow a module that it depends on and that is loaded, but none of its own then', () => {
    const soft = [
      { ...module('vfio'), after: ['type1'] },
      module('type1', [], ['vfio']),
      module('vfio_pci', [], ['vfio']),
    ];
    const state = later(kernel([], [], { modules: soft }), { ...load('vfio'), alone: true });
    const loaded = (event: ReturnType<typeof load>) => later(state, event).modules.map((one) => one.loaded);
    expect(loaded(load('vfio'))).toEqual([true, false, false]);
    expect(loaded(load('vfio_pci'))).toEqual([true, true, true]);
  });

  test('loadModule and unloadModule of a long chain of modules end soon', () => {
    const chain = Array.from({ length: 2000 }, (_, i) => module(`m${i}`, [], i === 0 ? [] : [`m${i - 1}`]));
    const state = later(kernel([], [], { modules: chain }), load('m1999'));
    expect(state.modules.every((one) => one.loaded)).toBe(true);
    expect(later(state, unload('m1999')).modules.filter((one) => one.loaded)).toHaveLength(1998);
  });

  test('loadModule alone, as insmod does it, loads nothing else, and fails where symbols are missing', () => {
    const insmod = (module: string) => ({ ...load(module), alone: true });
    const start = kernel([], [card()], { modules });
    expect(step(start, insmod('vfio_pci'))).toMatchObject({ state: start, result: { errno: 'ENOENT' } });
    const loaded = later(start, insmod('vfio'), insmod('vfio_pci'));
    expect(loaded.modules.filter((m) => m.loaded).map((m) => m.name)).toEqual(['vfio', 'vfio-pci']);
    expect(resultWord(step(loaded, insmod('vfio')).result)).toBe('EEXIST');
  });

  test('loadModule of a module that is not there, or needs one that is not, is ENOENT and loads nothing', () => {
    const state = kernel([], [card()], { modules: [module('a', [], ['gone'])] });
    expect(step(state, load('b'))).toMatchObject({ state, result: { errno: 'ENOENT' } });
    expect(step(state, load('a'))).toMatchObject({ state, result: { errno: 'ENOENT' } });
  });

  test('loadModule with modules that need each other ends', () => {
    const state = kernel([], [card()], { modules: [module('a', [], ['b']), module('b', [], ['a'])] });
    expect(later(state, load('a')).modules.every((m) => m.loaded)).toBe(true);
  });
});

describe('unloadModule', () => {
  test('unloadModule unbinds, forgets dynamic ids and keeps overrides', () => {
    const state = later(
      kernel([], [card({ override: 'vfio-pci' })], { modules }),
      load('vfio-pci'),
      write('drivers/vfio-pci/new_id', '8086 10d3'),
    );
    expect(driverOf(state)).toBe('vfio-pci');
    const gone = later(state, unload('vfio_pci'));
    expect(gone).toMatchObject({ drivers: [], devices: [{ driver: null, override: 'vfio-pci' }] });
    expect(later(gone, load('vfio_pci')).drivers[0]!.dynids).toEqual([]);
  });

  test('unloadModule is EAGAIN while another module needs it or a process has a device open', () => {
    const word = (state: Parameters<typeof step>[0], name: string) => resultWord(step(state, unload(name)).result);
    const state = later(
      kernel([], [card({ override: 'vfio-pci' })], { modules }),
      load('vfio-pci'),
      load('vfio_iommu_type1'),
    );
    expect(word(state, 'vfio')).toBe('EAGAIN');
    const opened = later(
      state,
      { kind: 'open', group: '7', by: 'vm' },
      { kind: 'setContainer', group: '7' },
      { kind: 'setIommu', group: '7' },
      { kind: 'getDevice', group: '7', device: name },
    );
    // A container uses no IOMMU driver before one is set.
    const attached = later(state, { kind: 'open', group: '7', by: 'vm' }, { kind: 'setContainer', group: '7' });
    expect([state, attached].map((one) => word(one, 'vfio_iommu_type1'))).toEqual(['ok', 'ok']);
    expect([word(opened, 'vfio_pci'), word(opened, 'vfio_iommu_type1')]).toEqual(['EAGAIN', 'EAGAIN']);
    expect(word(later(opened, { kind: 'close', group: '7' }), 'vfio_pci')).toBe('ok');
  });

  test('unloadModule of what is not loaded has nothing to do, and alone, as rmmod does it, is ENOENT', () => {
    const state = kernel([], [], { modules: [...modules, { ...module('fixed'), loaded: true, builtIn: true }] });
    const word = (event: ReturnType<typeof unload>) => resultWord(step(state, event).result);
    expect(step(state, unload('e1000e'))).toMatchObject({ state, result: { kind: 'ok' } });
    expect([rmmod('e1000e'), unload('gone'), rmmod('gone'), unload('fixed'), rmmod('fixed')].map(word)).toEqual(
      Array(5).fill('ENOENT'),
    );
  });

  test('unloadModule takes along what it depended on and nothing uses then, and not what that needs', () => {
    const stack = [
      module('irqbypass'),
      module('vfio'),
      module('vfio_iommu_type1', [], ['vfio']),
      module('vfio_pci_core', [], ['vfio', 'irqbypass']),
      module('vfio_pci', [vfioPci], ['vfio_pci_core']),
      module('mlx5_vfio_pci', [], ['vfio_pci_core']),
    ];
    const loaded = later(kernel([], [card()], { modules: stack }), load('vfio-pci'), load('vfio_iommu_type1'));
    const left = (...events: Parameters<typeof later>[1][]) =>
      later(loaded, ...events).modules.flatMap((one) => (one.loaded ? one.name : []));
    const rest = ['irqbypass', 'vfio', 'vfio_iommu_type1'];
    expect(left(unload('vfio-pci'))).toEqual(rest);
    expect(left(rmmod('vfio-pci'))).toEqual([...rest, 'vfio_pci_core']);
    expect(left(load('mlx5_vfio_pci'), unload('vfio_pci'))).toEqual([...rest, 'vfio_pci_core', 'mlx5_vfio_pci']);
    expect(left(unload('vfio_pci'), unload('vfio_iommu_type1'))).toEqual(['irqbypass']);
    const fixed = { ...loaded, modules: loaded.modules.map((one) => ({ ...one, builtIn: one.name !== 'vfio_pci' })) };
    expect(later(fixed, unload('vfio_pci')).modules.filter((one) => one.loaded)).toHaveLength(4);
  });

  test('unloadModule takes along a driver of what the module depended on, unless a process has a device of it', () => {
    const stack = [module('nvidia', [vfioPci]), module('nvidia_drm', [], ['nvidia'])];
    const state = later(kernel([], [card({ override: 'vfio-pci' })], { modules: stack }), load('nvidia_drm'));
    expect(driverOf(state)).toBe('vfio-pci');
    expect(later(state, unload('nvidia_drm'))).toMatchObject({ drivers: [], devices: [{ driver: null }] });
    const open = later(
      state,
      { kind: 'open', group: '7', by: 'vm' },
      { kind: 'setContainer', group: '7' },
      { kind: 'setIommu', group: '7' },
      { kind: 'getDevice', group: '7', device: name },
      unload('nvidia_drm'),
    );
    expect(open.modules.map((one) => one.loaded)).toEqual([true, false]);
    expect(driverOf(open)).toBe('vfio-pci');
  });

  test('unloadModule unloads what follows the module before it, and what precedes it after it, the last first', () => {
    const soft = [
      { ...module('mine', [e1000e]), before: ['a', 'b', 'gone'], after: ['c', 'd', 'user'] },
      ...['a', 'b', 'c', 'd', 'e'].map((one) => module(one)),
      module('user', [], ['b']),
      module('other', [], ['a']),
    ];
    const state = later(kernel([], [], { modules: soft }), load('mine'), load('other'), load('e'));
    expect(state.modules.every((one) => one.loaded)).toBe(true);
    const { state: after, result, trace } = step(state, unload('mine'));
    expect(resultWord(result)).toBe('ok');
    expect(after.modules.filter((one) => one.loaded).map((one) => one.name)).toEqual(['a', 'e', 'other']);
    expect(trace.map(({ text }) => text)).toEqual([
      ...['user', 'b', 'd', 'c'].map((one) => `${one} is unloaded`),
      'unregistered',
      'mine is unloaded',
      'other depends on it',
    ]);
  });

  test('unloadModule does not know whether modprobe fails where what follows a module took that along', () => {
    const soft = [{ ...module('vfio'), after: ['type1'] }, module('type1', [], ['vfio'])];
    const { state, result } = step(later(kernel([], [], { modules: soft }), load('vfio')), unload('vfio'));
    expect([resultWord(result), state.modules.some((one) => one.loaded)]).toEqual(['unknown', false]);
  });

  test('unloadModule keeps what it unloaded already where the module itself is in use', () => {
    const soft = [{ ...module('vfio'), after: ['type1'] }, module('type1'), module('user', [], ['vfio'])];
    const { state, result } = step(later(kernel([], [], { modules: soft }), load('user')), unload('vfio'));
    expect(resultWord(result)).toBe('EAGAIN');
    expect(state.modules.map((one) => one.loaded)).toEqual([true, false, true]);
  });

  test('unloadModule and loadModule with modules that follow and precede each other end', () => {
    const soft = [
      { ...module('a'), before: ['b'], after: ['b'] },
      { ...module('b'), before: ['a'], after: ['a'] },
    ];
    const state = later(kernel([], [], { modules: soft }), load('a'));
    expect(state.modules.map((one) => one.loaded)).toEqual([true, true]);
    expect(later(state, unload('a')).modules.map((one) => one.loaded)).toEqual([false, false]);
  });
});

describe('step: modules and what else there is', () => {
  test('loadModule of a driver whose name is taken is EBUSY, and what it depends on stays loaded', () => {
    const state = kernel([e1000e], [card()], { modules: [module('a'), module('mine', [e1000e, vfioPci], ['a'])] });
    const { state: after, result, trace } = step(state, load('mine'));
    expect([after, resultWord(result)]).toEqual([later(state, load('a')), 'EBUSY']);
    expect(trace.map(({ text }) => text).slice(-1)).toEqual(['a driver named e1000e is registered already']);
    expect(trace.length).toBeGreaterThan(1);
  });

  test('loadModule offers drivers every device on a bus whose autoprobe is not known', () => {
    const state = kernel([], [card()], { modules, buses: [] });
    expect(driverOf(later(state, load('e1000e')))).toBe('e1000e');
  });

  test('loadModule adds no ids to drivers where none are given', () => {
    expect(later(kernel([], [card()], { modules }), load('vfio_pci')).drivers[0]!.dynids).toEqual([]);
    const { trace } = step(kernel([], [card()], { modules }), load('vfio_pci'));
    expect(trace.map(({ text }) => text)).not.toContain('the id is added');
    expect(trace.map(({ text }) => text)).toEqual([
      'vfio is loaded',
      'vfio_pci is loaded',
      'registered, and offered every device',
    ]);
  });

  test('loadModule gives its ids to the drivers of the module alone', () => {
    const state = kernel([e1000e], [card({ driver: 'e1000e' })], { modules });
    const loaded = later(state, { kind: 'load', module: 'vfio-pci', ids: '1:2' });
    expect(loaded.drivers.map(({ dynids }) => dynids.length)).toEqual([0, 1]);
  });

  test('unloadModule of a driver that a device may have leaves the other possibilities', () => {
    const loaded = modules.map((one) => ({ ...one, loaded: true }));
    const maybe = (...oneOf: (string | null)[]) =>
      kernel([e1000e, vfioPci], [card({ driver: { oneOf } })], { modules: loaded });
    expect(driverOf(later(maybe('e1000e', 'vfio-pci'), unload('e1000e')))).toEqual({ oneOf: [null, 'vfio-pci'] });
    expect(driverOf(later(maybe('e1000e', null), unload('e1000e')))).toBeNull();
    expect(driverOf(later(maybe('vfio-pci', null), unload('e1000e')))).toEqual({ oneOf: ['vfio-pci', null] });
  });

  test('unloadModule skips devices that are not there, and drivers that are not registered', () => {
    const loaded = [{ ...module('both', [makeDriver('pci', 'gone'), e1000e]), loaded: true }];
    const away = card({ name: '0000:02:00.0', driver: 'e1000e', present: false });
    const state = later(kernel([e1000e], [card({ driver: 'e1000e' }), away], { modules: loaded }), unload('both'));
    expect(state).toMatchObject({ drivers: [], devices: [{ driver: null }, { driver: 'e1000e' }] });
    expect(resultWord(step(kernel([], []), unload('nothing')).result)).toBe('ENOENT');
  });

  test('unloadModule takes the drivers of a module in turn from the last, and says of each what it did', () => {
    const second = makeDriver('pci', 'second');
    const loaded = [{ ...module('both', [e1000e, second]), loaded: true }];
    const { trace } = step(kernel([e1000e, second], [card({ driver: 'e1000e' })], { modules: loaded }), unload('both'));
    expect(trace.map(({ driver, text }) => `${driver} ${text}`)).toEqual([
      'second unregistered',
      'e1000e the driver lets go of the device',
      'e1000e unregistered',
      'undefined both is unloaded',
    ]);
  });

  test('unloadModule is EAGAIN where a process has a device of any of its drivers open', () => {
    const loaded = [{ ...module('both', [makeDriver('pci', 'other'), vfioPci]), loaded: true }];
    const state = later(
      kernel([vfioPci], [card({ driver: 'vfio-pci' })], { modules: loaded }),
      { kind: 'open', group: '7', by: 'vm' },
      { kind: 'setContainer', group: '7' },
      { kind: 'setIommu', group: '7' },
      { kind: 'getDevice', group: '7', device: name },
    );
    const { result, trace } = step(state, unload('both'));
    expect([resultWord(result), trace[0]!.text]).toEqual(['EAGAIN', `vm has ${name} open`]);
  });
});
