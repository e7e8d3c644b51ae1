import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { Tree } from '../../../src/vfio/sysfs/tree.ts';
import { type MachineDescription, readMachine } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

test('findDevice takes a full address, in either case', () => {
  const { roots } = machineRoot('intel-desktop');
  const { device, note } = findDevice(roots.sysfs, '0000:01:00.0');
  expect(device).toEqual({
    name: '0000:01:00.0',
    bus: 'pci',
    path: 'devices/pci0000:00/0000:00:01.0/0000:01:00.0',
    modalias: 'pci:v000010DEd00002704sv00001043sd000088B6bc03sc00i00',
    driver: 'nouveau',
    override: null,
    group: '1',
    class: 0x030000,
  });
  expect(note).toBeUndefined();
  expect(findDevice(roots.sysfs, '0000:00:1F.3').device.name).toBe('0000:00:1f.3');
});

test.each([
  ['01:00.1', '0000:01:00.1'],
  ['1:0.1', '0000:01:00.1'],
  ['02:00', '0000:02:00.0'],
])('findDevice completes %s, which fits one device, and says so', (asked, name) => {
  const { roots } = machineRoot('intel-desktop');
  const found = findDevice(roots.sysfs, asked);
  expect(found.device.name).toBe(name);
  expect(found.note).toBe(`${asked} is completed to ${name}, the only such device`);
});

test.each(['01:00', '1:00'])('findDevice does not choose among the functions that %s fits', (asked) => {
  const { roots } = machineRoot('intel-desktop');
  expect(() => findDevice(roots.sysfs, asked)).toThrow(
    /fits 2 devices \(0000:01:00.0, 0000:01:00.1\); write one of them in full/,
  );
});

test('findDevice does not choose among domains, and knows domains of more than four digits', () => {
  const { roots } = machineRoot('two-domains');
  expect(() => findDevice(roots.sysfs, 'e1:00.0')).toThrow(/0001:e1:00.0, 10000:e1:00.0/);
  expect(findDevice(roots.sysfs, '10000:e1:00.0').device.driver).toBe('nvme');
});

test.each([
  ['bus/pci/devices/0000:03:00.0', '0000:03:00.0'],
  ['class/net/enp3s0/device', '0000:03:00.0'],
  ['class/net/enp3s0', '0000:03:00.0'],
  ['class/block/nvme0n1p2', '0000:02:00.0'],
  ['devices/pci0000:00/0000:00:02.0/drm/card0', '0000:00:02.0'],
])('findDevice takes the path %s, below the root, below /sys and with the root before it', (at, name) => {
  const { roots, sysfs } = machineRoot('intel-desktop');
  for (const asked of [`/sys/${at}`, path.join(sysfs, at), at])
    expect(findDevice(roots.sysfs, asked).device.name).toBe(name);
});

test('findDevice follows a link from elsewhere, and a root that is one, to the device', () => {
  const { roots, sysfs, directory } = machineRoot('intel-desktop');
  const link = path.join(directory, 'card');
  fs.symlinkSync(path.join(sysfs, 'bus/pci/devices/0000:03:00.0'), link);
  expect(findDevice(roots.sysfs, link).device.name).toBe('0000:03:00.0');
  fs.symlinkSync(sysfs, path.join(directory, 'linked'));
  const linked = new Tree(path.join(directory, 'linked'));
  expect(findDevice(linked, path.join(sysfs, 'class/net/enp3s0')).device.name).toBe('0000:03:00.0');
  expect(() => findDevice(linked, '/etc/passwd')).toThrow(/no such path under/);
});

test('findDevice says which device a path inside it was taken for', () => {
  const { roots } = machineRoot('intel-desktop');
  expect(findDevice(roots.sysfs, '/sys/class/net/enp3s0').note).toBe(
    '/sys/class/net/enp3s0 belongs to 0000:03:00.0 on bus pci, which is used',
  );
});

test('findDevice takes the subchannel for a ccw device, which VFIO has no driver for', () => {
  const { roots } = machineRoot('s390x');
  expect(findDevice(roots.sysfs, '/sys/bus/ccw/devices/0.0.1000').device).toMatchObject({
    name: '0.0.0010',
    bus: 'css',
  });
});

test("findDevice takes the subchannel for a ccw device's name too, and says so", () => {
  const { roots } = machineRoot('s390x');
  const { device, note } = findDevice(roots.sysfs, '0.0.1000');
  expect(device).toMatchObject({ name: '0.0.0010', bus: 'css' });
  expect(note).toMatch(/^0\.0\.1000 is read as .*\/devices\/css0\/0\.0\.0010$/);
});

test('findDevice names the paths to choose among where a name is on two buses', () => {
  const { roots, sysfs } = machineRoot('s390x');
  fs.symlinkSync('../../../devices/css0/0.0.0012/0.0.f500', path.join(sysfs, 'bus/ccw/devices/0.0.0010'));
  const paths = ['ccw', 'css'].map((bus) => path.join(sysfs, `bus/${bus}/devices/0.0.0010`));
  expect(() => findDevice(roots.sysfs, '0.0.0010')).toThrow(`fits 2 devices (${paths.join(', ')})`);
  expect(paths.map((at) => findDevice(roots.sysfs, at).device.name)).toEqual(['0.0.0012', '0.0.0010']);
});

test.each([
  ['/sys/class/block/sdb', ['1-4', 'sda']],
  ['/sys/bus/usb/devices/1-3', ['1-4', 'sda']],
  ['1-4', ['1-3', 'sda']],
  ['/sys/class/block/sda1', ['1-3', '1-4']],
])('findDevice names what else hangs on the controller that it takes for %s', (asked, others) => {
  const { roots } = machineRoot(controllerMachine());
  const found = findDevice(roots.sysfs, asked);
  expect(found.device.name).toBe('0000:00:14.0');
  expect(found.others).toEqual(others);
});

test.each(['/sys/class/net/enp3s0', '/sys/class/block/nvme0n1p2'])(
  'findDevice names nothing else for %s, which the device itself serves',
  (asked) => {
    expect(findDevice(machineRoot('intel-desktop').roots.sysfs, asked).others).toBeUndefined();
  },
);

/** A desktop whose USB controller has a stick with a disk, a mouse, and (as none has) a disk of its own. */
function controllerMachine(): MachineDescription {
  const machine = readMachine('intel-desktop');
  const at = 'pci0000:00/0000:00:14.0';
  const add = (path: string, bus: string) => ({ path: `${at}/${path}`, bus, attributes: { uevent: '' } });
  const devices = [
    add('usb1', 'usb'),
    add('usb1/1-0:1.0', 'usb'),
    add('usb1/1-3', 'usb'),
    add('usb1/1-3/1-3:1.0', 'usb'),
    add('usb1/1-3/1-3:1.0/host6/target6:0:0/6:0:0:0', 'scsi'),
    add('usb1/1-3/1-3:1.0/host6/target6:0:0/6:0:0:0/block/sdb', 'class/block'),
    add('usb1/1-4', 'usb'),
    add('usb1/1-4/1-4:1.0/input/input7/event5', 'class/input'),
    add('z/host7/target7:0:0/7:0:0:0', 'scsi'),
    add('z/host7/target7:0:0/7:0:0:0/block/sda', 'class/block'),
    add('z/host7/target7:0:0/7:0:0:0/block/sda/sda1', 'class/block'),
  ];
  return { ...machine, devices: [...machine.devices, ...devices] };
}

test("findDevice takes a device's name on its bus", () => {
  const { roots } = machineRoot('arm64-soc');
  expect(findDevice(roots.sysfs, 'fe000000.ethernet').device).toMatchObject({ bus: 'platform', group: '0' });
  expect(findDevice(roots.sysfs, '2100000.dma-controller').device).toMatchObject({
    bus: 'amba',
    modalias: 'amba:d00241330',
  });
});

test.each([
  ['0000:99:00.0', 'no-device', /has no such address/],
  ['99:00.0', 'no-device', /no such device/],
  ['/sys/nothing', 'no-device', /no such path under/],
  ['/sys/kernel', 'no-device', /neither it nor a parent is a device on a bus/],
  ['', 'bad-device', /expected a PCI address/],
  ['eth0', 'bad-device', /expected a PCI address/],
  ['..', 'bad-device', /expected a PCI address/],
  ['0000:01:00.0\n', 'bad-device', /"0000:01:00.0\\n" names no device/],
  ['../../../etc', 'no-device', /no such path under/],
])('findDevice refuses %j with %s', (asked, code, message) => {
  const { roots } = machineRoot('intel-desktop');
  expect(() => findDevice(roots.sysfs, asked)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});

test.each(['0000:00:09.0', '0000:00:0a.0', '0000:00:0b.0', '/sys/class/net/eth0', '/sys/bus/loop'])(
  'findDevice follows no link out of the root or in a circle: %s',
  (asked) => {
    const { roots } = machineRoot('hostile-links');
    expect(() => findDevice(roots.sysfs, asked)).toThrow(expect.objectContaining({ code: 'no-device' }));
  },
);

test.each([
  ['0000:01:00.4', "bus/pci/devices has no such address; did you mean '0000:01:00.0'?"],
  ['0000:13:00.0', "bus/pci/devices has no such address; did you mean '0000:03:00.0'?"],
  ['fe000000.ethernt', `"fe000000.ethernt" names no device; did you mean 'fe000000.ethernet'?`],
])('findDevice names the device that is close to %s', (asked, message) => {
  const { roots } = machineRoot(asked.startsWith('0000') ? 'intel-desktop' : 'arm64-soc');
  expect(() => findDevice(roots.sysfs, asked)).toThrow(message);
});

test.each([8, 9])('findDevice lists at most eight of the devices that a short address fits: of %i', (count) => {
  const at = (domain: number) => `000${domain}:01:00.0`;
  const { roots } = machineRoot({
    version: 1,
    name: 'many',
    release: '6.12.0',
    drivers: {},
    devices: Array.from({ length: count }, (_, i) => ({ path: `pci000${i}:00/${at(i)}`, bus: 'pci', attributes: {} })),
  });
  const list = Array.from({ length: 8 }, (_, i) => at(i)).join(', ') + (count > 8 ? ', ...' : '');
  expect(() => findDevice(roots.sysfs, '01:00.0')).toThrow(`it fits ${count} devices (${list}); write one of them`);
});
