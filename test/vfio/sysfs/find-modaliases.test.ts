import { expect, test } from 'vitest';
import {
  deviceNames,
  devicesNamed,
  devicesWithIds,
  idsAt,
  modaliasesAt,
  placeOf,
  usbDevice,
} from '../../../src/vfio/sysfs/find-modaliases.ts';
import { machineRoot } from '../machine-root.ts';

const NIC = 'pci0000:00/0000:01:00.0';
const FAR = 'pci0001:00/0001:01:00.0';
const HUB = 'pci0000:00/0000:00:14.0/usb1/1-1';

function machine() {
  const usb = (path: string, attributes: Readonly<Record<string, string>>) => ({ path, bus: 'usb', attributes });
  return machineRoot({
    version: 1,
    name: 'found',
    release: '6.12.0',
    drivers: {},
    devices: [
      { path: NIC, bus: 'pci', attributes: { modalias: 'pci:nic', vendor: '0x8086', device: '0x10d3' } },
      { path: FAR, bus: 'pci', attributes: { modalias: 'pci:far', vendor: '0x8086', device: '0x10d4' } },
      { path: 'platform/0000:01:00.0', bus: 'platform', attributes: { modalias: 'platform:x' } },
      usb(HUB, { idVendor: '046d', idProduct: 'c52b', busnum: '1', devnum: '2' }),
      usb(`${HUB}/1-1:1.0`, { modalias: 'usb:first' }),
      usb(`${HUB}/1-1:1.1`, { modalias: 'usb:second' }),
      // It hangs on the hub, and is no interface of it.
      usb(`${HUB}/1-1.2`, { idVendor: '046d', idProduct: '0001', busnum: '1', devnum: '3', modalias: 'usb:other' }),
      { path: `${NIC}/net/eth0`, bus: 'class/net', attributes: {} },
    ],
  }).roots.sysfs;
}

test('modaliasesAt gives those of the nearest device, of a USB device those of its interfaces', () => {
  const sysfs = machine();
  const found = (path: string) => modaliasesAt(sysfs, `devices/${path}`);
  expect(found(`${NIC}/net/eth0`)).toEqual({ path: `devices/${NIC}`, modaliases: ['pci:nic'] });
  expect(found(HUB)).toEqual({ path: `devices/${HUB}`, modaliases: ['usb:first', 'usb:second'] });
  expect(found(`${HUB}/1-1:1.1`)).toEqual({ path: `devices/${HUB}/1-1:1.1`, modaliases: ['usb:second'] });
  expect(found('pci0000:00')).toBeUndefined();
  expect(modaliasesAt(sysfs, 'devices')).toBeUndefined();
});

test('placeOf takes paths below the root, written as /sys or without either', () => {
  const sysfs = machine();
  for (const start of ['/sys/', '/', '', `${sysfs.root}/`])
    expect(placeOf(sysfs, `${start}bus/pci/devices/0000:01:00.0`)).toBe(`devices/${NIC}`);
  expect(placeOf(sysfs, '/sys/bus/pci/devices/0000:09:00.0')).toBeUndefined();
});

test('devicesNamed finds a name on one bus or on any, and a PCI address without its domain in all domains', () => {
  const names = deviceNames(machine());
  const places = (name: string, bus?: string) => devicesNamed(names, name, bus).toSorted();
  const [nic, far] = ['bus/pci/devices/0000:01:00.0', 'bus/pci/devices/0001:01:00.0'];
  expect(places('0000:01:00.0')).toEqual([nic, 'bus/platform/devices/0000:01:00.0']);
  expect(places('0000:01:00.0', 'pci')).toEqual([nic]);
  expect(places('01:00.0', 'pci')).toEqual([nic, far]);
  expect(places('01:00.0')).toEqual([]);
  expect(places('01:00.0', 'platform')).toEqual([]);
  expect(places('0002:01:00.0', 'pci')).toEqual([]);
  expect(places('1:00.0', 'pci')).toEqual([]);
});

test('usbDevice and idsAt read what lsusb prints', () => {
  const sysfs = machine();
  expect([usbDevice(sysfs, 1, 2), usbDevice(sysfs, 1, 3), usbDevice(sysfs, 2, 2), usbDevice(sysfs, 1, 4)]).toEqual([
    `devices/${HUB}`,
    `devices/${HUB}/1-1.2`,
    undefined,
    undefined,
  ]);
  expect(idsAt(sysfs, `devices/${NIC}`)).toEqual(['8086', '10d3']);
  expect(idsAt(sysfs, `devices/${HUB}`)).toEqual(['046d', 'c52b']);
  expect(idsAt(sysfs, 'devices/platform/0000:01:00.0')).toBeUndefined();
});

test('devicesWithIds compares vendor and device, in either case', () => {
  const sysfs = machine();
  expect(devicesWithIds(sysfs, 'pci', '8086', '10D3')).toEqual(['0000:01:00.0']);
  expect(devicesWithIds(sysfs, 'pci', '8086', '10d5')).toEqual([]);
  expect(devicesWithIds(sysfs, 'usb', '046D', 'C52B')).toEqual(['1-1']);
  expect(devicesWithIds(sysfs, 'usb', '046e', 'c52b')).toEqual([]);
});
