import { expect, test } from 'vitest';
import { ModaliasError } from '../../src/errors.ts';
import { indexEntries, openIndex } from '../../src/index-file/index-reader.ts';
import { searchWild } from '../../src/index-file/index-search.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { rowsOfIndex } from '../../src/pattern-index/pattern-rows-bin.ts';
import { many } from '../support/many.ts';
import { Random } from '../support/random.ts';

const entries = ['pci:v1*', 'pci:v2*', 'usb:*', 'usb:v1', 'a'].map((key, priority) => ({ key, value: 'm', priority }));
const sound = writeIndex(entries, 'post');

function header(root: number, ...rest: number[]): Uint8Array {
  const bytes = Buffer.alloc(12 + rest.length);
  bytes.writeUInt32BE(0xb007f457, 0);
  bytes.writeUInt32BE(0x00020001, 4);
  bytes.writeUInt32BE(root >>> 0, 8);
  bytes.set(rest, 12);
  return bytes;
}

const damaged: [what: string, bytes: Uint8Array][] = [
  ['no bytes', new Uint8Array(0)],
  ['a header cut short', sound.subarray(0, 8)],
  ['another magic', Buffer.from(sound).fill(0x41, 0, 4)],
  ['another version', Buffer.from(sound).fill(9, 4, 6)],
  ['a root outside the file', header(0x2fffffff)],
  ['a prefix without an end', header(0x8000000c, 0x61, 0x62)],
  ['a table that runs backwards', header(0x2000000c, 9, 8, 0, 0, 0, 0)],
  ['a table cut short', header(0x2000000c, 1, 200, 0, 0)],
  ['four thousand million values', header(0x4000000c, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x6d, 0)],
  ['a child that is its own parent', header(0x2000000c, 97, 97, 0x20, 0, 0, 12)],
  [
    'two children that are one',
    header(0x2000000c, 97, 98, 0x40, 0, 0, 22, 0x40, 0, 0, 22, 0, 0, 0, 1, 0, 0, 0, 0, 109, 0),
  ],
  ['two children of a single byte that are one', header(0x2000000c, 97, 98, 0x80, 0, 0, 22, 0x80, 0, 0, 22, 0)],
];

test.each(damaged)('openIndex, indexEntries: %s is a bad index', (_what, bytes) => {
  expect(() => indexEntries(openIndex(bytes, 'x.bin'))).toThrow(ModaliasError);
  expect(() => rowsOfIndex(openIndex(bytes, 'x.bin'))).toThrow(ModaliasError);
});

test('openIndex takes an index of nothing', () => {
  expect(indexEntries(openIndex(writeIndex([], 'post'), 'x.bin'))).toEqual([]);
  expect(rowsOfIndex(openIndex(writeIndex([], 'pre'), 'x.bin')).size).toBe(0);
});

const FILES = many(5000);

test(`openIndex and searches of ${FILES} damaged files end in a result or an error of ours`, () => {
  const random = new Random(7);
  for (let i = 0; i < FILES; i++) {
    const bytes = Uint8Array.from(sound);
    for (let j = random.below(4); j >= 0; j--) bytes[random.below(bytes.length)] = random.below(256);
    for (const read of [
      () => searchWild(openIndex(bytes, 'x').root(), 'pci:v1d2'),
      () => indexEntries(openIndex(bytes, 'x')),
      () => rowsOfIndex(openIndex(bytes, 'x')),
    ]) {
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(ModaliasError);
      }
    }
  }
});

const prefix = (length: number) => Array.from<number>({ length }).fill(0x61);
const value = [0, 0, 0, 1, 0, 0, 0, 7, 0x6d, 0];
const tableTo = (at: number, flags: number) => [0x62, 0x62, flags, 0, at >> 8, at & 0xff];

test.each([
  ['a prefix of the longest length', header(0xc000000c, ...prefix(4095), 0, ...value), 4095],
  ['a child at the longest length', header(0xa000000c, ...prefix(4094), 0, ...tableTo(4113, 0x40), ...value), 4095],
])('openIndex reads a key of 4,095 bytes: %s', (_what, bytes, length) => {
  const index = openIndex(bytes, 'x.bin');
  expect(indexEntries(index)).toMatchObject([{ value: 'm', priority: 7 }]);
  expect(indexEntries(index)[0]!.key).toHaveLength(length);
  expect(rowsOfIndex(index).literals[0]).toBe(length);
  expect(searchWild(index.root(), indexEntries(index)[0]!.key)).toHaveLength(1);
});

test.each([
  ['a prefix', header(0xc000000c, ...prefix(4096), 0, ...value)],
  ['a child', header(0xa000000c, ...prefix(4095), 0, ...tableTo(4114, 0x40), ...value)],
  ["a child's prefix", header(0xa000000c, ...prefix(4094), 0, ...tableTo(4113, 0xc0), 0x61, 0, ...value)],
])('openIndex refuses a key of 4,096 bytes: %s', (_what, bytes) => {
  const key = 'a'.repeat(4095).slice(0, bytes[12 + 4094] === 0 ? 4094 : 4095);
  const index = openIndex(bytes, 'x.bin');
  expect(() => indexEntries(index)).toThrow('a key is longer than any alias');
  expect(() => rowsOfIndex(index)).toThrow('a key is longer than any alias');
  expect(() => searchWild(index.root(), `${key}ba`)).toThrow('a key is longer than any alias');
});

test('openIndex lets a walk read each byte once, or as often as it says', () => {
  const twice = header(0x2000000c, 97, 98, 0x40, 0, 0, 22, 0x40, 0, 0, 22, 0, 0, 0, 1, 0, 0, 0, 0, 109, 0);
  const index = openIndex(twice, 'x.bin');
  expect(() => searchWild(index.root(), 'a')).not.toThrow();
  const both = (visits: number) => {
    const root = index.root(visits)!;
    return [root.child(97), root.child(98)].map((node) => node?.values.length);
  };
  expect(() => both(1)).toThrow('nodes form a loop');
  expect(both(2)).toEqual([1, 1]);
});

test('openIndex says what it found and what it expected', () => {
  expect(() => openIndex(sound.subarray(0, 8), 'x.bin')).toThrow('an index begins with 12 bytes, found 8');
  expect(() => openIndex(Buffer.from(sound).fill(0x41, 0, 4), 'x.bin')).toThrow('0x41414141, expected 0xb007f457');
  expect(() => openIndex(Buffer.from(sound).fill(9, 4, 6), 'x.bin')).toThrow('version 2313 is unknown, expected 2');
  expect(openIndex(Buffer.from(sound).fill(9, 6, 8), 'x.bin').root()).toBeDefined();
});
