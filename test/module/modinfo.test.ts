import { expect, test } from 'vitest';
import { modinfoValues, vermagic } from '../../src/module/modinfo.ts';

const values = (key: string, ...strings: readonly string[]) => modinfoValues(strings.join('\0'), key);

test('modinfoValues gives the values of a key, of which another may be the end or the beginning', () => {
  expect(values('name', 'xname=no', 'name=a', 'names=no', 'name=b=c', 'license=name=no', '')).toEqual(['a', 'b=c']);
  expect(values('name', 'name=name=a', 'namename=no', 'name=name', '')).toEqual(['name=a', 'name']);
});

test('modinfoValues skips NULs that are too many, and needs none at the end', () => {
  expect(values('a', '', '', 'a=1', '', '', 'a=2')).toEqual(['1', '2']);
  expect(values('a', 'a=')).toEqual(['']);
});

test('modinfoValues takes a key without = for an empty value', () => {
  expect(values('a', 'a', 'ab', 'a', 'a=1')).toEqual(['', '', '1']);
  expect(values('a', 'b', 'a')).toEqual(['']);
});

test('vermagic is the first there is', () => {
  expect(vermagic('name=a\0vermagic=6.12.1 SMP\0vermagic=6.1')).toBe('6.12.1 SMP');
  expect(vermagic('name=a')).toBeUndefined();
});
