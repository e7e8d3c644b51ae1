import { describe, expect, test } from 'vitest';
import {
  type Decision,
  type Driver,
  deviceId,
  makeDevice,
  makeDriver,
  matchDevice,
  overrideEffect,
  PCI_ANY_ID,
  pciFacts,
} from '../../src/driver-core/index.ts';
import { card, e1000e, featuresAt, kernel, pciStub, vfioPci } from './card.ts';

const dynid = (driver: Driver): Driver => ({ ...driver, dynids: [deviceId(0x8086, 0x10d3)] });
const ids = (...rows: Parameters<typeof deviceId>[]) =>
  makeDriver('pci', 'd', { ids: rows.map((row) => deviceId(...row)) });

const CASES: readonly (readonly [what: string, driver: Driver, override: string | null, answer: Decision])[] = [
  ['a row of the table', e1000e, null, 'yes'],
  ['an override of another name', e1000e, 'vfio-pci', 'no'],
  ['an override that differs in a dash', vfioPci, 'vfio_pci', 'no'],
  ['an override that differs in case', vfioPci, 'VFIO-PCI', 'no'],
  ['an override_only row without an override', vfioPci, null, 'no'],
  ['an override_only row under the override', vfioPci, 'vfio-pci', 'yes'],
  ['a driver without a table', pciStub, null, 'no'],
  ['a driver without a table under its override', pciStub, 'pci-stub', 'yes'],
  ['a dynamic id', dynid(vfioPci), null, 'yes'],
  ['a dynamic id under another override', dynid(vfioPci), 'e1000e', 'no'],
  ['an override onto a driver whose rows do not match', ids([0x10ec, 0x8139]), 'd', 'yes'],
  [
    'an unflagged row after a flagged one',
    ids([0x8086, 0x10d3, { override_only: 1 }], [0x8086, PCI_ANY_ID]),
    null,
    'yes',
  ],
  [
    'a row after one with only a device, which ends the table',
    ids([0, 5, { subvendor: 0 }], [0x8086, 0x10d3]),
    null,
    'no',
  ],
  [
    'a row with the class and its mask',
    ids([PCI_ANY_ID, PCI_ANY_ID, { class: 0x020000, class_mask: 0xffff00 }]),
    null,
    'yes',
  ],
  ['a row with another class', ids([PCI_ANY_ID, PCI_ANY_ID, { class: 0x010000, class_mask: 0xff0000 }]), null, 'no'],
  ['a row with another subsystem', ids([0x8086, 0x10d3, { subvendor: 1 }]), null, 'no'],
  ['a table that was not read', makeDriver('pci', 'd'), null, 'unknown'],
  ['a table that was not read, under its override', makeDriver('pci', 'd'), 'd', 'yes'],
  ['a table that was not read, under another override', makeDriver('pci', 'd'), 'e', 'no'],
  ['a driver of another bus', makeDriver('platform', 'd'), null, 'no'],
];

test.each(CASES)('matchDevice answers %s as pci_match_device does', (_what, driver, override, answer) => {
  const match = matchDevice(kernel([driver]), driver, card({ override }));
  expect(match.answer).toBe(answer);
  if (answer !== 'unknown') expect(match.missing).toEqual([]);
});

test('matchDevice says no before pci_bus_add_device has set match_driver', () => {
  expect(matchDevice(kernel([e1000e]), e1000e, card({ matchReady: false })).answer).toBe('no');
});

test('matchDevice names what is missing for a table that was not read, and takes it as evidence', () => {
  const native = makeDriver('pci', 'd');
  const match = matchDevice(kernel([native]), native, card());
  expect(match.missing).toEqual([{ bus: 'pci', driver: 'd', device: '0000:01:00.0', about: 'matches' }]);
  for (const matches of [true, false]) {
    const evidence = [{ bus: 'pci', driver: 'd', device: '0000:01:00.0', matches }];
    expect(matchDevice(kernel([native], [card()], { evidence }), native, card()).answer).toBe(matches ? 'yes' : 'no');
  }
});

describe('overrideEffect differs by bus', () => {
  test.each([
    ['platform', 'vfio-platform', 'yes'],
    ['amba', 'vfio-amba', 'yes'],
    ['fsl-mc', 'vfio-fsl-mc', 'yes'],
    ['spi', 'spidev', 'yes'],
    ['css', 'vfio_ccw', 'unknown'],
    ['cdx', 'vfio-cdx', 'unknown'],
    ['usb', 'usb-storage', 'unknown'],
  ] as const)('matchDevice on %s under an override of %s: %s', (bus, name, answer) => {
    const driver = makeDriver(bus, name, { ids: 'unknown' });
    const device = makeDevice(bus, 'x', { override: name });
    expect(matchDevice(kernel([driver], [device]), driver, device).answer).toBe(answer);
    const other = makeDevice(bus, 'x', { override: 'other' });
    expect(matchDevice(kernel([driver], [other]), driver, other).answer).toBe(
      overrideEffect(bus) === 'none' ? 'unknown' : 'no',
    );
  });

  test('matchDevice before 5.15 knows vfio-pci without a table: an override or a dynamic id binds it, nothing else', () => {
    const match = (driver: Driver, override: string | null) => {
      const device = card({ override });
      return matchDevice(kernel([driver], [device], { features: featuresAt('5.14') }), driver, device);
    };
    expect(match(vfioPci, null)).toMatchObject({ answer: 'no', text: 'vfio-pci has no id table' });
    expect(match(vfioPci, 'vfio-pci')).toMatchObject({ answer: 'yes', text: 'driver_override names vfio-pci' });
    expect(match(dynid(vfioPci), null).answer).toBe('yes');
  });

  test('matchDevice on cdx takes a flagged row only under the override, and needs a row', () => {
    const flagged = makeDriver('cdx', 'vfio-cdx', { ids: [deviceId(0xffff, 0xffff, ANY_CDX)] });
    const device = (override: string | null) =>
      makeDevice('cdx', 'cdx-00:00', { override, pci: pciFacts(0x10ee, 0x1) });
    expect(matchDevice(kernel([flagged], [device(null)]), flagged, device(null)).answer).toBe('no');
    expect(matchDevice(kernel([flagged], [device('vfio-cdx')]), flagged, device('vfio-cdx')).answer).toBe('yes');
    const rowless = makeDriver('cdx', 'other', { ids: [deviceId(0x1234, 0x1, ANY_CDX)] });
    expect(matchDevice(kernel([rowless], [device('other')]), rowless, device('other')).answer).toBe('no');
  });
});

const ANY_CDX = { subvendor: 0xffff, subdevice: 0xffff, override_only: 1 };
