import { expect, test } from 'vitest';
import { formatAddress, isLocal, parseAddress } from '../../../src/vfio/uses/addresses.ts';

test.each([
  ['10.0.0.5', '10.0.0.5'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['[2001:db8::5]', '2001:db8::5'],
  ['fe80::1%eth0', 'fe80::1'],
  ['2001:0DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:2:0:0:0:3:4', '1:0:2::3:4'],
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
