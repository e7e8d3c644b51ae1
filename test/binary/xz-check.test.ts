import { expect, test } from 'vitest';
import { xzCheckOf } from '../../src/binary/decompress.ts';

test('xzCheckOf names the check of xz data, by its number where it has no name', () => {
  const start = (check: number) => Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, check);
  expect([0, 1, 4, 10, 3, 0x1f].map((check) => xzCheckOf(start(check)))).toEqual([
    ...['none', 'crc32', 'crc64', 'sha256', 'of type 3', 'of type 15'],
  ]);
  expect(xzCheckOf(Uint8Array.of(0x1f, 0x8b, 8))).toBeUndefined();
});
