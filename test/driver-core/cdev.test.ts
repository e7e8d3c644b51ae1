import { expect, test } from 'vitest';
import {
  type Device,
  deviceId,
  type KernelEvent,
  type KernelState,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';

const A = '0000:01:00.0';
const B = '0000:01:00.1';
const native = makeDriver('pci', 'e1000e', { module: 'e1000e', ids: [deviceId(0x8086, 0x10d3)] });
const vfio = makeDriver('pci', 'vfio-pci');

/** Two functions of one group. */
function kernel(drivers: readonly [Device['driver'], Device['driver']], release = '6.12', direct = false): KernelState {
  return makeKernel(release, {
    buses: [{ name: 'pci', autoprobe: true }],
    modules: [{ name: 'vfio_pci', loaded: true, depends: [], drivers: [vfio] }],
    drivers: [native, vfio],
    devices: [A, B].map((name, i) =>
      makeDevice('pci', name, { pci: pciFacts(0x8086, 0x10d3), group: '7', driver: drivers[i]! }),
    ),
    groups: [{ id: '7', bus: 'pci', type: 'DMA', direct, file: null }],
    evidence: [A, B].map((device) => ({ bus: 'pci', driver: 'e1000e', device, probe: 'ok' })),
  });
}

const open = (device = A, by = 'qemu'): KernelEvent => ({ kind: 'openCdev', device, by });
const claim = (device = A, by = 'qemu'): KernelEvent => ({ kind: 'bindIommufd', device, by });
const close = (device = A, by = 'qemu'): KernelEvent => ({ kind: 'closeCdev', device, by });
const write = (path: string, data: string): KernelEvent => ({ kind: 'write', path: `bus/pci/${path}`, data });
const openGroup: KernelEvent = { kind: 'open', group: '7', by: 'another' };

/** The results of events, one after the other. */
function results(start: KernelState, ...events: KernelEvent[]): string[] {
  let state = start;
  return events.map((event) => {
    const done = step(state, event);
    state = done.state;
    return resultWord(done.result);
  });
}

const VFIO: ['vfio-pci', 'vfio-pci'] = ['vfio-pci', 'vfio-pci'];

test.each<[string, KernelState, KernelEvent[], string[]]>([
  ['both functions by one process', kernel(VFIO), [open(), claim(), open(B), claim(B)], ['ok', 'ok', 'ok', 'ok']],
  ['another process', kernel(VFIO), [open(), claim(), open(B, 'x'), claim(B, 'x')], ['ok', 'ok', 'ok', 'EPERM']],
  ['a device that is open', kernel(VFIO), [open(), claim(), open(A, 'x'), claim(A, 'x')], ['ok', 'ok', 'ok', 'EINVAL']],
  ['twice', kernel(VFIO), [open(), claim(), claim()], ['ok', 'ok', 'EINVAL']],
  ['without opening it', kernel(VFIO), [claim()], ['EBADF']],
  [
    'after closing it',
    kernel(VFIO),
    [open(), claim(), close(), claim(), close()],
    ['ok', 'ok', 'ok', 'EBADF', 'EBADF'],
  ],
  ['a native driver beside it', kernel(['vfio-pci', 'e1000e']), [open(), claim()], ['ok', 'EPERM']],
  ['none beside it', kernel(['vfio-pci', null]), [open(), claim()], ['ok', 'ok']],
  [
    'a driver that is not known beside it',
    kernel(['vfio-pci', { oneOf: ['e1000e', null] }]),
    [open(), claim()],
    ['ok', 'unknown'],
  ],
  ['a direct region', kernel(VFIO, '6.12', true), [open(), claim()], ['ok', 'EINVAL']],
  ['no VFIO driver', kernel([null, null]), [open()], ['ENOENT']],
  ['perhaps no VFIO driver', kernel([{ oneOf: ['vfio-pci', null] }, null]), [open()], ['unknown']],
  ['a kernel without such files', kernel(VFIO, '6.1'), [open()], ['ENOENT']],
  ['the group opened before', kernel(VFIO), [openGroup, open(), claim()], ['ok', 'ok', 'EBUSY']],
  ['the group opened after', kernel(VFIO), [open(), openGroup, claim()], ['ok', 'ok', 'EBUSY']],
  ['the group opened once it is claimed', kernel(VFIO), [open(), claim(), openGroup], ['ok', 'ok', 'EBUSY']],
])('bindIommufd: %s', (_, start, events, expected) => {
  expect(results(start, ...events)).toEqual(expected);
});

test('bindIommufd: native drivers are refused the rest of the group, until it is closed', () => {
  const start = kernel(['vfio-pci', null]);
  const bind = write('drivers/e1000e/bind', B);
  expect(results(start, open(), bind)).toEqual(['ok', 'ok']);
  expect(results(start, open(), claim(), bind, close(), bind)).toEqual(['ok', 'ok', 'EBUSY', 'ok', 'ok']);
  const type: KernelEvent = { kind: 'write', path: 'kernel/iommu_groups/7/type', data: 'identity' };
  expect(results(start, open(), claim(), type)).toEqual(['ok', 'ok', 'EPERM']);
});

test('openCdev: the driver cannot let go of the device before the file is closed', () => {
  const start = kernel(VFIO);
  const unbind = write('drivers/vfio-pci/unbind', A);
  const waiting = [open(), unbind].reduce((state, event) => step(state, event).state, start);
  expect(results(start, open(), unbind)).toEqual(['ok', 'blocks']);
  expect(waiting.devices[0]!.driver).toBe('vfio-pci');
  const closed = step(waiting, close());
  expect([closed.state.devices[0]!.driver, closed.state.waiting]).toEqual([null, []]);
  const two = step(waiting, open(A, 'x')).state;
  expect(step(two, close()).state.waiting.length).toBe(1);
});

test('unloadModule: a claimed device keeps its module, one that is only open has it wait', () => {
  const unload: KernelEvent = { kind: 'unload', module: 'vfio_pci' };
  expect(results(kernel(VFIO), open(), claim(), unload)).toEqual(['ok', 'ok', 'EAGAIN']);
  expect(results(kernel(VFIO), open(), unload)).toEqual(['ok', 'blocks']);
});

test('openCdev: everything about it is marked as read in the source', () => {
  const opened = step(kernel(VFIO), open());
  const claimed = step(opened.state, claim());
  const closed = step(claimed.state, close());
  for (const { trace } of [opened, claimed, closed]) expect(trace.every(({ fromSource }) => fromSource)).toBe(true);
});

const NONE: readonly [null, null] = [null, null];
const CDEV = 'drivers/vfio/device_cdev.c:';

test.each<[string, KernelState, KernelEvent[], string, string]>([
  [
    'no such files',
    kernel(VFIO, '6.1'),
    [open()],
    `${CDEV}vfio_device_fops_cdev_open`,
    'this kernel has no files of devices',
  ],
  ['no driver', kernel(NONE), [open()], `${CDEV}vfio_device_fops_cdev_open`, 'it is not bound to a VFIO driver'],
  ['no device', kernel(VFIO), [open('x')], `${CDEV}vfio_device_fops_cdev_open`, 'it is not bound to a VFIO driver'],
  [
    'a driver that is not known',
    kernel(['nobody', null]),
    [open()],
    `${CDEV}vfio_device_fops_cdev_open`,
    'it is not bound to a VFIO driver',
  ],
  [
    'a native driver',
    kernel(['e1000e', null]),
    [open()],
    `${CDEV}vfio_device_fops_cdev_open`,
    'it is not bound to a VFIO driver',
  ],
  [
    'one of two',
    kernel([{ oneOf: ['vfio-pci', null] }, null]),
    [open()],
    `${CDEV}vfio_device_fops_cdev_open`,
    'not known',
  ],
  ['a file', kernel(VFIO), [open()], `${CDEV}vfio_device_fops_cdev_open`, 'opened'],
  ['not opened', kernel(VFIO), [claim()], `${CDEV}vfio_df_ioctl_bind_iommufd`, 'qemu has not opened it'],
  [
    'opened by another',
    kernel(VFIO),
    [open(A, 'x'), claim()],
    `${CDEV}vfio_df_ioctl_bind_iommufd`,
    'qemu has not opened it',
  ],
  ['another opened', kernel(VFIO), [open(B), claim()], `${CDEV}vfio_df_ioctl_bind_iommufd`, 'qemu has not opened it'],
  [
    'the group is open',
    kernel(VFIO),
    [openGroup, open(), claim()],
    'drivers/vfio/group.c:vfio_device_block_group',
    'another has the group open',
  ],
  [
    'claimed twice',
    kernel(VFIO),
    [open(), claim(), claim()],
    'drivers/vfio/vfio_main.c:vfio_df_open',
    'it is open already',
  ],
  [
    'claimed by another',
    kernel(VFIO),
    [open(), claim(), open(B, 'x'), claim(B, 'x')],
    'drivers/iommu/iommu.c:iommu_device_claim_dma_owner',
    "the group's DMA belongs to qemu",
  ],
  [
    'the host beside it',
    kernel(['vfio-pci', 'e1000e']),
    [open(), claim()],
    'drivers/iommu/iommu.c:iommu_device_claim_dma_owner',
    `${B} has a driver of the host`,
  ],
  [
    'a direct region',
    kernel(VFIO, '6.12', true),
    [open(), claim()],
    'drivers/iommu/iommu.c:__iommu_device_set_domain',
    'a direct region',
  ],
  [
    'claimed',
    kernel(VFIO),
    [open(), claim()],
    'drivers/iommu/iommu.c:iommu_device_claim_dma_owner',
    "the group's DMA belongs to qemu",
  ],
  ['not held', kernel(VFIO), [close()], 'drivers/vfio/vfio_main.c:vfio_device_fops_release', 'qemu has not opened it'],
  ['closed', kernel(VFIO), [open(), close()], 'drivers/vfio/vfio_main.c:vfio_device_fops_release', 'closed'],
])('openCdev, bindIommufd, closeCdev: say what the kernel did and where: %s', (_, start, events, rule, text) => {
  const before = events.slice(0, -1).reduce((state, event) => step(state, event).state, start);
  const { trace } = step(before, events.at(-1)!);
  const { device } = events.at(-1) as { device: string };
  expect(trace).toEqual([{ rule, text, device, fromSource: true }]);
});

test('openCdev: a device without a group, and one that was removed', () => {
  const start = kernel(VFIO);
  const [first, second] = start.devices;
  const lone = step({ ...start, devices: [{ ...first!, group: null }, second!] }, open());
  expect(lone.result).toMatchObject({ kind: 'unknown', why: 'what a device without a group does' });
  expect(lone.trace[0]!.text).toBe('it has no group');
  const gone = { ...start, devices: [{ ...first!, present: false }, second!] };
  expect(results(gone, open(), open(B))).toEqual(['ENOENT', 'ok']);
  const perhaps = step(kernel([{ oneOf: ['vfio-pci', null] }, null]), open());
  expect(perhaps.result).toMatchObject({ kind: 'unknown', why: `what ${A} is bound to is not known` });
});

test('bindIommufd, closeCdev: each holder and each device has files of its own', () => {
  const events = [open(B, 'x'), open(), open(B), claim()];
  const claimed = events.reduce((state, event) => step(state, event).state, kernel(VFIO));
  const files = (state: KernelState) => state.deviceFiles!.map(({ device, by, bound }) => `${device} ${by} ${bound}`);
  expect(files(claimed)).toEqual([`${B} x false`, `${A} qemu true`, `${B} qemu false`]);
  expect(files(step(claimed, claim(B)).state)).toEqual([`${B} x false`, `${A} qemu true`, `${B} qemu true`]);
  expect(files(step(claimed, close(B)).state)).toEqual([`${B} x false`, `${A} qemu true`]);
  expect(files(step(claimed, close(B, 'x')).state)).toEqual([`${A} qemu true`, `${B} qemu false`]);
});

test('bindIommufd: a driver of the host that is certain is named before one that is not', () => {
  const start = kernel([{ oneOf: ['e1000e', null] }, 'e1000e']);
  const third = makeDevice('pci', '0000:01:00.2', { group: '7', driver: 'vfio-pci' });
  const opened = step({ ...start, devices: [...start.devices, third] }, open(third.name));
  const { result, trace } = step(opened.state, claim(third.name));
  expect([resultWord(result), trace[0]!.text]).toEqual(['EPERM', `${B} has a driver of the host`]);
});

test('closeCdev: an unbind of another device still waits', () => {
  const unbinds = [A, B].map((name) => write('drivers/vfio-pci/unbind', name));
  const events = [open(), open(B, 'x'), ...unbinds];
  const waiting = events.reduce((state, event) => step(state, event).state, kernel(VFIO));
  const { state, trace } = step(waiting, close());
  expect(state.devices.map(({ driver }) => driver)).toEqual([null, 'vfio-pci']);
  expect(state.waiting.length).toBe(1);
  expect(trace[0]).toMatchObject({ text: 'closed', device: A });
});
