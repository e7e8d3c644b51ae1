import { expect, test } from 'vitest';
import { matchesModalias } from '../../src/matchers/matches-modalias.ts';

test.each([
  ['of:N*T*Cacme,nic', 'of:NnicT(null)Cacme,nic', true],
  ['of:N*T*Cacme,nic', 'of:NnicT(null)Cacme,nic2', false],
  ['platform:acme-nic', 'platform:acme_nic', true],
  ['fs-ext[34]', 'fs-ext4', true],
  [['spi:one', 'spi:two'], 'spi:two', true],
])('matchesModalias: %s, %s as libkmod matches: %s', (patterns, modalias, pass) => {
  expect(matchesModalias(patterns, modalias).pass).toBe(pass);
});

test('matchesModalias: a failure names the nearest pattern by its place', () => {
  const { message } = matchesModalias(['spi:adc', 'spi:ads7846'], 'spi:ads7845');
  expect(message()).toMatch('expected a pattern to match spi:ads7845\n');
  expect(message()).toMatch(/Closest patterns that do not match:\n {2}received\[1\]\n {6}spi:ads7846/);
});

test('matchesModalias: a modalias that no device has is refused where nothing matches it', () => {
  expect(() => matchesModalias(['pci:v00008086d*sv*sd*bc*sc*i*'], 'pci:v00008087d0000')).toThrow(
    'modalias: pci:v00008087d0000 is truncated',
  );
  expect(() => matchesModalias(['pci:*'], '')).toThrow('modalias: is empty');
});
