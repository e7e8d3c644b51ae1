import { expect, test } from 'vitest';
import { type PciIds, parseIds, pciIds, sameIds } from '../../../src/vfio/sysfs/pci-ids.ts';

const ids: PciIds = { vendor: '15b3', device: '101e', subvendor: '15b3', subdevice: '0001' };

test('sameIds compares all four', () => {
  expect(sameIds(ids, { ...ids })).toBe(true);
  for (const name of Object.keys(ids)) expect([name, sameIds(ids, { ...ids, [name]: 'ffff' })]).toEqual([name, false]);
});

test.each<[modalias: string | null, found: PciIds | null]>([
  ['pci:v000015B3d0000101Esv000015B3sd00000001bc02sc00i00', ids],
  ['pci:v000015B3d0000101Esv000015B3sd0001bc02sc00i00', null],
  ['pci:v100015B3d0000101Esv000015B3sd00000001bc02sc00i00', null],
  ['vfio_pci:v000015B3d0000101Esv000015B3sd00000001bc02sc00i00', null],
  ['usb:v15B3p101E', null],
  [null, null],
])('pciIds of %s', (modalias, found) => {
  expect(pciIds(modalias)).toEqual(found);
});

test.each<[word: string, found: Partial<PciIds> | undefined]>([
  ['15b3:101e', { vendor: '15b3', device: '101e' }],
  ['15B3:101E', { vendor: '15b3', device: '101e' }],
  ['15b3:101e:15b3:0001', ids],
  ['15b3:101e:15b3', undefined],
  ['15b3:101e:15b3:0001:02', undefined],
  ['15b3:101', undefined],
  ['015b3:101e', undefined],
  ['x15b3:101e', undefined],
])('parseIds of %s', (word, found) => {
  expect(parseIds(word)).toEqual(found);
});
