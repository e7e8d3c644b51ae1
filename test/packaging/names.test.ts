import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { busOf } from '../../src/packaging/bus-of.ts';
import { isJsonFile } from '../../src/packaging/json-file.ts';
import { countOf, sameCounts, surplus } from '../../src/packaging/multiset.ts';
import { overrideOf, prefixOf } from '../../src/packaging/prefix.ts';

test.each([
  ['pci:v*', 'pci'],
  ['vfio_pci:v*', 'pci'],
  ['vfio_cdx:v*', 'cdx'],
  ['vfio_usb:v*', 'vfio_usb'],
  ['acpi*:X:*', 'acpi'],
  ['fsl_mc:v*', 'fsl-mc'],
  ['xen_backend:x', 'xen-backend'],
  ['devname:kvm', null],
  ['symbol:x', null],
  ['crypto_aes', null],
  ['Pci:v*', null],
  [':x', null],
])('busOf: %s is of %s', (pattern, bus) => {
  expect(busOf(pattern)).toBe(bus);
});

test('overrideOf: only pci and cdx have prefixes, before their first colon', () => {
  expect(overrideOf('vfio_pci:v1:x')).toEqual({ prefix: 'vfio_pci', plain: 'pci:v1:x' });
  expect(overrideOf('a1_cdx:\n')).toEqual({ prefix: 'a1_cdx', plain: 'cdx:\n' });
  for (const alias of ['pci:v1', '_pci:v1', 'vfio_usb:v1', 'vfio_pci', 'x:vfio_pci:v', 'Vfio_pci:v1'])
    expect(overrideOf(alias)).toBeUndefined();
});

test('prefixOf: what stands before the first colon, or all', () => {
  expect(['a:b:c', 'a', ':a'].map(prefixOf)).toEqual(['a', 'a', '']);
});

test('countOf, surplus, sameCounts: how often each string occurs, and how much more', () => {
  const [a, b] = [countOf(['x', 'y', 'x', 'x']), countOf(['x', 'z', 'y'])];
  expect([...a]).toEqual([
    ['x', 3],
    ['y', 1],
  ]);
  expect([[...surplus(a, b)], [...surplus(b, a)]]).toEqual([[['x', 2]], [['z', 1]]]);
  expect([sameCounts(a, countOf(['y', 'x', 'x', 'x'])), sameCounts(a, countOf(['x', 'y']))]).toEqual([true, false]);
  expect([sameCounts(a, b), sameCounts(countOf([]), countOf([])), sameCounts(countOf(['x']), a)]).toEqual([
    false,
    true,
    false,
  ]);
});

test('isJsonFile: by its name, else by its first character', () => {
  const dir = mkdtempSync(join(tmpdir(), 'json-'));
  const is = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return isJsonFile(join(dir, name));
  };
  try {
    expect([is('a.json', 'x'), is('a.ndjson', ''), is('a.json5', 'x')]).toEqual([true, true, false]);
    expect([is('a.alias', '{'), is('a.bin', '[')]).toEqual([false, false]);
    expect([is('a', ' \n{'), is('a', '[1]'), is('a', 'alias {'), is('a', '')]).toEqual([true, true, false, false]);
    expect([is('a', `${' '.repeat(255)}{`), is('a', `${' '.repeat(256)}{`)]).toEqual([true, false]);
    expect(isJsonFile(dir)).toBe(false);
    expect(() => isJsonFile(join(dir, 'none'))).toThrow(expect.objectContaining({ code: 'unreadable' }));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
