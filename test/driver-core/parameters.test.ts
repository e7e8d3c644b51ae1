import { describe, expect, test } from 'vitest';
import {
  type KernelEvent,
  type LoadParameters,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  readAttribute,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';
import { parseRelease } from '../../src/release.ts';
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

test('isLoaded: a module is loaded that is listed so, by either spelling, or that a driver names', () => {
  const listed = (loaded: boolean) => [{ name: 'vfio-pci', loaded, depends: [], drivers: [] }];
  expect(isLoaded(makeKernel('6.12', { modules: listed(true) }), 'vfio_pci')).toBe(true);
  expect(isLoaded(makeKernel('6.12', { modules: listed(false) }), 'vfio_pci')).toBe(false);
  const named = makeKernel('6.12', { drivers: [makeDriver('pci', 'x', { module: 'a-b-c' })] });
  expect([isLoaded(named, 'a_b_c'), isLoaded(named, 'x'), isLoaded(named, 'vfio')]).toEqual([true, false, false]);
});

test('mayLack: a virtual function shows that the kernel has SR-IOV, as a physical one does, and no other device', () => {
  const path = 'module/vfio_pci/parameters/enable_sriov';
  const shown = (...devices: (typeof QAT)[]) => readAttribute({ ...kernel, devices }, path);
  const vf = makeDevice('pci', 'x', { pci: pciFacts(1, 2, { physfn: 'y' }) });
  expect(shown(makeDevice('platform', 'z'), vf).data).toBe('N\n');
  expect(shown(makeDevice('platform', 'z'), QAT).result).toEqual({
    kind: 'unknown',
    why: 'whether the kernel has CONFIG_PCI_IOV',
    missing: [],
  });
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
    ['Yes', true],
    ['oN', true],
    ['no', false],
  ])('enable_unsafe_noiommu_mode takes %j', (data, value) => {
    const { state, result, trace } = write(NOIOMMU, data, unsafe);
    const text =
      data === '' ? 'a write of no bytes does nothing' : `enable_unsafe_noiommu_mode is ${value ? 'Y' : 'N'}`;
    expect(trace).toEqual([{ rule: 'kernel/params.c:param_set_bool', text }]);
    expect(resultWord(result)).toBe('ok');
    expect(state.noiommu).toBe(value);
  });

  test('does not know whether the kernel has enable_unsafe_noiommu_mode where it is not on', () => {
    expect(write(NOIOMMU, 'Y').result).toMatchObject({
      kind: 'unknown',
      why: 'whether the kernel has CONFIG_VFIO_NOIOMMU',
    });
    expect(write(NOIOMMU, 'Y')).toMatchObject({ state: kernel, trace: [{ text: 'not known' }] });
    expect(readAttribute(kernel, NOIOMMU)).toEqual({
      result: { kind: 'unknown', why: 'whether the kernel has CONFIG_VFIO_NOIOMMU', missing: [] },
      data: '',
    });
    expect(readAttribute(unsafe, NOIOMMU).data).toBe('Y\n');
  });

  test('lets a device without a group bind once it is on', () => {
    const bind = { kind: 'write', path: 'bus/pci/drivers/vfio-pci/bind', data: '0000:02:00.0' } as const;
    expect(resultWord(step(kernel, bind).result)).toBe('EINVAL');
    expect(resultWord(step(unsafe, bind).result)).toBe('ok');
  });

  test.each(['x', 'oops', '2', '\n', 'o', 'xn', '\0y'])('refuses %j with EINVAL', (data) => {
    const { state, result, trace } = write(NOIOMMU, data, unsafe);
    expect([state, resultWord(result)]).toEqual([unsafe, 'EINVAL']);
    expect(trace).toEqual([{ rule: 'kernel/params.c:param_set_bool', text: 'expected Y or N' }]);
  });

  test.each(['e', 'disable\n'])('does not know since when a kernel newer than 6.12 takes %j', (data) => {
    const newer = { ...unsafe, release: parseRelease('7.0') };
    const { state, result, trace } = write(NOIOMMU, data, newer);
    const why = `what enable_unsafe_noiommu_mode takes '${data}' for`;
    expect([state, result]).toEqual([newer, { kind: 'unknown', why, missing: [] }]);
    expect(trace).toEqual([{ rule: 'kernel/params.c:param_set_bool', text: 'not known' }]);
  });

  test('a write of no bytes does nothing', () => {
    expect(write(NOIOMMU, '', unsafe).state).toBe(unsafe);
  });

  test('disable_denylist cannot be written at run time', () => {
    const { state, result, trace } = write('module/vfio_pci/parameters/disable_denylist', 'Y');
    expect([state, resultWord(result)]).toEqual([kernel, 'EACCES']);
    expect(trace).toEqual([{ rule: 'fs/kernfs/file.c:kernfs_fop_open', text: 'disable_denylist is read-only' }]);
    const off = { ...kernel, disableDenylist: true };
    expect(readAttribute(off, 'module/vfio_pci/parameters/disable_denylist').data).toBe('Y\n');
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
    const empty = makeKernel('6.12', { modules: [{ name: 'vfio', loaded: false, depends: [], drivers: [] }] });
    const { state, result, trace } = write(NOIOMMU, 'Y', empty);
    expect([state, resultWord(result)]).toEqual([empty, 'ENOENT']);
    expect(trace).toEqual([{ rule: 'fs/kernfs/dir.c:kernfs_iop_lookup', text: 'vfio is not loaded' }]);
    expect(readAttribute(empty, NOIOMMU)).toEqual({ result: { kind: 'errno', errno: 'ENOENT' }, data: '' });
  });
});

describe('loadModule', () => {
  const modules = ['vfio', 'vfio_pci'].map((name) => ({ name, loaded: false, depends: [], drivers: [] }));
  const none = makeKernel('6.12', { modules });
  const load = (module: string, parameters: LoadParameters, start = none) =>
    step(start, { kind: 'load', module, parameters });
  const DENYLIST = 'module/vfio_pci/parameters/disable_denylist';

  test.each<[LoadParameters, string, boolean]>([
    [{ disable_denylist: null }, 'ok', true],
    [{ 'disable-denylist': '1' }, 'ok', true],
    [{ disable_denylist: 'n' }, 'ok', false],
    [{ disable_denylist: '' }, 'EINVAL', false],
    [{ disable_denylist: 'x' }, 'EINVAL', false],
    [{ disable_denylist: 'true' }, 'ok', true],
    [{ disable_denylist: 'enable' }, 'EINVAL', false],
    [{ nonesuch: 'x', enable_sriov: '1' }, 'ok', false],
  ])('loadModule: %j is %s', (parameters, word, set) => {
    const { state, result } = load('vfio_pci', parameters);
    expect([resultWord(result), state.disableDenylist]).toEqual([word, set]);
    expect(state.modules[1]!.loaded).toBe(word === 'ok');
  });

  test('loadModule does not know since when a kernel newer than 6.12 takes enable', () => {
    const newer = { ...none, release: parseRelease('7.0') };
    const { state, result } = step(newer, {
      kind: 'load',
      module: 'vfio_pci',
      parameters: { disable_denylist: 'enable' },
    });
    expect([state, result]).toEqual([
      newer,
      { kind: 'unknown', why: "what disable_denylist takes 'enable' for", missing: [] },
    ]);
  });

  test('loadModule: a parameter that the kernel may lack is not known where it is a yes', () => {
    expect(resultWord(load('vfio', { enable_unsafe_noiommu_mode: 'Y' }).result)).toBe('unknown');
    expect(resultWord(load('vfio', { enable_unsafe_noiommu_mode: 'N' }).result)).toBe('ok');
  });

  test('unloadModule: parameters go back to their defaults, and options of modprobe.d apply again', () => {
    const unload: KernelEvent = { kind: 'unload', module: 'vfio_pci' };
    const loaded = load('vfio_pci', { disable_denylist: '1' }).state;
    const again = step(step(loaded, unload).state, { kind: 'load', module: 'vfio_pci' }).state;
    expect([loaded, again].map((state) => readAttribute(state, DENYLIST).data)).toEqual(['Y\n', 'N\n']);
    const given = modules.map((one) => ({ ...one, options: { disable_denylist: 'Y' } }));
    const configured = load('vfio_pci', {}, { ...none, modules: given }).state;
    const twice = load('vfio_pci', {}, step(configured, unload).state).state;
    expect([configured, twice].map((state) => readAttribute(state, DENYLIST).data)).toEqual(['Y\n', 'Y\n']);
    expect(load('vfio_pci', { disable_denylist: 'N' }, { ...none, modules: given }).state.disableDenylist).toBe(false);
  });
});

describe('resetDevice', () => {
  const path = 'bus/pci/devices/0000:01:00.0/reset';

  test('leaves every device where it is, and does not know whether the device can be reset', () => {
    const why = 'whether 0000:01:00.0 can be reset is not known';
    expect(write(path, '1')).toEqual({
      state: kernel,
      result: { kind: 'unknown', why, missing: [] },
      trace: [{ rule: 'drivers/pci/pci-sysfs.c:reset_store', text: why, device: QAT.name }],
    });
  });

  test.each(['0', '2', 'x', ''])('refuses %j, or does nothing with it', (data) => {
    const { state, result, trace } = write(path, data);
    expect([state, resultWord(result)]).toEqual([kernel, data === '' ? 'ok' : 'EINVAL']);
    if (data !== '')
      expect(trace).toEqual([{ rule: 'drivers/pci/pci-sysfs.c:reset_store', text: 'expected 1', device: QAT.name }]);
  });
});
