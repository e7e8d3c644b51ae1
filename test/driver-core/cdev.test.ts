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
