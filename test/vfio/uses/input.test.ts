import { expect, test } from 'vitest';
import type { DeviceDescription } from '../../fake-root.ts';
import { AT, CARD, usesOf } from './used-card.ts';

/** What a keyboard of 105 keys and a power button say of their keys. */
const KEYS = '1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe';
const BUTTON = '10000000000000 0';

const input = (path: string, keys: string, name = 'A Keyboard'): DeviceDescription => ({
  path,
  bus: 'class/input',
  attributes: { name, 'capabilities/key': keys },
});
const USB = `${AT}/usb1/1-2/1-2:1.0/0003:046D:C31C.0001/input/input5`;
const usb = input(USB, KEYS, "Logitech 'USB' Keyboard");
const button = input('LNXSYSTM:00/LNXPWRBN:00/input/input0', BUTTON);
const virtual = input('virtual/input/input9', KEYS);
const other: DeviceDescription = {
  path: 'pci0000:00/0000:00:14.0',
  bus: 'pci',
  group: '2',
  driver: 'native',
  attributes: { class: '0x0c0330' },
};
const elsewhere = input(`${other.path}/usb2/2-1/2-1:1.0/0003:1.0002/input/input7`, KEYS, 'Other');

const said = (devices: readonly DeviceDescription[], asked = [CARD]) =>
  usesOf({ class: '0c0330', devices, asked }).filter((text) => text.startsWith('only-keyboard'));

test('input names the only keyboard below a USB controller that is named by its address', () => {
  expect(said([usb, button])).toEqual([
    "only-keyboard: 'Logitech 'USB' Keyboard' is on it, and the machine has no other keyboard",
  ]);
});

test('input does not take a power button, a mouse or what software makes for another keyboard', () => {
  const mouse = input('platform/i8042/serio1/input/input3', '1f0000 0 0 0 0');
  expect(said([usb, button, mouse, virtual])).toHaveLength(1);
});

test('input says nothing where another keyboard stays, or none is on the device', () => {
  expect(said([usb, input('platform/i8042/serio0/input/input4', KEYS)])).toEqual([]);
  expect(said([other, usb, elsewhere])).toEqual([]);
  expect(said([other, elsewhere])).toEqual([]);
  expect(said([virtual])).toEqual([]);
});

test('input names every keyboard where all of them would go away at once', () => {
  expect(said([other, usb, elsewhere], [CARD, '0000:00:14.0'])).toHaveLength(2);
});

test.each(['', 'x', 'fffffffe', 'fffffffd', '0 0', 'f'.repeat(17), 'ffffffff fffffffe'])(
  'input asks for the keys 1 to 31: %j',
  (keys) => {
    expect(said([input(USB, keys)])).toHaveLength(/fffffffe$/.test(keys) ? 1 : 0);
  },
);
