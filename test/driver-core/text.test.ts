import { expect, test } from 'vitest';
import { cString, kstrtobool, kstrtoul, scanHex, sysfsNames } from '../../src/driver-core/text.ts';
import { parseRelease } from '../../src/release.ts';

test.each([
  ['8086 10d3', [0x8086n, 0x10d3n]],
  ['  0x8086\t0X10D3\n', [0x8086n, 0x10d3n]],
  ['8086:10d3', [0x8086n]],
  ['8086 10d3 zz 5', [0x8086n, 0x10d3n]],
  ['zz', []],
  ['', []],
  ['-1 5', []],
  ['+1 5', []],
  ['0x', [0n]],
  ['8086\x0010d3', [0x8086n]],
  ['\v8086\f10d3\r1\xa02', [0x8086n, 0x10d3n, 1n, 2n]],
  ['8086x10d3', [0x8086n]],
  ['0x8086 0x', [0x8086n, 0n]],
  ['1ffffffffffffffff0 2', [0xfffffffffffffff0n, 2n]],
  ['1 2 3 4 5 6 7 8', [1n, 2n, 3n, 4n, 5n, 6n, 7n]],
])('scanHex reads %j as vsscanf does', (text, numbers) => {
  expect(scanHex(text, 7)).toEqual(numbers);
});

test('scanHex with a separator stops where it is missing', () => {
  expect(scanHex('8086:10d3:1', 6, ':')).toEqual([0x8086n, 0x10d3n, 1n]);
  expect(scanHex('8086 10d3', 6, ':')).toEqual([0x8086n]);
});

test.each([
  ['1', 1n],
  ['1\n', 1n],
  ['0x10', 16n],
  ['010', 8n],
  ['017\n', 15n],
  ['00', 0n],
  ['0', 0n],
  ['0x0f1', 241n],
  ['+5', 5n],
  ['08', null],
  ['1 ', null],
  ['1\n\n', null],
  ['', null],
  ['yes', null],
  ['-1', null],
  ['18446744073709551615', 18446744073709551615n],
  ['18446744073709551616', null],
])('kstrtoul reads %j as %s', (text, value) => {
  expect(kstrtoul(text)).toBe(value);
});

test('sysfsNames allows one newline after the name and nothing else', () => {
  expect(sysfsNames('0000:01:00.0')).toEqual(['0000:01:00.0']);
  expect(sysfsNames('0000:01:00.0\n')).toEqual(['0000:01:00.0\n', '0000:01:00.0']);
  expect(sysfsNames('0000:01:00.0\0junk')).toEqual(['0000:01:00.0']);
  expect(sysfsNames('0000:01:00.0\n\n')).not.toContain('0000:01:00.0');
  expect(sysfsNames(' 0000:01:00.0')).toEqual([' 0000:01:00.0']);
});

test('cString sees one page at most', () => {
  expect(cString('x'.repeat(5000))).toHaveLength(4096);
});

test.each([
  ['1', true],
  ['1\n', true],
  ['Yes', true],
  ['on\n', true],
  ['0', false],
  ['no', false],
  ['False', false],
  ['oFF', false],
  ['', null],
  ['o', null],
  [' 1', null],
  ['2', null],
  ['enabled', null],
  ['true', true],
])('kstrtobool reads %j as %s', (text, value) => {
  expect(kstrtobool(text, parseRelease('6.1'))).toBe(value);
});

test.each<[string, string, boolean | null | 'unknown']>([
  ['5.15', 'true', null],
  ['5.16', 'true', 'unknown'],
  ['6.0', 'F', 'unknown'],
  ['6.1', 'F', false],
  ['6.12', 'enable', null],
  ['6.12', 'd', null],
  ['6.13', 'enable', 'unknown'],
  ['6.13', 'D', 'unknown'],
  ['7.0', 'yes', true],
  ['5.10', 'n', false],
])('kstrtobool in %s reads %j as %s', (release, text, value) => {
  expect(kstrtobool(text, parseRelease(release))).toBe(value);
});
