import { expect, test } from 'vitest';
import { KEY_BYTES, keyTokensOf } from '../../src/match/key-tokens.ts';
import { tokenize } from '../../src/pattern/tokens.ts';

test.each([
  ['usb:v1D6Bp0002d010[0-2]dc*dsc*dp*ic*isc*ip*in*', 'usb:v1D6Bp0002d0101dc09dsc00dp01ic09isc00ip00in00'],
  ['usb:v1D6Bp0002d01*dc*dsc*dp*ic*isc*ip*in*', 'usb:v1D6Bp0002d0101dc09dsc00dp01ic09isc00ip00in00'],
  ['pci:v00008086d*sv*sd*bc02sc*i*', 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00'],
])('keyTokensOf: %s has a set for each byte of %s, and no star', (pattern, modalias) => {
  const tokens = keyTokensOf(pattern)!;
  expect(tokens).not.toContain('star');
  expect(tokens).toHaveLength(modalias.length);
});

test.each([
  ['two stars', 'usb:v1D6Bp*0*d*dc*dsc*dp*ic*isc*ip*in*'],
  ['fewer digits than a device prints', 'usb:v1D6[AB]p000[12]d010dc*dsc*dp*ic*isc*ip*in*'],
  ['fewer places than a device prints', 'usb:v[1D6]p*d*dc*dsc*dp*ic*isc*ip*in*'],
  ['more digits than a device prints', 'usb:v1D6Bp00020d*dc*dsc*dp*ic*isc*ip*in*'],
  ['a digit that no device prints', 'usb:v1D6Bp[a-f]*d*dc*dsc*dp*ic*isc*ip*in*'],
])('keyTokensOf leaves a pattern as it is where a field has %s', (_, pattern) => {
  expect(keyTokensOf(pattern)).toEqual(tokenize(pattern, 'alias'));
});

test('KEY_BYTES are those of printable ASCII without the blank, wildcards, brackets and the dash', () => {
  const bytes = String.fromCharCode(...[...KEY_BYTES.keys()].filter((byte) => KEY_BYTES[byte] === 1));
  expect(bytes).toBe(
    Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
      .filter((c) => !'*?[]-'.includes(c))
      .join(''),
  );
});
