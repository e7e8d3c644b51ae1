import { expect, test } from 'vitest';
import { knownDevice } from '../../../src/inventory/known-device.ts';
import { matchOf } from '../../../src/packaging/diff/concern.ts';
import { diffSides } from '../../../src/packaging/diff/diff.ts';
import { select } from '../../../src/packaging/diff/select.ts';
import { side } from './side.ts';

const CARD = 'pci:v00008086d000010D4';
const ROW = `${CARD}sv*sd*bc*sc*i*`;
const OEM = `${CARD}sv00001028sd*bc*sc*i*`;

test.each([
  [`${CARD}sv00008086sd00000000bc02sc00i00`, ROW, 'yes'],
  [`${CARD}sv00008086sd00000000bc02sc00i00`, OEM, 'no'],
  [`${CARD}sv*sd*bc02sc00i00`, ROW, 'yes'],
  [`${CARD}sv*sd*bc02sc00i00`, OEM, 'depends'],
  [`${CARD}sv*sd*bc02sc00i00`, 'pci:v*d*sv*sd*bc02sc00i*', 'yes'],
  [`${CARD}sv*sd*bc02sc00i00`, 'pci:v*d*sv*sd*bc01sc06i01*', 'no'],
  [`${CARD}sv*sd*bc02sc00i*`, 'pci:v*d*sv*sd*bc02sc00i01*', 'depends'],
  ['usb:v0499p1000d*dc*dsc*dp*ic*isc*ip*in*', 'usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*', 'depends'],
  ['usb:v0499p1000d*dc*dsc*dp*ic*isc*ip*in*', 'usb:v0499p*d*dc*dsc*dp*ic*isc*ip*in*', 'yes'],
  ['fsl-mc:v00001957ddpni', 'fsl_mc:v00001957ddpni', 'yes'],
  ['dmi:bvn[:', 'dmi*:', 'no'],
])('matchOf: %s against %s: %s', (modalias, pattern, expected) => {
  expect(matchOf(pattern, knownDevice(modalias))).toBe(expected);
});

const chosen = (old: readonly string[], now: readonly string[], ...devices: readonly string[]) => {
  const sides = [side(old), side(now)] as const;
  const { changes } = select(diffSides(...sides), { devices: devices.map(knownDevice) }, sides);
  return changes.map((change) => [
    change.class,
    change.pattern,
    change.devices,
    change.depends?.map((d) => d.modalias),
  ]);
};

test('select: a device whose part of a narrowed pattern is kept is not concerned, whatever is renamed', () => {
  const ids = (module: string) => ['1', '2', '3'].map((id) => `pci:v00001002d0000111${id}sv*sd*bc*sc*i* ${module}`);
  const wide = ['pci:v00001002d*sv*sd*bc03sc*i* radeon', ...ids('radeon')];
  const narrow = ['pci:v00001002d*sv*sd*bc03sc00i* ati', ...ids('ati')];
  const kept = 'pci:v00001002d00002222sv00000000sd00000000bc03sc00i00';
  const gone = 'pci:v00001002d00002222sv00000000sd00000000bc03sc80i00';
  expect(chosen(wide, narrow, kept)).toEqual([]);
  expect(chosen(wide, narrow, kept, gone)).toEqual([['narrowed', 'pci:v00001002d*sv*sd*bc03sc*i*', [gone], undefined]]);
});

test('select: a change that depends on what is not known of a device is kept, and says so', () => {
  const device = `${CARD}sv*sd*bc02sc00i00`;
  expect(chosen([`${OEM} e1000e`, 'i2c:x x'], ['i2c:x x'], device, 'i2c:other')).toEqual([['lost', OEM, [], [device]]]);
  expect(chosen([`${ROW} e1000e`, 'i2c:x x'], ['i2c:x x'], device)).toEqual([['lost', ROW, [device], undefined]]);
});

test('select: a device that a wider pattern keeps for the old module is concerned by what it moved to', () => {
  const wide = 'pci:v*d*sv*sd*bc0Csc03i30* xhci_pci';
  const before = [wide, 'pci:v00001912d00000014sv*sd*bc*sc*i* xhci_pci'];
  const after = [wide, 'pci:v00001912d00000014sv*sd*bc*sc*i* xhci_pci_renesas'];
  const card = 'pci:v00001912d00000014sv00001AF4sd00001100bc0Csc03i30';
  const other = 'pci:v00001912d00000099sv00001AF4sd00001100bc0Csc03i30';
  expect(chosen(before, after, card, other)).toEqual([
    ['moved', 'pci:v00001912d00000014sv*sd*bc*sc*i*', [card], undefined],
  ]);
});

test('select: a device of the part that a module keeps is concerned where the module that took the rest serves it too', () => {
  const all = 'pci:v00001912d*sv*sd*bc*sc*i*';
  const before = [`${all} xhci_pci`, 'i2c:x renesas'];
  const after = ['pci:v00001912d*sv*sd*bc0Csc*i* xhci_pci', `${all} renesas`, 'i2c:x renesas'];
  const card = 'pci:v00001912d00000014sv00001AF4sd00001100bc0Csc03i30';
  expect(chosen(before, after, card)).toEqual([['narrowed', all, [card], undefined]]);
});
