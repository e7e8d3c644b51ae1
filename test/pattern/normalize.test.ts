import { describe, expect, test } from 'vitest';
import { moduleName, normalizeAlias, underscored } from '../../src/pattern/normalize.ts';

describe('normalizeAlias', () => {
  test.each([
    ['pci:v00001234d*', 'pci:v00001234d*'],
    ['char-major-10-200', 'char_major_10_200'],
    ['scsi:t-0x00*', 'scsi:t_0x00*'],
    ['svn[a-b]-c', 'svn[a-b]_c'],
    ['a-[x-z-]-[-]-b', 'a_[x-z-]_[-]_b'],
    ['esc\\[x\\]-y', 'esc\\[x\\]_y'],
    ['a[[b]-c', 'a[[b]_c'],
    ['[]', '[]'],
    ['', ''],
  ])('normalizeAlias turns dashes outside brackets of %j', (alias, key) => {
    expect(normalizeAlias(alias)).toBe(key);
  });

  test('normalizeAlias cuts at 4,095 bytes where nothing is to be replaced, too', () => {
    expect(normalizeAlias('x'.repeat(4095))).toBe('x'.repeat(4095));
    expect(normalizeAlias('x'.repeat(4096))).toBe('x'.repeat(4095));
  });

  test.each(['a]', ']', 'nest[[a]]', 'rb[]a]c', 'cls[[:digit:]]x', 'pre\\[x*', 'a[', 'a[b-c', 'x[a]]'])(
    'normalizeAlias refuses %j, a bracket without its partner',
    (alias) => {
      expect(normalizeAlias(alias)).toBeUndefined();
    },
  );

  test('normalizeAlias cuts at 4,095 bytes, before a stray bracket beyond them counts', () => {
    expect(normalizeAlias('-'.repeat(5000))).toBe('_'.repeat(4095));
    expect(normalizeAlias(`${'x'.repeat(4095)}]`)).toBe('x'.repeat(4095));
    expect(normalizeAlias(`${'x'.repeat(4094)}]`)).toBeUndefined();
    expect(normalizeAlias(`${'x'.repeat(4092)}[a]-`)).toBe(`${'x'.repeat(4092)}[a]`);
  });

  test('normalizeAlias refuses a bracket that runs over the cut', () => {
    expect(normalizeAlias(`${'x'.repeat(4093)}[a]`)).toBeUndefined();
    expect(normalizeAlias(`[${'x'.repeat(9000)}]`)).toBeUndefined();
  });

  test('normalizeAlias applied twice changes nothing more', () => {
    for (const alias of ['a-b[c-d]-e', 'x', 'of:N*T*Cfoo,bar-bazC*'])
      expect(normalizeAlias(normalizeAlias(alias)!)).toBe(normalizeAlias(alias));
  });
});

test.each([
  ['e1000e.ko', 'e1000e'],
  ['snd-hda-intel.ko.xz', 'snd_hda_intel'],
  ['dotted.name.ko', 'dotted'],
  ['.hidden.ko', ''],
  ['plain', 'plain'],
  [`${'x'.repeat(4094)}-y.ko`, `${'x'.repeat(4094)}_`],
])('moduleName of %s is %s', (file, name) => {
  expect(moduleName(file)).toBe(name);
});

test('underscored: every dash, wherever it stands', () => {
  expect(underscored('-snd-hda_intel-')).toBe('_snd_hda_intel_');
});
