import { expect, test } from 'vitest';
import { readCard } from '../../../src/vfio/sysfs/card.ts';
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
const read = (path: string) => readCard(machineRoot(machineOf(devices, { sysfsLinks })).roots.sysfs, path);

test('readCard finds the other functions of a slot, without bridges and virtual ones', () => {
  const { functions } = read(at('0000:01:00.0'));
  expect(functions.map(({ name, driver, group }) => [name, driver, group])).toEqual([
    ['0000:01:00.1', 'snd_hda_intel', '3'],
  ]);
  expect(read(at('0000:01:00.4')).functions).toEqual([]);
});

test('readCard reads how a function is reset, and knows where the kernel does not say or cannot', () => {
  expect(read(at('0000:01:00.0')).reset.methods).toEqual(['device_specific', 'flr', 'af_flr', 'pm', 'bus', 'cxl_bus']);
  expect(read(at('0000:01:00.1')).reset.methods).toEqual([]);
  expect(read(at('0000:01:01.0')).reset.methods).toBeNull();
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
