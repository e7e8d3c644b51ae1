import { crc32 } from 'node:zlib';

/** A number of seven bits a byte, the lowest first (xz-file-format.txt 1.2). */
function vli(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...vli(Math.floor(value / 128))];
}

function checked(bytes: readonly number[]): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(Buffer.from(bytes)));
  return sum;
}

/**
 * One xz stream whose header, index and footer are sound, with zeros for its blocks: of each the size in the file, a
 * multiple of four, and what the index says comes out. The index has at least `indexSize` bytes, a multiple of four.
 */
export function xzStream(blocks: readonly (readonly [packed: number, unpacked: number])[], indexSize = 0): Buffer {
  const flags = [0, 1];
  const records = blocks.flatMap(([packed, unpacked]) => [...vli(packed), ...vli(unpacked)]);
  const index = [0, ...vli(blocks.length), ...records];
  while (index.length % 4 !== 0 || index.length + 4 < indexSize) index.push(0);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(index.length / 4);
  const end = [...size, ...flags];
  return Buffer.concat([
    Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, ...flags]),
    checked(flags),
    Buffer.alloc(blocks.reduce((sum, [packed]) => sum + packed, 0)),
    Buffer.from(index),
    checked(index),
    checked(end),
    Buffer.from(end),
    Buffer.from('YZ'),
  ]);
}
