import { expect, test } from 'vitest';
import { LookupKey } from '../../src/pattern-index/lookup-key.ts';

const key = (text: string) => new LookupKey().set(text);

test('LookupKey.set takes a modalias up to a NUL, and 4,095 bytes of it', () => {
  expect(key('pci:v1\0d2').text).toBe('pci:v1');
  expect(key('x'.repeat(4095)).length).toBe(4095);
  expect(key('x'.repeat(4096)).text).toBe('x'.repeat(4095));
});

test('LookupKey.set takes any byte, and refuses a character that is none', () => {
  expect(key('caf\xe9-\xff').text).toBe('caf\xe9_\xff');
  expect(() => key('caf\u0100')).toThrow(/contains a character that is not a byte/);
});

test('LookupKey.set tells a colon and wildcards also where a key has brackets', () => {
  const keys = ['a:b', 'ab', 'a[x]:b', 'a[x]b', 'a:*?'].map(key);
  expect(keys.map(({ hasColon, wildcards }) => [hasColon, wildcards])).toEqual([
    [true, 0],
    [false, 0],
    [true, 1],
    [false, 1],
    [true, 2],
  ]);
});

test('LookupKey.set shows 80 characters of what it refuses', () => {
  expect(() => key(`${'x'.repeat(79)}[`)).toThrow(`'${'x'.repeat(79)}[' contains`);
  expect(() => key(`${'x'.repeat(80)}[`)).toThrow(`'${'x'.repeat(80)}...' contains`);
});
