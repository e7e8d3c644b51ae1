import { expect, test } from 'vitest';
import { parseRelease } from '../../../src/release.ts';
import type { GroupMember } from '../../../src/vfio/sysfs/device.ts';
import { blockRule, driverLike, modelDevice, viabilityOf } from '../../../src/vfio/sysfs/model.ts';

const member = (name: string, driver: string | null, code = 0x020000): GroupMember => {
  const modalias = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
  return { name, bus: 'pci', path: `devices/${name}`, modalias, driver, group: '7', class: code };
};
const BRIDGE = 0x060400;

test('blockRule judges each kind of member of a driver by itself, in whatever order', () => {
  const members = [member('bridge', 'native', BRIDGE), member('card', 'native')];
  for (const one of [members, members.toReversed()]) {
    const before = blockRule(parseRelease('5.18'));
    expect(one.map((each) => [each.name, before(each, 'pci', 'native', false) === null]).toSorted()).toEqual([
      ['bridge', true],
      ['card', false],
    ]);
    const since = blockRule(parseRelease('5.19'));
    expect(one.map((each) => since(each, 'pci', 'native', false) === null)).toEqual([false, false]);
  }
  const rule = blockRule(parseRelease('5.19'));
  const variant = member('variant', 'variant');
  expect([true, false].map((vfio) => rule(variant, 'pci', 'variant', vfio) === null)).toEqual([true, false]);
});

test('viabilityOf names every member whose driver is in the way, and leaves out those without one', () => {
  const rule = blockRule(parseRelease('6.12'));
  const members = [member('a', null), member('b', 'native'), member('c', 'other'), member('d', 'variant')];
  const { viable, blockers } = viabilityOf(members, rule, ({ name }) => name === 'd');
  expect([viable, blockers.map(({ device, driver }) => `${device} ${driver}`)]).toEqual([
    false,
    ['b native', 'c other'],
  ]);
  expect(viabilityOf([members[0]!, { ...members[1]!, bus: null }], rule, () => false)).toEqual({
    viable: true,
    blockers: [],
  });
});

test('driverLike takes what the machine shows as a VFIO driver for a variant, but for those known by name', () => {
  expect(driverLike('pci', 'new', true)).toMatchObject({ vfio: true, managedDma: true, probe: 'vfio-variant' });
  expect(driverLike('pci', 'new', false)).toMatchObject({ vfio: false, managedDma: false, probe: null });
  expect(driverLike('pci', 'vfio-pci', true).probe).toBe('vfio-pci');
  expect(driverLike('pci', 'vfio-pci', false).vfio).toBe(true);
});

test('modelDevice takes the numbers of a modalias, a bridge by its class, and no facts off PCI and CDX', () => {
  const { pci } = modelDevice(member('a', null), 'pci');
  const numbers = { vendor: 0x8086, device: 0x10d3, subvendor: 0x8086, subdevice: 0xa01f, class: 0x020000 };
  expect(pci).toMatchObject({ ...numbers, bridge: false, numVfs: 0, physfn: null, sriov: null });
  expect(modelDevice(member('a', null, BRIDGE), 'pci').pci!.bridge).toBe(true);
  // A host bridge has a header of type 0.
  expect(modelDevice(member('a', null, 0x060000), 'pci').pci!.bridge).toBe(false);
  expect(modelDevice(member('a', null), 'platform').pci).toBeNull();
  expect(modelDevice({ ...member('a', null), modalias: null }, 'cdx').pci).toMatchObject({ vendor: 0, device: 0 });
});
