import { expect, test } from 'vitest';
import { interfaceReader } from '../../../src/vfio/uses/interfaces.ts';
import type { DeviceDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';
import { net } from './used-card.ts';

const virtual = (name: string, uevent = '', rest: Readonly<Record<string, string>> = {}): DeviceDescription => ({
  path: `virtual/net/${name}`,
  bus: 'class/net',
  attributes: { uevent: `${uevent}INTERFACE=${name}`, ...rest },
});

/** The names of the interfaces that one stands on, where these are beside a card's eth0 that Open vSwitch has. */
function below(name: string, ...devices: readonly DeviceDescription[]): string[] {
  const { roots } = machineRoot({
    version: 1,
    name: 'net',
    release: '6.12.0',
    drivers: {},
    devices: [net('pci0000:00/0000:01:00.0/net/eth0'), virtual('ovs-system'), ...devices],
    sysfsLinks: {
      'devices/pci0000:00/0000:01:00.0/net/eth0/master': '../../../../virtual/net/ovs-system',
      'devices/virtual/net/ovs-system/lower_eth0': '../../../pci0000:00/0000:01:00.0/net/eth0',
    },
  });
  return interfaceReader(roots)(name).map((path) => path.slice(path.lastIndexOf('/') + 1));
}

test.each<[what: string, device: DeviceDescription]>([
  ['the loopback interface', virtual('lo')],
  ['a bridge', virtual('br0', '', { 'bridge/x': '' })],
  ['a bond', virtual('bond0', '', { 'bonding/x': '' })],
  ['a tunnel of a program', virtual('tap0', '', { tun_flags: '0x1' })],
  ['a VLAN', virtual('vlan7', 'DEVTYPE=vlan\n')],
  ["a card's own", net('pci0000:00/0000:02:00.0/net/eth1')],
])('interfaceReader takes %s for no port of Open vSwitch', (_what, device) => {
  const name = device.path.slice(device.path.lastIndexOf('/') + 1);
  expect(below(name, device)).toEqual([name]);
});

test('interfaceReader takes what it knows nothing of for a port of Open vSwitch, on which all may be', () => {
  expect(below('br-ex', virtual('br-ex'))).toEqual(['br-ex', 'ovs-system', 'eth0']);
  expect(below('gone')).toEqual([]);
});

test('interfaceReader finds every port that names an interface for its master', () => {
  const { roots } = machineRoot({
    version: 1,
    name: 'net',
    release: '6.12.0',
    drivers: {},
    devices: ['bond0', 'a', 'b', 'c'].map((name) => virtual(name, 'DEVTYPE=x\n')),
    sysfsLinks: { 'devices/virtual/net/a/master': '../bond0', 'devices/virtual/net/c/master': '../bond0' },
  });
  const names = interfaceReader(roots)('bond0').map((path) => path.slice(path.lastIndexOf('/') + 1));
  expect(names.sort()).toEqual(['a', 'bond0', 'c']);
});

test('interfaceReader visits what names each other as master once', () => {
  const { roots } = machineRoot({
    version: 1,
    name: 'net',
    release: '6.12.0',
    drivers: {},
    devices: [virtual('a', 'DEVTYPE=x\n'), virtual('b', 'DEVTYPE=x\n')],
    sysfsLinks: { 'devices/virtual/net/a/master': '../b', 'devices/virtual/net/b/master': '../a' },
  });
  const names = interfaceReader(roots)('a').map((path) => path.slice(path.lastIndexOf('/') + 1));
  expect(names).toEqual(['a', 'b']);
});
