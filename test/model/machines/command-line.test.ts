import { expect, test } from 'vitest';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { asksForAsync, modulesProbeLater, optionsByModule } from '../../../src/model/machines/command-line.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { parseRelease } from '../../../src/release.ts';

test('optionsByModule: what stands before the first dot is the module, and the last value of a parameter counts', () => {
  const options = optionsByModule(
    'quiet vfio-pci.ids=1:2 vfio_pci.ids=3:4 vfio_pci.disable-denylist iommu=pt a.b=" c"',
  );
  expect(Object.fromEntries(options)).toEqual({
    vfio_pci: { ids: '3:4', disable_denylist: null },
    a: { b: ' c' },
  });
});

test.each([
  ['driver_async_probe=a,nvme', '5.10', true],
  ['driver_async_probe=a,nvme driver_async_probe=a', '6.12', false],
  ['driver_async_probe=*', '6.12', true],
  ['driver_async_probe=*', '5.15', false],
  ['driver_async_probe=*,nvme', '6.12', false],
  ['driver_async_probe', '6.12', false],
  ['nvme.async_probe=1', '6.12', false],
])('asksForAsync: %s has nvme of %s probe asynchronously: %s', (line, release, expected) => {
  expect(asksForAsync(line, 'nvme', parseRelease(release))).toBe(expected);
});

test.each([
  ['quiet', '6.12', false],
  ['module.async_probe', '6.12', true],
  ['module.async-probe=on quiet', '6.0', true],
  ['module.async_probe=1', '5.19', false],
  ['module.async_probe=1 module.async_probe=0', '6.12', false],
  ['module.async_probe=1 module.async_probe=x', '6.12', true],
  ['e1000e.async_probe=1', '6.12', false],
])('modulesProbeLater: %s has modules of %s probe asynchronously: %s', (line, release, expected) => {
  expect(modulesProbeLater(line, parseRelease(release))).toBe(expected);
  const { machine } = BUILT_IN_MACHINES['two-like-nics']!;
  expect(kernelState({ ...machine, cmdline: line }, parseRelease(release)).asyncProbe ?? false).toBe(expected);
});

test('kernelState: the command line of a machine is options of its modules and names drivers', () => {
  const { machine } = BUILT_IN_MACHINES['two-like-nics']!;
  const cmdline = 'vfio-pci.ids=8086:10d3 driver_async_probe=e1000e';
  const { modules, drivers } = kernelState({ ...machine, cmdline });
  expect(modules.find(({ name }) => name === 'vfio_pci')?.options).toEqual({ ids: '8086:10d3' });
  expect(drivers.filter(({ async }) => async).map(({ name }) => name)).toEqual(['e1000e']);
});
