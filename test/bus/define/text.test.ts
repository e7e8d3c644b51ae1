import { expect, test } from 'vitest';
import { asciiUpper, lowerHex, underscoreSpaces, upperHex } from '../../../src/bus/define/text.ts';

test('underscoreSpaces takes every space of C, and no other character', () => {
  expect(underscoreSpaces('a \t\n\v\f\rb\xa0V-_')).toBe('a______b\xa0V-_');
});

test('asciiUpper takes the letters of ASCII only', () => {
  expect(asciiUpper('aZz09_\xe9\xdf')).toBe('AZZ09_\xe9\xdf');
});

test('upperHex, lowerHex: have as many digits as asked for, or more', () => {
  expect([upperHex(0xab, 4), upperHex(0xabcde, 4)]).toEqual(['00AB', 'ABCDE']);
  expect([lowerHex(0xab, 4), lowerHex(0xabcde, 4), lowerHex(0), lowerHex(0xab)]).toEqual(['00ab', 'abcde', '0', 'ab']);
});
