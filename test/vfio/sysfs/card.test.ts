import { expect, test } from 'vitest';
import { readCard } from '../../../src/vfio/sysfs/card.ts';
import type { DeviceDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';
import { machineOf, pci } from '../plan/planned.ts';

const PORT = 'pci0000:00/0000:00:01.0';
const at = (name: string) => `devices/${PORT}/${name}`;
const devices = [
  pci(PORT, '060400'),
  pci(`${PORT}/0000:01:00.0`, '030000', { attributes: { reset_method: 'device_specific flr af_flr pm bus cxl_bus' } }),
  pci(`${PORT}/0000:01:00.1`, '040300', { driver: 'snd_hda_intel', group: '3', attributes: { reset_method: '' } }),
  pci(`${PORT}/0000:01:00.7`, '060100'),
  pci(`${PORT}/0000:01:00.4`, '030000'),
  pci(`${PORT}/0000:01:01.0`, '020000'),
  pci('pci0000:00/0000:00:02.0', '030000'),
  pci('pci0000:00/0000:00:02.1', '038000'),
];
const sysfsLinks = { [`${at('0000:01:00.4')}/physfn`]: '../0000:01:00.0' };
const readOf = (all: readonly DeviceDescription[], path: string) =>
  readCard(machineRoot(machineOf(all, { sysfsLinks })).roots.sysfs, path);
const read = (path: string) => readOf(devices, path);

test('readCard finds the other functions of a slot, without bridges and virtual ones', () => {
  const { functions } = read(at('0000:01:00.0'));
  expect(functions.map(({ name, driver, group }) => [name, driver, group])).toEqual([
    ['0000:01:00.1', 'snd_hda_intel', '3'],
  ]);
  expect(read(at('0000:01:00.4')).functions).toEqual([]);
});

test('readCard reads how a function is reset: one that cannot be has no file, or an empty one', () => {
  expect(read(at('0000:01:00.0')).reset.methods).toEqual(['device_specific', 'flr', 'af_flr', 'pm', 'bus', 'cxl_bus']);
  expect(read(at('0000:01:00.1')).reset.methods).toEqual([]);
  expect(read(at('0000:01:01.0')).reset.methods).toEqual([]);
});

test('readCard does not know how a function is reset by a kernel before 5.15, which shows only whether it can be', () => {
  const methods = (reset: boolean) =>
    readOf(
      [
        pci(`${PORT}/0000:01:00.0`, '030000', { attributes: reset ? { reset: '' } : {} }),
        pci(`${PORT}/0000:01:00.1`, '040300', { attributes: { reset: '' } }),
      ],
      at('0000:01:00.0'),
    ).reset.methods;
  expect(methods(true)).toBeNull();
  expect(methods(false)).toEqual([]);
});

test('readCard does not know how a function is reset where a copy of a sysfs shows it of none', () => {
  const bare = devices.map(({ attributes: { reset_method: _, ...attributes } = {}, ...device }) => ({
    ...device,
    attributes,
  }));
  expect(readOf(bare, at('0000:01:00.0')).reset.methods).toBeNull();
});

test('readCard finds what a reset of the bus reaches: all on it, and nothing on a root bus', () => {
  expect(read(at('0000:01:01.0')).reset.reaches).toEqual([
    '0000:01:00.0',
    '0000:01:00.1',
    '0000:01:00.4',
    '0000:01:00.7',
  ]);
  expect(read('devices/pci0000:00/0000:00:02.0').reset.reaches).toEqual([]);
});
