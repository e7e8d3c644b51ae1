import { expect, test } from 'vitest';
import { cover } from '../../../src/packaging/coverage/coverage.ts';
import { Fleet } from '../../../src/packaging/coverage/fleet.ts';
import { kernel } from './kernels.ts';

test('Fleet: counts a device once for each machine, and adds what is only counted', () => {
  const fleet = new Fleet();
  for (const machine of ['a', 'b', 'a', 'c', 'b']) fleet.add({ modalias: 'i2c:x', machine });
  fleet.add({ modalias: 'i2c:x', machine: undefined, count: 12 });
  fleet.add({ modalias: 'i2c:y', machine: undefined });
  expect(fleet.machines).toEqual(['a', 'b', 'c']);
  expect(fleet.devices.map(({ device, machines, counted }) => [device.modalias, [...machines], counted])).toEqual([
    ['i2c:x', [0, 1, 2], 12],
    ['i2c:y', [], 1],
  ]);
});

test('Fleet: a device that lacks fields is one with the one that says so', () => {
  const fleet = new Fleet();
  fleet.add({ modalias: 'pci:v00001AF4d00001041', machine: 'a' });
  fleet.add({ modalias: 'pci:v00001AF4d00001041sv*sd*bc*sc*i*', machine: 'b' });
  fleet.add({ modalias: 'pci:v00001AF4d00001041', machine: 'c' });
  fleet.add({ modalias: 'pci:v00001AF4d00001041sv*', machine: 'd' });
  expect(fleet.devices.map(({ device, machines }) => [device.unknown.length, machines.size])).toEqual([[5, 4]]);
});

test('Fleet: keeps texts that are not bytes as they are', () => {
  const fleet = new Fleet();
  fleet.add({ modalias: 'i2c:\u4e2d', machine: '\u0142\u00f3d\u017a' });
  expect([fleet.machines, fleet.devices[0]!.device.modalias]).toEqual([['\u0142\u00f3d\u017a'], 'i2c:\u4e2d']);
});

test('cover: counts machines and what is only counted, and lists devices in the order of their modaliases', () => {
  const fleet = new Fleet();
  for (const machine of ['a', 'b']) fleet.add({ modalias: 'i2c:y', machine });
  fleet.add({ modalias: 'i2c:y', machine: undefined, count: 5 });
  fleet.add({ modalias: 'i2c:x', machine: 'a' });
  const { devices } = cover(fleet, [kernel('k', ['i2c:y m'])]);
  expect(devices.map(({ modalias, count, answers }) => `${modalias} ${count} ${answers[0]!.state}`)).toEqual([
    'i2c:x 1 none',
    'i2c:y 7 module',
  ]);
});
