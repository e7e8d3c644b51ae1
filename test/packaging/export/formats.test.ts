import { expect, test } from 'vitest';
import { knownDevice } from '../../../src/inventory/known-device.ts';
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

test('appstream: commas and parentheses, at which isenkram-lookup splits patterns, are ? and reported', () => {
  const { text, wider, unmatched } = written('appstream', 'dmi:pn(x)*', 'of:N*T*Cfsl,x*');
  expect(elements(text)).toEqual(['dmi:pn?x?*', 'of:N*T*Cfsl?x*']);
  const why = 'with ? for commas and parentheses, at which isenkram-lookup splits patterns';
  expect(wider).toEqual([
    { pattern: 'dmi:pn(x)*', modules: ['m'], written: ['dmi:pn?x?*'], why },
    { pattern: 'of:N*T*Cfsl,x*', modules: ['m'], written: ['of:N*T*Cfsl?x*'], why },
  ]);
  expect(unmatched).toEqual([]);
});

test.each([
  ['platform:a\x01b', ['platform:a?b'], 'with ? for what the format cannot say'],
  ['platform:*[0-9A-F][0-9A-F][0-9A-F]', 256, 'with ? for brackets that would need more than 256 lines'],
  ['platform:,*[0-9A-F][0-9A-F][0-9A-F]', 256, 'with ? for brackets that would need more than 256 lines'],
  ['platform:a\xc3\xa9\xe2\x82\xacc', ['platform:a&#233;&#8364;c'], undefined],
  ['platform:a\xf0\x9f\x98\x80*', ['platform:a&#128512;*'], undefined],
  ['mdio:01????', ['mdio:01????'], undefined],
  ['platform:a*b?', ['platform:a*b?'], 'as a ? takes a character of several bytes, too'],
  ['platform:a*[!b]', ['platform:a*?'], 'with ? for what the format cannot say'],
])('appstream: %j is %j, and says what is wider', (alias, expected, why) => {
  const { text, wider } = written('appstream', alias);
  const found = elements(text);
  expect(typeof expected === 'number' ? found.length : found).toEqual(expected);
  expect(wider.map((one) => one.why)).toEqual(why === undefined ? [] : [why]);
});

test.each([
  ['platform:a\xe9c', null, 'as the format holds UTF-8 only'],
  ['platform:a*\xc3[\xa9\xaa]', null, 'as the format holds UTF-8 only'],
  ['platform:a\xef\xbf\xbf', null, 'as the format holds UTF-8 only'],
  ['platform:a*??', 'libappstream and isenkram-lookup', expect.stringContaining('a ? takes all of it')],
])('appstream: lists %j, which %s reader matches', (alias, reader, why) => {
  const { entries, unmatched } = written('appstream', alias);
  expect(unmatched).toMatchObject([{ reader, why }]);
  expect(entries).toHaveLength(reader === null ? 0 : 1);
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

test('rpm-suse: a ? is wider where devices may print other characters than ASCII', () => {
  const whys = ['platform:a*b?', 'dmi:pn?*', 'mdio:01????'].map((alias) =>
    written('rpm-suse', alias).wider.map(({ why }) => why),
  );
  expect(whys).toEqual([['as a ? takes a character of several bytes, too'], [], []]);
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

test('initramfs: names the devices of a module in a comment of 150 characters, each by 70 of its own, and counts the rest', () => {
  const comment = (...devices: readonly string[]) => {
    const patterns = choose(parseAliases('alias platform:* m\n'), { devices: devices.map(knownDevice) });
    return EXPORT_FORMATS.initramfs!.write(patterns, {}).text.split('\n')[1];
  };
  const device = (length: number, end = 'x') => `platform:${end.padStart(length - 9, 'y')}`;
  expect(comment(device(70))).toBe(`# ${device(70)}`);
  expect(comment(device(71))).toBe(`# ${device(71).slice(0, 70)}...`);
  const [a, b, c] = [device(70, 'a'), device(70, 'b'), device(10, 'z')];
  expect(comment(a, b)).toBe(`# ${a}, ${b}`);
  expect(comment(a, b, c)).toBe(`# ${a}, ${b} and 1 more`);
  const sorted = (...lengths: readonly number[]) => lengths.map((length, i) => `platform:${i}`.padEnd(length, 'x'));
  expect(comment(...sorted(70, 50, 26))).toBe(`# ${sorted(70, 50, 26).join(', ')}`);
  expect(comment(...sorted(70, 50, 27))).toBe(`# ${sorted(70, 50).join(', ')} and 1 more`);
});

test('rpm-suse: takes a dependency of 1,023 bytes, and lists a longer one', () => {
  const of = (length: number) =>
    written('rpm-suse', `platform:${'x'.repeat(length - 'modalias(kmp:platform:)'.length)}`);
  expect(of(1023)).toMatchObject({ unmatched: [], text: expect.stringMatching(/^Supplements: .{1023}\n$/) });
  expect(of(1024)).toMatchObject({
    text: '',
    unmatched: [{ why: 'as older versions of libsolv pass over dependencies of more than 1023 bytes' }],
  });
});

test('EXPORT_FORMATS: each writes printable ASCII in whole lines', () => {
  for (const format of Object.keys(EXPORT_FORMATS)) {
    const { text } = written(format, 'platform:\x1b[2J]\xe9', 'pci:v*d[0-9]*', 'acpi*:A:*');
    expect(text).toMatch(/^([\x20-\x7e]+\n)+$/);
  }
});
