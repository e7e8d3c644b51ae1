import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDeviceNames } from '../../src/report/device-names.ts';
import { hwdbNames } from '../../src/report/hwdb.ts';

let dir: string;
const put = (name: string, text: string) => writeFileSync(join(dir, name), text);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'names-'));
  for (const folder of ['ids', 'hwdb']) mkdirSync(join(dir, folder));
  put('ids/pci.ids', '8086  Intel Corporation\n\t10d3  82574L Gigabit Network Connection\n');
  put('ids/usb.ids', '0499  Yamaha Corp.\n');
  const entry = (match: string, name: string, what: string) => `${match}\n ID_${what}_FROM_DATABASE=${name}\n\n`;
  const both = (vendor: string, device: string, names: readonly [string, string]) =>
    entry(vendor, names[0], 'VENDOR') + entry(device, names[1], 'MODEL');
  put('hwdb/20-pci-vendor-model.hwdb', both('pci:v00008086*', 'pci:v00008086d000010D3*', ['Intel by hwdb', '82574L']));
  put('hwdb/20-usb-vendor-model.hwdb', both('usb:v1D6B*', 'usb:v1D6Bp0104*', ['Linux Foundation', 'Gadget']));
  put('hwdb/20-sdio-vendor-model.hwdb', both('sdio:c*v0271*', 'sdio:c*v0271d0419*', ['Atheros', 'AR6004']));
  put(
    'hwdb/20-acpi-vendor.hwdb',
    entry('acpi:INT*:', 'Interphase', 'VENDOR') + entry('acpi:INTC*:', 'Intel', 'VENDOR'),
  );
});
afterAll(() => rmSync(dir, { recursive: true }));

const installed = () => loadDeviceNames({ ids: [join(dir, 'ids')], hwdb: [join(dir, 'missing'), join(dir, 'hwdb')] });

test.each([
  ['pci:v00008086d000010D3sv*sd*bc*sc*i*', 'Intel Corporation', '82574L Gigabit Network Connection'],
  ['pci:v00008086d0000FFFFsv*sd*bc*sc*i*', 'Intel Corporation', null],
  ['vfio_pci:v00008086d000010D3sv*sd*bc*sc*i*', 'Intel Corporation', '82574L Gigabit Network Connection'],
  ['pci:v*d*sv*sd*bc01sc06i01*', null, null],
  ['usb:v0499p1000d*dc*dsc*dp*ic*isc*ip*in*', 'Yamaha Corp.', null],
  ['usb:v1D6Bp0104d*dc*dsc*dp*ic*isc*ip*in*', 'Linux Foundation', 'Gadget'],
  ['hid:b0003g*v00001D6Bp00000104', 'Linux Foundation', 'Gadget'],
  ['sdio:c*v0271d0419*', 'Atheros', 'AR6004'],
  ['acpi*:INT33A1:*', 'Interphase', null],
  ['acpi*:INTC1001:*', 'Intel', null],
  ['pnp:dINT33A1*', 'Interphase', null],
  ['acpi*:INT33A1FF:*', null, null],
  ['of:N*T*Cfsl,imx8', null, null],
  ['crypto_drbg', null, null],
])('loadDeviceNames: %s', (pattern, vendor, device) => {
  expect(installed()(pattern)).toEqual({ vendor, device });
});

test('loadDeviceNames: without pci.ids names come from hwdb, and without either there are none', () => {
  const pattern = 'pci:v00008086d000010D3sv*sd*bc*sc*i*';
  expect(loadDeviceNames({ ids: [], hwdb: [join(dir, 'hwdb')] })(pattern)).toEqual({
    vendor: 'Intel by hwdb',
    device: '82574L',
  });
  expect(loadDeviceNames({ ids: [], hwdb: [] })(pattern)).toEqual({ vendor: null, device: null });
});

test('hwdbNames: several matches share what follows, comments and other properties are skipped', () => {
  const text = `# comment
usb:v0001*
usb:v0002*
# between
 ID_USB_CLASS_FROM_DATABASE=Hub
 ID_VENDOR_FROM_DATABASE=B\u00c3\u00a4r\u001b[31m
usb:v0003*
 ID_VENDOR_FROM_DATABASE=Next`;
  expect([...hwdbNames(text)]).toEqual([
    ['usb:v0001*', 'Bär[31m'],
    ['usb:v0002*', 'Bär[31m'],
    ['usb:v0003*', 'Next'],
  ]);
});
