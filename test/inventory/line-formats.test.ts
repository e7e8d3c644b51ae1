import { expect, test } from 'vitest';
import { DeviceLines } from '../../src/inventory/device-lines.ts';
import { INVENTORY_PROGRAMS, modaliasOfLine } from '../../src/inventory/line-formats.ts';

/** What each program prints of a device, and the device. */
const SAMPLES: Readonly<Record<string, readonly [text: string, modalias: string]>> = {
  'lspci -vmmn': [
    'Slot:\t01:00.0\nClass:\t0200\nVendor:\t8086\nDevice:\t10d3\nProgIf:\t00\n\n',
    'pci:v00008086d000010D3sv*sd*bc02sc00i00',
  ],
  'lspci -nmm': [
    '01:00.0 "0200" "8086" "10d3" -p00 "8086" "a01f"\n',
    'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00',
  ],
  lsusb: [
    'Bus 001 Device 002: ID 1d6b:0002 Linux Foundation 2.0 root hub\n',
    'usb:v1D6Bp0002d*dc*dsc*dp*ic*isc*ip*in*',
  ],
  'udevadm info -e': ['P: /devices/x\nE: MODALIAS=virtio:d00000001v00001AF4\n\n', 'virtio:d00000001v00001AF4'],
};

test('INVENTORY_PROGRAMS: what each of them prints is read', () => {
  expect(Object.keys(SAMPLES)).toEqual(INVENTORY_PROGRAMS);
  for (const [text, modalias] of Object.values(SAMPLES)) {
    const found: string[] = [];
    const lines = new DeviceLines({
      device: (one) => found.push(one.modalias),
      unread: ({ text }) => found.push(text),
    });
    for (const line of text.split('\n')) lines.add(line);
    lines.finish();
    expect(found).toEqual([modalias]);
  }
});

test('modaliasOfLine knows no device in a line of anything else', () => {
  for (const line of ['', 'what?', '1af4:1000', 'Slot:\t01:00.0']) expect(modaliasOfLine(line)).toBeUndefined();
});
