import { expect, test } from 'vitest';
import { type KernelState, matchDevice, step } from '../../../src/driver-core/index.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import type { MachineDescription } from '../../../src/model/machines/description.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { parseMachine } from '../../../src/model/machines/read-description.ts';
import { parseRelease } from '../../../src/release.ts';
import { machineNames, readMachine } from '../../fake-root.ts';

const built = (name: string) => BUILT_IN_MACHINES[name]!.machine;

/** Whether a driver, loaded or not, matches a device without an override. */
function matches(state: KernelState, name: string, device: string) {
  const drivers = [...state.drivers, ...state.modules.flatMap((module) => module.drivers)];
  const found = state.devices.find((one) => one.name === device)!;
  return matchDevice(state, drivers.find((one) => one.name === name)!, { ...found, override: null }).answer;
}

test.each(Object.keys(BUILT_IN_MACHINES))(
  'BUILT_IN_MACHINES: %s is as its schema says, and every device has its driver',
  (name) => {
    const machine = built(name);
    expect(parseMachine(JSON.stringify(machine), name)).toEqual(machine);
    const state = kernelState(machine);
    for (const device of state.devices) {
      expect(matches(state, device.driver as string, device.name)).toBe('yes');
      const [unbind, bind] = ['unbind', 'bind'].map((file) => ({
        kind: 'write' as const,
        path: `bus/${device.bus}/drivers/${device.driver}/${file}`,
        data: device.name,
      }));
      const left = step(state, unbind!);
      expect(left.result).toEqual({ kind: 'ok' });
      expect(step(left.state, bind!).result).toEqual({ kind: 'ok' });
    }
  },
);

test('kernelState: the release can be another than the recorded one', () => {
  expect(kernelState(built('sriov')).features.hotAddHonoursAutoprobe).toBe(false);
  expect(kernelState(built('sriov'), parseRelease('6.19')).features.hotAddHonoursAutoprobe).toBe(true);
  expect(() => kernelState({ ...built('sriov'), release: '' })).toThrow(/which kernel it runs; name one with --kernel/);
});

test('kernelState: reads physical functions, numbers of virtual ones, parents and groups', () => {
  const state = kernelState(readMachine('sriov-server'));
  const named = (name: string) => state.devices.find((one) => one.name === name);
  const virtual = state.devices.filter(({ pci }) => pci?.physfn);
  expect(virtual.length).toBeGreaterThan(0);
  const physical = named(virtual[0]!.pci!.physfn!)!;
  expect(physical.pci!.numVfs).toBe(virtual.filter(({ pci }) => pci?.physfn === physical.name).length);
  expect(physical.parent).not.toBeNull();
  expect(state.groups.find(({ id }) => id === '31')).toMatchObject({ direct: true, bus: 'pci', type: 'identity' });
});

test('kernelState: what a device is bound to is evidence for its twins, aliases for the rest, and nothing else is guessed', () => {
  const nic = 'pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00';
  const machine: MachineDescription = {
    version: 1,
    name: 'two',
    release: '6.12',
    drivers: { pci: { e1000e: 'e1000e', other: 'other_mod', third: 'third' } },
    devices: [
      { path: 'a/0000:01:00.0', bus: 'pci', driver: 'e1000e', attributes: { modalias: nic } },
      { path: 'a/0000:02:00.0', bus: 'pci', attributes: { modalias: nic } },
    ],
  };
  const without = kernelState(machine);
  expect(matches(without, 'e1000e', '0000:02:00.0')).toBe('yes');
  expect(matches(without, 'other', '0000:02:00.0')).toBe('unknown');
  const aliased = kernelState({ ...machine, aliases: { [nic]: ['e1000e', 'other-mod'] } });
  expect(matches(aliased, 'other', '0000:02:00.0')).toBe('yes');
  expect(matches(aliased, 'third', '0000:02:00.0')).toBe('no');
});

test('kernelState: a driver without a module takes no device that other drivers serve, where what is built in is recorded', () => {
  const nic = 'pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00';
  const machine: MachineDescription = {
    version: 1,
    name: 'two',
    release: '6.12',
    drivers: { pci: { e1000e: 'e1000e', lpss: null } },
    builtIn: [],
    aliases: { [nic]: ['e1000e'] },
    devices: [{ path: 'a/0000:01:00.0', bus: 'pci', driver: 'e1000e', attributes: { modalias: nic } }],
  };
  const answer = (change: Partial<MachineDescription>) =>
    matches(kernelState({ ...machine, ...change }), 'lpss', '0000:01:00.0');
  expect(answer({})).toBe('no');
  expect(answer({ aliases: { [nic]: ['e1000e', 'built_in'] } })).toBe('unknown');
  expect(answer({ aliases: {} })).toBe('unknown');
  expect(answer({ builtIn: undefined })).toBe('unknown');
});

test('kernelState: an override of a bound device says nothing of what its driver matches', () => {
  const nic = 'pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00';
  const state = kernelState({
    version: 1,
    name: 'one',
    release: '6.12',
    drivers: { pci: { odd: 'odd' } },
    devices: [
      { path: 'a/0000:01:00.0', bus: 'pci', driver: 'odd', attributes: { modalias: nic, driver_override: 'odd' } },
    ],
  });
  expect(state.devices[0]).toMatchObject({ override: 'odd', driver: 'odd' });
  expect(matches(state, 'odd', '0000:01:00.0')).toBe('unknown');
});

test('kernelState: vfio-pci can be loaded where it is not, with what it needs', () => {
  const { 'vfio-pci': _, ...pci } = built('two-like-nics').drivers.pci!;
  const state = kernelState({ ...built('two-like-nics'), drivers: { pci } });
  const loaded = step(state, { kind: 'load', module: 'vfio-pci' });
  expect(loaded.result).toEqual({ kind: 'ok' });
  expect(loaded.state.drivers.map(({ name }) => name)).toEqual(['pcieport', 'e1000e', 'vfio-pci']);
  expect(
    loaded.state.modules
      .filter((one) => one.loaded)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['e1000e', 'irqbypass', 'vfio', 'vfio_iommu_type1', 'vfio_pci', 'vfio_pci_core']);
});

test.each(machineNames())('kernelState: takes the recorded machine %s', (name) => {
  const state = kernelState(readMachine(name), parseRelease('6.12'));
  expect(state.devices.length).toBeGreaterThan(0);
  expect(new Set(state.devices.map(({ bus, name }) => `${bus} ${name}`)).size).toBe(state.devices.length);
});

test('kernelState: the parent of a device is the nearest device above it, whatever order they are listed in', () => {
  const paths = [
    'pci0000:00/0000:00:01.0',
    'pci0000:00/0000:00:01.0/0000:01:00.0',
    'pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0',
  ];
  for (const order of [paths, paths.toReversed()]) {
    const devices = order.map((path) => ({ path, bus: 'pci', attributes: {} }));
    const state = kernelState({ ...built('sriov'), devices, drivers: {} });
    expect(Object.fromEntries(state.devices.map(({ name, parent }) => [name, parent]))).toEqual({
      '0000:00:01.0': null,
      '0000:01:00.0': '0000:00:01.0',
      '0000:02:00.0': '0000:01:00.0',
    });
  }
});

test('kernelState: a machine with more devices than there can be is refused', () => {
  const machine = built('two-like-nics');
  const devices = Array.from({ length: 10_001 }, (_, i) => ({ ...machine.devices[0]!, path: `pci0000:00/${i}` }));
  expect(() => kernelState({ ...machine, devices })).toThrow(/has 10001 devices, expected at most 10000/);
});
