import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { idList, installedIdList } from '../../src/report/id-list.ts';
import { namesFrom } from '../../src/report/id-names.ts';
import { className } from '../../src/report/pci-classes.ts';

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
const list = (text: string) => idList(() => text);
const nvme = parseAliases('').explain('pci:v00008086d00000953sv00008086sd00003702bc01sc08i02').fields;

test('namesFrom names vendor, device, subsystem and class of a PCI key', () => {
  expect(Object.fromEntries(namesFrom(list(pci), 'pci', nvme))).toEqual({
    v: 'Intel Corporation[2J',
    d: 'PCIe Data Center SSD',
    sv: 'Intel Corporation[2J',
    sd: 'DC P3700 SSD',
    bc: 'Mass storage controller',
    sc: 'Non-Volatile memory controller',
    i: 'NVM Express',
  });
  expect(namesFrom(list(''), 'pci', nvme).size).toBe(0);
});

test('namesFrom names product and classes of a USB key', () => {
  const { fields } = parseAliases('').explain('usb:v0BDAp8153d3000dc00dsc00dp00ic02isc0Dip00in00');
  const text = '0bda  Realtek\n\t8153  RTL8153\nC 00  (Interface)\nC 02  Communications\n\t0d  Network Control Model\n';
  expect(Object.fromEntries(namesFrom(list(text), 'usb', fields))).toEqual({
    v: 'Realtek',
    p: 'RTL8153',
    dc: '(Interface)',
    ic: 'Communications',
    isc: 'Network Control Model',
  });
});

test('idList finds the first line of a list, the last, and nothing else', () => {
  expect(list('8086  Intel').names('8086')).toEqual(['Intel']);
  expect(list(pci).names('9004')).toEqual(['Ångström']);
  expect(list(pci).names('8086', '0953', '8086 3702')).toEqual([
    'Intel Corporation[2J',
    'PCIe Data Center SSD',
    'DC P3700 SSD',
  ]);
  expect(list(pci).names('8086', '0955', '8086 3702')).toEqual(['Intel Corporation[2J']);
  expect(list(pci).names('C 02', '08', '02')).toEqual(['Network controller', 'Fabric controller']);
  for (const id of ['808', '0954']) expect(list(pci).names(id)).toEqual([]);
});

test('idList takes the first of two entries of a number, as lspci does', () => {
  const twice = list('8086  One\n\t0001  First\n8086  Two\n\t0001  Second\n9004  Last\n');
  expect(twice.names('9004')).toEqual(['Last']);
  expect(twice.names('8086', '0001')).toEqual(['One', 'First']);
  expect(list('9004  Last\n8086  One\n\t0001  First\n\t0001  Second\n').names('8086', '0001')).toEqual([
    'One',
    'First',
  ]);
});

test('idList reads its text once, when it is first asked', () => {
  let reads = 0;
  const names = idList(() => {
    reads++;
    return pci;
  });
  expect(reads).toBe(0);
  names.names('8086');
  names.names('9004');
  expect(reads).toBe(1);
});

test('installedIdList reads the first list there is, and knows nothing without one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-ids-'));
  try {
    expect(installedIdList('pci', [folder]).names('8086', '0953')).toEqual([]);
    writeFileSync(join(folder, 'pci.ids'), pci);
    const names = installedIdList('pci', [join(folder, 'missing'), folder]);
    expect(names.names('8086', '0954')).toEqual(['Intel Corporation[2J', 'Another']);
    expect(names.names('ffff', '0953')).toEqual([]);
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
