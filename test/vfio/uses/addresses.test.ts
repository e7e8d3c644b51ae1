import { expect, test } from 'vitest';
import { formatAddress, inNetwork, isLocal, isLoopback, parseAddress } from '../../../src/vfio/uses/addresses.ts';

test.each([
  ['10.0.0.5', '10.0.0.5'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['[2001:db8::5]', '2001:db8::5'],
  ['fe80::1%eth0', 'fe80::1'],
  ['2001:0DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:2:0:0:0:3:4', '1:0:2::3:4'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1::', '1::'],
  ['::ffff:10.0.0.5', '10.0.0.5'],
  ['64:ff9b::10.0.0.5', '64:ff9b::a00:5'],
])('parseAddress reads %s, formatAddress writes %s', (text, written) => {
  const address = parseAddress(text)!;
  expect(formatAddress(address)).toBe(written);
  expect(parseAddress(written)).toEqual(address);
});

test.each([
  '',
  'nas',
  '10.0.0',
  '10.0.0.256',
  '1:2',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  '12345::',
  'g::',
])('parseAddress does not read %j', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each([
  ['127.0.0.9', true],
  ['169.254.1.1', true],
  ['::1', true],
  ['fe80::5', true],
  ['ff02::1', true],
  ['10.0.0.1', false],
  ['2001:db8::1', false],
])('isLocal %s: %s', (text, local) => {
  expect(isLocal(parseAddress(text)!)).toBe(local);
});

test.each([
  ['10.0.0.9', '10.0.0.0', 24, true],
  ['10.0.1.9', '10.0.0.0', 24, false],
  ['10.0.0.9', '10.0.0.9', 32, true],
  ['10.0.0.8', '10.0.0.9', 32, false],
  ['192.0.2.1', '0.0.0.0', 0, true],
  ['fd00::1', 'fd00::', 64, true],
  ['fd00::1', 'fd00::2', 127, false],
  ['fd00::3', 'fd00::2', 127, true],
  // Networks of one family have no addresses of the other.
  ['0.0.0.1', '::', 0, false],
  ['::1', '0.0.0.0', 0, false],
])('inNetwork of %s in %s/%i is %s', (address, network, length, expected) => {
  expect(inNetwork(parseAddress(address)!, parseAddress(network)!, length)).toBe(expected);
});

test('isLoopback is of the machine itself, not of the link', () => {
  const is = ['127.0.0.1', '127.255.255.255', '::1', '128.0.0.1', '::2', 'fe80::1', '169.254.1.1'];
  expect(is.map((text) => isLoopback(parseAddress(text)!))).toEqual([true, true, true, false, false, false, false]);
});
