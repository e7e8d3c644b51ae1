import { expect, test } from 'vitest';
import { digitReadings, formatNumber, parseKeyNumber, parseNumber } from '../../src/tables/number.ts';

test.each<[value: unknown, asValue: number | undefined, asKey: number | undefined]>([
  [0, 0, undefined],
  [5555, 5555, undefined],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, undefined],
  [Number.MAX_SAFE_INTEGER + 1, undefined, undefined],
  [-1, undefined, undefined],
  [1.5, undefined, undefined],
  [null, undefined, undefined],
  [['0'], undefined, undefined],
  ['0', 0, 0],
  ['00', undefined, undefined],
  ['1', undefined, 1],
  ['19', undefined, 19],
  ['9007199254740991', undefined, Number.MAX_SAFE_INTEGER],
  ['9007199254740992', undefined, undefined],
  ['0x15b3', 0x15b3, 0x15b3],
  ['0X15B3', 0x15b3, 0x15b3],
  ['0x0000000000000001', 1, 1],
  ['0x00000000000000001', undefined, undefined],
  ['0xffffffffffffffff', undefined, undefined],
  ['0x', undefined, undefined],
  ['0xg', undefined, undefined],
  ['x0x1', undefined, undefined],
  ['0x1 ', undefined, undefined],
  ['', undefined, undefined],
])('parseNumber of %j is %j; parseKeyNumber, of names, is %j', (value, asValue, asKey) => {
  expect(parseNumber(value)).toBe(asValue);
  if (typeof value === 'string') expect(parseKeyNumber(value)).toBe(asKey);
});

test.each([
  [0x15b3, 4, '0x15b3'],
  [1, 4, '0x0001'],
  [0x12345, 4, '0x12345'],
  [0, 1, '0x0'],
])('formatNumber of %i with %i digits is %s', (value, digits, text) => {
  expect(formatNumber(value, digits)).toBe(text);
});

test.each<[value: unknown, max: number, end: string]>([
  ['8086', 0xffff, '; did you mean "0x8086" (hexadecimal) or 8086 (a JSON number, decimal; 0x1f96)?'],
  ['99', 0x99, '; did you mean "0x99" (hexadecimal) or 99 (a JSON number, decimal; 0x63)?'],
  ['99', 0x98, '; did you mean 99 (a JSON number, decimal; 0x63)?'],
  ['99', 99, '; did you mean 99 (a JSON number, decimal; 0x63)?'],
  ['99', 98, ''],
  ['fF', 0xff, '; did you mean "0xfF" (hexadecimal)?'],
  ['0b11', 0xffff, '; did you mean "0x0b11" (hexadecimal)?'],
  ['12e4', 0xffffffff, '; did you mean "0x12e4" (hexadecimal)?'],
  ['fg', 0xff, ''],
  ['gf', 0xff, ''],
  ['', 0xff, ''],
  ['0x1', 0xff, ''],
  ['0000000000000001', 0xff, '; did you mean "0x0000000000000001" (hexadecimal) or 1 (a JSON number, decimal; 0x1)?'],
  ['00000000000000001', 0xff, ''],
  [99, 0xff, ''],
])('digitReadings of %j up to %i: %j', (value, max, end) => {
  expect(digitReadings(value, max)).toBe(end);
});
