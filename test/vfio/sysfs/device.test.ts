import { expect, test } from 'vitest';
import { type GroupMember, isUnbinding, pciBridge, readDevice } from '../../../src/vfio/sysfs/device.ts';
import { machineRoot } from '../machine-root.ts';

const member = (code: number | null, bus = 'pci'): GroupMember => {
  return { name: 'x', bus, path: 'devices/x', modalias: null, driver: null, group: null, class: code };
};

test.each<[code: number | null, bus: string, kind: string]>([
  [0x060000, 'pci', 'host'],
  [0x060100, 'pci', 'host'],
  [0x060400, 'pci', 'bus'],
  [0x060401, 'pci', 'bus'],
  [0x060700, 'pci', 'bus'],
  [0x060940, 'pci', 'bus'],
  [0x060a00, 'pci', 'host'],
  [0x068000, 'pci', 'host'],
  [0x050400, 'pci', 'none'],
  [null, 'pci', 'none'],
  [0x060400, 'platform', 'none'],
])('pciBridge of class %s on %s is %s', (code, bus, kind) => {
  expect(pciBridge(member(code, bus))).toBe(kind);
});

test('readDevice takes modaliases that a kernel can show: one line of at most 4,095 printable characters', () => {
  const modalias = (text: string, name = 'modalias') => {
    const device = { path: 'x/one', bus: 'amba', attributes: { [name]: text } };
    const { roots } = machineRoot({ version: 1, name: 'one', release: '6.12.0', drivers: {}, devices: [device] });
    return readDevice(roots.sysfs, 'devices/x/one').modalias;
  };
  const longest = 'x'.repeat(4095);
  expect(modalias(longest)).toBe(longest);
  for (const bad of [`${longest}x`, '', 'a\tb', 'caf\xe9']) expect(modalias(bad)).toBeNull();
  expect(modalias('DRIVER=x\nMODALIAS=amba:d00041000', 'uevent')).toBe('amba:d00041000');
  expect(modalias('XMODALIAS=amba:d00041000', 'uevent')).toBeNull();
});

test('readDevice reads the override, but of a device whose unbind waits: no driver any more, and VFIO has it still', () => {
  const read = (override: string, driver?: string, vfio = false) => {
    const at = 'x/one';
    const { roots } = machineRoot({
      version: 1,
      name: 'one',
      release: '6.12.0',
      drivers: { pci: { 'vfio-pci': null } },
      devices: [{ path: at, bus: 'pci', ...(driver === undefined ? {} : { driver }) }],
      sysfs: {
        [`devices/${at}/driver_override`]: override,
        ...(vfio ? { [`devices/${at}/vfio-dev/vfio0/uevent`]: '' } : {}),
      },
    });
    const path = `devices/${at}`;
    return [isUnbinding(roots.sysfs, path), readDevice(roots.sysfs, path).override];
  };
  expect(read('vfio-pci\n', 'vfio-pci', true)).toEqual([false, 'vfio-pci']);
  expect(read('vfio-pci\n', undefined, true)).toEqual([true, undefined]);
  expect(read('vfio-pci\n')).toEqual([false, 'vfio-pci']);
  for (const none of ['(null)\n', '\n', '']) expect(read(none)).toEqual([false, null]);
});
