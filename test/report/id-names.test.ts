import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { readIdList, section } from '../../src/report/id-list.ts';
import { namesFrom } from '../../src/report/id-names.ts';
import { className, loadPciNames } from '../../src/report/pci-names.ts';

const pci = Buffer.from(
  [
    '# comment',
    '0953  A vendor with the number of a device',
    '8086  Intel Corporation\x1b[2J',
    '\t0953  PCIe Data Center SSD',
    '# a comment in between',
    '\t\t8086 3702  DC P3700 SSD',
    '',
    '\t0954  Another',
    '9004  Ångström',
    'C 01  Mass storage controller',
    '\t08  Non-Volatile memory controller',
    '\t\t02  NVM Express',
    'C 02  Network controller',
    '\t08  Fabric controller',
  ].join('\n'),
).toString('latin1');
const nvme = parseAliases('').explain('pci:v00008086d00000953sv00008086sd00003702bc01sc08i02').fields;

test('namesFrom names vendor, device, subsystem and class of a PCI key', () => {
  expect(Object.fromEntries(namesFrom(pci, 'pci', nvme))).toEqual({
    v: 'Intel Corporation[2J',
    d: 'PCIe Data Center SSD',
    sv: 'Intel Corporation[2J',
    sd: 'DC P3700 SSD',
    bc: 'Mass storage controller',
    sc: 'Non-Volatile memory controller',
    i: 'NVM Express',
  });
  expect(namesFrom('', 'pci', nvme).size).toBe(0);
});

test('namesFrom names product and classes of a USB key', () => {
  const { fields } = parseAliases('').explain('usb:v0BDAp8153d3000dc00dsc00dp00ic02isc0Dip00in00');
  const list = '0bda  Realtek\n\t8153  RTL8153\nC 00  (Interface)\nC 02  Communications\n\t0d  Network Control Model\n';
  expect(Object.fromEntries(namesFrom(list, 'usb', fields))).toEqual({
    v: 'Realtek',
    p: 'RTL8153',
    dc: '(Interface)',
    ic: 'Communications',
    isc: 'Network Control Model',
  });
});

test('section finds the first line of a list, the last, and nothing else', () => {
  expect(section('8086  Intel', '8086')).toEqual({ name: 'Intel', below: '' });
  expect(section(pci, '9004')).toEqual({ name: 'Ångström', below: '' });
  expect(section(pci, '8086')?.below.split('\n').length).toBe(6);
  expect(section(section(pci, '8086')!.below, '0953', 1)?.below).toBe(
    '# a comment in between\n\t\t8086 3702  DC P3700 SSD\n\n',
  );
  expect(section(pci, '808')).toBeUndefined();
  expect(section(pci, '0954')).toBeUndefined();
});

test('loadPciNames reads the first list there is, and knows nothing without one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-ids-'));
  try {
    expect(readIdList('pci', [folder])).toBe('');
    expect(loadPciNames([folder]).device('8086', '0953')).toBeNull();
    writeFileSync(join(folder, 'pci.ids'), pci);
    const names = loadPciNames([join(folder, 'missing'), folder]);
    expect(names.device('8086', '0954')).toBe('Intel Corporation[2J Another');
    expect(names.device('8086', '3702')).toBe('Intel Corporation[2J');
    expect(names.device('ffff', '0953')).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('className falls back from base and sub class to the base class, then to the number', () => {
  expect([0x010802, 0x088000, 0x028000, 0xff0000].map(className)).toEqual([
    'NVMe controller',
    'system peripheral',
    'network controller',
    'class ff00',
  ]);
});
