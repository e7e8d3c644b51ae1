import { expect, test } from 'vitest';
import { likenessOf, modaliasOfIds } from '../../src/lookup/likeness.ts';

test.each([
  ['0000:00:03.0', 'a PCI address', { device: { bus: 'pci', name: '0000:00:03.0' } }],
  ['3:1F.0', 'a PCI address', { device: { bus: 'pci', name: '03:1f.0' } }],
  ['10000:e1:00.0', 'a PCI address', { device: { bus: 'pci', name: '10000:e1:00.0' } }],
  ['1-1.2:1.0', 'a USB address', { device: { bus: 'usb', name: '1-1.2:1.0' } }],
  ['usb2', 'a USB address', { device: { bus: 'usb', name: 'usb2' } }],
  ['0000:00:03.8', 'the name of a device', { device: { name: '0000:00:03.8' } }],
  ['x'.repeat(64), 'the name of a device', { device: { name: 'x'.repeat(64) } }],
  ['usb:v046DpC52f*', 'a modalias with lower-case hexadecimal digits', { hint: 'write A to F in upper case' }],
  ['8086:10d3', 'a pair of ids', { ids: { vendor: '8086', device: '10d3' } }],
  ['0x8086:0x10d3', 'a pair of ids', { ids: { vendor: '8086', device: '10d3' } }],
  ['8086 10d3', 'a pair of ids', { ids: { vendor: '8086', device: '10d3' } }],
  ['PCI:v00008086d000010D3', 'a modalias with an upper-case bus', { hint: 'write pci:' }],
  ['[8086:10D3]', 'a pair of ids', { ids: { vendor: '8086', device: '10D3' } }],
  ['usb:046d:c52b', 'a pair of ids', { ids: { bus: 'usb', vendor: '046d', device: 'c52b' } }],
  [
    '00:03.0 Ethernet controller [0200]: Intel Corporation 82574L Gigabit Network Connection [8086:10d3] (rev 02)',
    'a line of lspci -nn',
    { device: { bus: 'pci', name: '00:03.0' }, ids: { bus: 'pci', vendor: '8086', device: '10d3', class: '0200' } },
  ],
  [
    '0000:00:03.0 0200: 8086:10d3 (rev 02)',
    'a line of lspci -n',
    {
      device: { bus: 'pci', name: '0000:00:03.0' },
      ids: { bus: 'pci', vendor: '8086', device: '10d3', class: '0200' },
    },
  ],
  ['00:03.0 Ethernet controller: Intel', 'a line of lspci', { device: { bus: 'pci', name: '00:03.0' } }],
  [
    'Bus 001 Device 004: ID 046d:c52b Logitech, Inc. Unifying Receiver',
    'a line of lsusb',
    { usb: { busnum: 1, devnum: 4 }, ids: { bus: 'usb', vendor: '046d', device: 'c52b' } },
  ],
  ['ID 046d:c52b Logitech', 'a part of a line of lsusb', { ids: { bus: 'usb', vendor: '046d', device: 'c52b' } }],
  [
    '\tSubsystem: Dell Device [1028:06b9]',
    'the Subsystem line of lspci -nn',
    { hint: expect.stringContaining('above') },
  ],
  ['8086:10D3:1028:06b9', 'the four ids of a PCI device', { ids: { bus: 'pci', vendor: '8086', device: '10D3' } }],
  ['"pci:v1"', 'in quotes', { modalias: 'pci:v1' }],
  [' 0000:00:03.0\n', 'a PCI address', { device: { bus: 'pci', name: '0000:00:03.0' } }],
  [' e1000e ', 'a modalias with blanks around it', { modalias: 'e1000e' }],
  ['MODALIAS=pci:v1', 'a line of uevent or udevadm', { modalias: 'pci:v1' }],
  ['E: MODALIAS=pci:v1', 'a line of uevent or udevadm', { modalias: 'pci:v1' }],
  [' pci:v1\t', 'a modalias with blanks around it', { modalias: 'pci:v1' }],
  ['alias pci:v* e1000e', 'a line of modules.alias', { hint: expect.stringContaining('e1000e') }],
  ['a/e1000e.ko.xz', 'a module file', { hint: expect.stringContaining('e1000e') }],
  ['/sys/class/net/eth0', 'a path', { device: { path: '/sys/class/net/eth0' } }],
  ['devices/pci0000:00', 'a path', { device: { path: 'devices/pci0000:00' } }],
  ['pci:v00008086d000010d3sv00008086', 'a modalias with lower-case hexadecimal digits', { hint: expect.any(String) }],
  ['usb:v046dpC52B', 'a modalias with lower-case hexadecimal digits', { hint: expect.any(String) }],
  ['INT33A1:00', 'the name of a device', { device: { name: 'INT33A1:00' } }],
  ['serial8250', 'the name of a device', { device: { name: 'serial8250' } }],
])('likenessOf takes %j for %s', (text, what, rest) => {
  expect(likenessOf(text)).toEqual({ what, ...rest });
});

test.each([
  '',
  'x',
  'none:x',
  'platform:serial8250',
  'acpi:PNP0C0A:',
  'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00',
  'usb:v046DpC52Bd1201dc00dsc00dp00ic03isc01ip01in00',
  'of:NethernetT(null)Cbrcm,genet-v5',
  'symbol:printk',
])('likenessOf says nothing of %j, which may well be what it was asked for', (text) => {
  expect(likenessOf(text)).toBeUndefined();
});

test('likenessOf leaves alone in no time what is longer than any line that is pasted', () => {
  for (const text of [`a${' '.repeat(500_000)}b`, `00:03.0 ${'[0200]: '.repeat(60_000)}`])
    expect(likenessOf(text)).toBeUndefined();
});

test('modaliasOfIds leaves open what ids do not tell, and gives the class that lspci prints', () => {
  const ids = { vendor: '8086', device: '10d3' };
  expect(modaliasOfIds(ids, 'pci')).toBe('pci:v00008086d000010D3sv*sd*bc*sc*i*');
  expect(modaliasOfIds({ ...ids, class: '0200' }, 'pci')).toBe('pci:v00008086d000010D3sv*sd*bc02sc00i*');
  expect(modaliasOfIds({ ...ids, class: 'c0fe' }, 'pci')).toBe('pci:v00008086d000010D3sv*sd*bcC0scFEi*');
  expect(modaliasOfIds(ids, 'usb')).toBe('usb:v8086p10D3d*dc*dsc*dp*ic*isc*ip*in*');
});

test('likenessOf says nothing of a text of more than 1,024 characters', () => {
  const path = (length: number) => `/sys/${'x'.repeat(length - 5)}`;
  expect(likenessOf(path(1024))).toEqual({ what: 'a path', device: { path: path(1024) } });
  expect(likenessOf(path(1025))).toBeUndefined();
});

test('likenessOf takes no text of more than 64 characters for the name of a device', () => {
  expect(likenessOf('x'.repeat(65))).toBeUndefined();
});
