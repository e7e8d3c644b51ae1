import { expect, test } from 'vitest';
import { Reader } from '../../src/binary/reader.ts';
import { busNamed } from '../../src/bus/buses.ts';
import { rowLayout } from '../../src/bus/define/read-rows.ts';
import { fits, fittingReleases, knownSizes } from '../../src/module/table-layout.ts';
import { formatFirst, parseRelease } from '../../src/release.ts';

const LP64 = { littleEndian: true, wordSize: 8, maxAlign: 8 } as const;

/** As many bytes, all zeros but those named. */
function bytes(size: number, ...set: readonly number[]): Reader {
  const data = new Uint8Array(size);
  for (const at of set) data[at] = 1;
  return new Reader(data, LP64, 'a.ko');
}

// In 6.12 an hid row has two u16, two u32, four bytes of padding at 12 and an unsigned long: 24 bytes.
const hid = rowLayout(busNamed('hid')!, LP64, parseRelease('6.12'));
// A serio row is four u8.
const serio = rowLayout(busNamed('serio')!, LP64, parseRelease('6.12'));
// An ipack row is a u8 and, at 4 and 8, two u32.
const ipack = rowLayout(busNamed('ipack')!, LP64, parseRelease('6.12'));
// An i2c row on amd64 is 20 characters, padding, and an unsigned long at 24.
const i2c = rowLayout(busNamed('i2c')!, LP64, parseRelease('6.12'));

test.each([
  ['a terminator alone', bytes(24), hid, true],
  ['no bytes at all', bytes(0), hid, false],
  ['less than a row', bytes(23), hid, false],
  ['a row and a terminator', bytes(48, 0, 11, 16, 23), hid, true],
  ['no multiple of a row', bytes(47), hid, false],
  ['another no multiple of a row', bytes(49), hid, false],
  ['a terminator whose first byte is not 0', bytes(48, 24), hid, false],
  ['a terminator whose last byte is not 0', bytes(48, 47), hid, false],
  ['the first byte of padding that is not 0', bytes(48, 12), hid, false],
  ['the last byte of padding that is not 0', bytes(48, 15), hid, false],
  ['padding of the second row that is not 0', bytes(72, 0, 24, 38), hid, false],
  ['padding between the first field and the second that is not 0', bytes(24, 3), ipack, false],
  ['fields of such a row only', bytes(24, 0, 4, 11), ipack, true],
  ['padding behind text that is not 0', bytes(64, 0, 19, 20), i2c, false],
  ['text that is full', bytes(64, 0, 19, 24), i2c, true],
  ['a struct without padding', bytes(8, 0, 1, 2, 3), serio, true],
] as const)('fits: %s', (_what, table, layout, expected) => {
  expect(fits(table, layout)).toBe(expected);
});

test('fits: padding at the end of a struct counts', () => {
  // A 5.15 pci row on amd64: seven u32 and an unsigned long, then a u32 and four bytes of padding.
  const pci = rowLayout(busNamed('pci')!, LP64, parseRelease('5.15'));
  expect(pci.size).toBe(40);
  expect(fits(bytes(80, 35), pci)).toBe(true);
  expect(fits(bytes(80, 36), pci)).toBe(false);
  expect(fits(bytes(80, 39), pci)).toBe(false);
});

const pci = busNamed('pci')!;
const OPEN = { from: parseRelease('5.10'), until: undefined };
const spelling = (from: string, until?: string) => ({
  from: parseRelease(from),
  until: until === undefined ? undefined : parseRelease(until),
});
const found = (...args: Parameters<typeof fittingReleases>) => fittingReleases(...args).map(formatFirst);

test('fittingReleases: the own release alone, where its layout fits', () => {
  expect(fittingReleases(bytes(64), pci, OPEN, parseRelease('5.14'))).toEqual([parseRelease('5.14')]);
});

test('fittingReleases: each release with another layout that fits, where the own does not or is not known', () => {
  // 160 bytes are five rows of 32 bytes or four of 40.
  expect(found(bytes(160), pci, OPEN, undefined)).toEqual(['5.10', '5.15']);
  expect(found(bytes(160, 36), pci, OPEN, undefined)).toEqual(['5.10']);
  expect(found(bytes(80), pci, OPEN, parseRelease('5.14'))).toEqual(['5.15']);
  expect(found(bytes(64), pci, OPEN, parseRelease('6.12'))).toEqual(['5.10']);
  expect(found(bytes(33), pci, OPEN, undefined)).toEqual([]);
});

test.each([
  ['begins with a layout', spelling('5.15'), ['5.15']],
  ['begins exactly where the layout does', spelling('5.15.0'), ['5.15']],
  ['begins while the older layout lasts', spelling('5.14'), ['5.10', '5.15']],
  ['ends where the newer layout begins', spelling('5.10', '5.15.0'), ['5.10']],
  ['ends after that', spelling('5.10', '5.15.1'), ['5.10', '5.15']],
] as const)('fittingReleases: those in the bounds of a spelling that %s', (_what, bounds, expected) => {
  expect(found(bytes(160), pci, bounds, undefined)).toEqual(expected);
});

test('fittingReleases: any that fits where none in the bounds does', () => {
  expect(found(bytes(64), pci, spelling('5.15'), undefined)).toEqual(['5.10']);
});

test.each([
  ['pci', '32 from 5.10, 40 from 5.15'],
  ['hid', '24 from 5.10'],
  ['serio', '4 from 5.10'],
  // In 6.15 x86cpu gained a byte that fits where padding was.
  ['x86cpu', '24 from 5.10'],
])('knownSizes of %s: each size once, with its first release', (bus, expected) => {
  expect(knownSizes(bytes(0), busNamed(bus)!)).toBe(expected);
});
