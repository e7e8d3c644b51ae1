import { expect, test } from 'vitest';
import { ModaliasError } from '../../src/errors.ts';
import { indexEntries, openIndex } from '../../src/index-file/index-reader.ts';
import { searchWild } from '../../src/index-file/index-search.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { rowsOfIndex } from '../../src/pattern-index/pattern-rows-bin.ts';
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
];

test.each(damaged)('openIndex, indexEntries: %s is a bad index', (_what, bytes) => {
  expect(() => indexEntries(openIndex(bytes, 'x.bin'))).toThrow(ModaliasError);
  expect(() => rowsOfIndex(openIndex(bytes, 'x.bin'))).toThrow(ModaliasError);
});

test('openIndex takes an index of nothing', () => {
  expect(indexEntries(openIndex(writeIndex([], 'post'), 'x.bin'))).toEqual([]);
  expect(rowsOfIndex(openIndex(writeIndex([], 'pre'), 'x.bin')).size).toBe(0);
});

test('openIndex and searches of 20,000 damaged files end in a result or an error of ours', () => {
  const random = new Random(7);
  for (let i = 0; i < 20_000; i++) {
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
