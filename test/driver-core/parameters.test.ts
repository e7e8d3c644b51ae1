import { describe, expect, test } from 'vitest';
import {
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  readAttribute,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';
import { isLoaded } from '../../src/driver-core/parameters.ts';

const QAT = makeDevice('pci', '0000:01:00.0', { override: 'vfio-pci', group: '1', pci: pciFacts(0x8086, 0x19e2) });
const vfio = makeDriver('pci', 'vfio-pci');
const kernel = makeKernel('6.12', {
  modules: [
    { name: 'vfio', loaded: true, depends: [], drivers: [] },
    { name: 'vfio_pci', loaded: true, depends: ['vfio'], drivers: [vfio] },
  ],
  drivers: [vfio],
  devices: [QAT, makeDevice('pci', '0000:02:00.0', { override: 'vfio-pci', pci: pciFacts(1, 2) })],
  groups: [{ id: '1', bus: 'pci', type: 'DMA', direct: false, file: null }],
});
const NOIOMMU = 'module/vfio/parameters/enable_unsafe_noiommu_mode';
const unsafe = { ...kernel, noiommu: true };
const write = (path: string, data: string, state = kernel) => step(state, { kind: 'write', path, data });

test('isLoaded: vfio is loaded where a driver of VFIO is registered, whatever module it is of', () => {
  const unnamed = (driver: string) => makeKernel('6.12', { drivers: [makeDriver('pci', driver, { module: null })] });
  expect(isLoaded(unnamed('vfio-pci'), 'vfio')).toBe(true);
  expect(isLoaded(unnamed('vfio-pci'), 'vfio_pci')).toBe(false);
  expect(isLoaded(unnamed('e1000e'), 'vfio')).toBe(false);
});

describe('writeParameter', () => {
  test.each([
    ['Y\n', true],
    ['1', true],
    ['on', true],
    ['', true],
    ['N', false],
    ['0\n', false],
    ['off', false],
  ])('enable_unsafe_noiommu_mode takes %j', (data, value) => {
    const { state, result } = write(NOIOMMU, data, unsafe);
    expect(resultWord(result)).toBe('ok');
    expect(state.noiommu).toBe(value);
  });

  test('does not know whether the kernel has enable_unsafe_noiommu_mode where it is not on', () => {
    expect(write(NOIOMMU, 'Y').result).toMatchObject({
      kind: 'unknown',
      why: 'whether the kernel has CONFIG_VFIO_NOIOMMU',
    });
    expect(resultWord(readAttribute(kernel, NOIOMMU).result)).toBe('unknown');
    expect(readAttribute(unsafe, NOIOMMU).data).toBe('Y\n');
  });

  test('lets a device without a group bind once it is on', () => {
    const bind = { kind: 'write', path: 'bus/pci/drivers/vfio-pci/bind', data: '0000:02:00.0' } as const;
    expect(resultWord(step(kernel, bind).result)).toBe('EINVAL');
    expect(resultWord(step(unsafe, bind).result)).toBe('ok');
  });

  test.each(['x', 'oops', '2', '\n'])('refuses %j with EINVAL', (data) => {
    expect(resultWord(write(NOIOMMU, data, unsafe).result)).toBe('EINVAL');
  });

  test('does not know the letters of true and enable, which came later', () => {
    expect(resultWord(write(NOIOMMU, 'true', unsafe).result)).toBe('unknown');
  });

  test('a write of no bytes does nothing', () => {
    expect(write(NOIOMMU, '', unsafe).state).toBe(unsafe);
  });

  test('disable_denylist cannot be written at run time', () => {
    expect(resultWord(write('module/vfio_pci/parameters/disable_denylist', 'Y').result)).toBe('EACCES');
    expect(readAttribute(kernel, 'module/vfio_pci/parameters/disable_denylist').data).toBe('N\n');
  });

  test('enable_sriov lets vfio-pci make functions, and is there where a device shows that the kernel has SR-IOV', () => {
    const path = 'module/vfio_pci/parameters/enable_sriov';
    expect(resultWord(readAttribute(kernel, path).result)).toBe('unknown');
    const sriov = { totalVfs: 2, offset: 1, stride: 1, vfDevice: 3 };
    const card = makeDevice('pci', '0000:03:00.0', { driver: 'vfio-pci', pci: pciFacts(1, 2, { sriov }) });
    const physical = { ...kernel, devices: [card] };
    expect(readAttribute(physical, path).data).toBe('N\n');
    const functions = { kind: 'write', path: 'bus/pci/devices/0000:03:00.0/sriov_numvfs', data: '1' } as const;
    expect(resultWord(step(physical, functions).result)).toBe('ENOENT');
    const on = write(path, 'Y', physical);
    expect([resultWord(on.result), readAttribute(on.state, path).data]).toEqual(['ok', 'Y\n']);
    expect(resultWord(step(on.state, functions).result)).toBe('ok');
  });

  test('a module that is not loaded has no parameters', () => {
    const empty = makeKernel('6.12');
    expect(resultWord(write(NOIOMMU, 'Y', empty).result)).toBe('ENOENT');
    expect(resultWord(readAttribute(empty, NOIOMMU).result)).toBe('ENOENT');
  });
});

describe('resetDevice', () => {
  const path = 'bus/pci/devices/0000:01:00.0/reset';

  test('leaves every device where it is, and does not know whether the device can be reset', () => {
    const { state, result } = write(path, '1');
    expect(state).toBe(kernel);
    expect(resultWord(result)).toBe('unknown');
  });

  test.each(['0', '2', 'x', ''])('refuses %j, or does nothing with it', (data) => {
    expect(resultWord(write(path, data).result)).toBe(data === '' ? 'ok' : 'EINVAL');
  });
});
