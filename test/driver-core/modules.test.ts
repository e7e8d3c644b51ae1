import { describe, expect, test } from 'vitest';
import { type KernelModule, resultWord } from '../../src/driver-core/index.ts';
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
const unload = (module: string) => ({ kind: 'unload', module }) as const;

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
    expect([word(opened, 'vfio_pci'), word(opened, 'vfio_iommu_type1')]).toEqual(['EAGAIN', 'EAGAIN']);
    expect(word(later(opened, { kind: 'close', group: '7' }), 'vfio_pci')).toBe('ok');
  });

  test('unloadModule of what is not loaded is ENOENT', () => {
    expect(resultWord(step(kernel([], [], { modules }), unload('e1000e')).result)).toBe('ENOENT');
  });
});
