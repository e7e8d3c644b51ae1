import { expect, test } from 'vitest';
import { parseAliases } from '../../../src/lookup/load.ts';
import { choose } from '../../../src/packaging/export/choose.ts';
import { EXPORT_FORMATS } from '../../../src/packaging/export/formats.ts';

/** What a format writes of aliases of a module `m`. */
function written(format: string, ...aliases: readonly string[]) {
  const index = parseAliases(aliases.map((alias) => `alias ${alias} m\n`).join(''));
  return EXPORT_FORMATS[format]!.write(choose(index), { package: 'kmp' });
}

const elements = (text: string) => [...text.matchAll(/^ {2}<modalias>(.*)<\/modalias>$/gm)].map((m) => m[1]);

test.each([
  ['pci:v*d0000102[0-2]sv*', ['pci:v*d00001020sv*', 'pci:v*d00001021sv*', 'pci:v*d00001022sv*']],
  ['acpi*:PNP0C0A:*', ['acpi:PNP0C0A:*', 'acpi:*:PNP0C0A:*']],
  ['dmi*:svnX*:', ['dmi:svnX*:', 'dmi:*:svnX*:']],
  ['platform:a-b', ['platform:a-b', 'platform:a_b']],
  ['platform:a&b<c>', ['platform:a&amp;b&lt;c&gt;']],
])('appstream: %s is %j', (alias, expected) => {
  const { text, wider, unmatched } = written('appstream', alias);
  expect(text).toMatch(/^<provides>\n.*<\/provides>\n$/s);
  expect(elements(text)).toEqual(expected);
  expect([wider, unmatched]).toEqual([[], []]);
});

test('appstream: a parenthesis, at which isenkram-lookup fails, is ? and reported; a comma stays and is reported', () => {
  const { text, wider, unmatched } = written('appstream', 'dmi:pn(x)*', 'of:N*T*Cfsl,x*');
  expect(elements(text)).toEqual(['dmi:pn?x?*', 'of:N*T*Cfsl,x*']);
  expect(wider).toMatchObject([{ pattern: 'dmi:pn(x)*', modules: ['m'], written: ['dmi:pn?x?*'] }]);
  expect(unmatched).toMatchObject([{ pattern: 'of:N*T*Cfsl,x*', reader: 'isenkram-lookup' }]);
});

test('appstream: bytes that XML and UTF-8 may not have are ?, and reported', () => {
  const { text, wider } = written('appstream', 'platform:a\x01b\xffc');
  expect(elements(text)).toEqual(['platform:a?b?c']);
  expect(wider).toHaveLength(1);
});

test.each([
  ['pci:v00008086d*', 'pci:v00008086d*'],
  ['of:N*T*Cfsl,x-y*', 'of:N*T*Cfsl%2Cx%5B%5F%2D%5Dy*'],
  ['acpi*:PNP0C0A:*', 'acpi*:PNP0C0A:*'],
  ['dmi:pn(x)?*', 'dmi:pn%28x%29%3F*'],
  ['platform:100%', 'platform:100%25'],
])('rpm-suse: %s is %s', (alias, expected) => {
  const { text, wider, unmatched } = written('rpm-suse', alias);
  expect(text).toBe(`Supplements: modalias(kmp:${expected})\n`);
  expect([wider, unmatched]).toEqual([[], []]);
});

test('rpm-suse: what older versions of libsolv pass over is left out, and reported', () => {
  const long = `dmi:${'x'.repeat(1100)}*`;
  const { text, entries, unmatched } = written('rpm-suse', long);
  expect([text, entries]).toEqual(['', []]);
  expect(unmatched).toMatchObject([{ pattern: long, reader: null }]);
});

test('initramfs: names have underscores, and what is not a name is left out and reported', () => {
  const index = parseAliases('alias pci:v1d1* b-c\nalias pci:v2d2* a\nalias pci:v3d3* $(x)\n');
  const { text, unmatched } = EXPORT_FORMATS.initramfs!.write(choose(index), {});
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['a', 'b_c', '']);
  expect(unmatched).toMatchObject([{ modules: ['$(x)'], pattern: null }]);
});

test('EXPORT_FORMATS: each writes printable ASCII in whole lines', () => {
  for (const format of Object.keys(EXPORT_FORMATS)) {
    const { text } = written(format, 'platform:\x1b[2J]\xe9', 'pci:v*d[0-9]*', 'acpi*:A:*');
    expect(text).toMatch(/^([\x20-\x7e]+\n)+$/);
  }
});
