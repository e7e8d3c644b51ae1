import { execFileSync } from 'node:child_process';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompressPieces } from '../../src/binary/decompress.ts';
import type { PackedRange } from '../../src/binary/packed-range.ts';
import { memorySource } from '../../src/binary/source.ts';
import { installedBinding, packagedBinding } from '../../src/binary/xz.ts';
import { independentBlocks } from '../../src/binary/xz-blocks.ts';
import { liblzmaPieces, webAssemblyPieces } from '../../src/binary/xz-pieces.ts';
import { nodeZstdPieces, unzstdPieces, webAssemblyZstdPieces } from '../../src/binary/zstd-pieces.ts';
import { xzStream } from '../support/xz-stream.ts';

const plain = Buffer.from(Array.from({ length: 1_200_000 }, (_, i) => (i * i) >> 7));
const run = (command: string, input: Uint8Array = plain) =>
  execFileSync('sh', ['-c', command], { input, maxBuffer: 1 << 28 });
const packed = {
  gzip: run('gzip -c'),
  'xz in one block': run('xz -c'),
  'xz in many blocks': run('xz --block-size=80000 -c'),
  zstd: run('zstd -q -c'),
};

/** The bytes as a part of a file, with others around them. */
const rangeOf = (bytes: Uint8Array): PackedRange => ({
  source: memorySource(Buffer.concat([Buffer.alloc(77, 1), bytes, Buffer.alloc(55, 2)]), 'x.deb'),
  start: 77,
  end: 77 + bytes.length,
});

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(Uint8Array.from(piece));
  return Buffer.concat(all);
}

type Pieces = (range: PackedRange) => AsyncIterable<Uint8Array>;
const unpack: Pieces = (range) => decompressPieces(range, 1 << 26);
/** A decoder that this machine may lack. */
const where = (name: string, bytes: Uint8Array, load: () => Pieces | undefined): [string, Uint8Array, Pieces][] => {
  try {
    const pieces = load();
    return pieces ? [[name, bytes, pieces]] : [];
  } catch {
    return [];
  }
};
const decoders: [string, Uint8Array, Pieces][] = [
  ...Object.entries(packed).map(([name, bytes]): [string, Uint8Array, Pieces] => [name, bytes, unpack]),
  ['xz by WebAssembly', packed['xz in one block'], webAssemblyPieces],
  ['xz in many blocks by WebAssembly', packed['xz in many blocks'], webAssemblyPieces],
  ['zstd by WebAssembly', packed.zstd, webAssemblyZstdPieces],
  ...where('xz by the installed liblzma', packed['xz in many blocks'], () => liblzmaPieces([installedBinding])),
  ...where('xz by the packaged liblzma', packed['xz in one block'], () => liblzmaPieces([packagedBinding])),
  ...where('zstd by Node', packed.zstd, nodeZstdPieces),
];

describe.each(decoders)('decompressPieces: %s', (_, bytes, pieces) => {
  test('gives the very bytes of a part of a file, twice at a time', async () => {
    const both = await Promise.all([whole(pieces(rangeOf(bytes))), whole(pieces(rangeOf(bytes)))]);
    for (const one of both) expect(Buffer.compare(one, plain)).toBe(0);
  });

  test('refuses data that is cut short, and works afterwards', async () => {
    for (const size of [8, 20, 1000, bytes.length >> 1, bytes.length - 1])
      await expect(whole(pieces(rangeOf(bytes.subarray(0, size)))), `${size} bytes`).rejects.toThrow();
    expect((await whole(pieces(rangeOf(bytes)))).length).toBe(plain.length);
  });

  test('never gives wrong bytes for damaged data', async () => {
    for (let at = 12; at < bytes.length; at += bytes.length >> 4) {
      const bad = Uint8Array.from(bytes);
      bad[at] = bad[at]! ^ 0x55;
      const outcome = await whole(pieces(rangeOf(bad))).then(
        (out) => Buffer.compare(out, plain),
        (error) => error,
      );
      expect(outcome === 0 || outcome instanceof Error, `byte ${at}`).toBe(true);
    }
  });

  test('ends when the caller has enough', async () => {
    for await (const piece of pieces(rangeOf(bytes))) {
      expect(Buffer.compare(piece, plain.subarray(0, piece.length))).toBe(0);
      break;
    }
  });
});

test.each(Object.entries(packed))(
  'decompressPieces: %s stops at the limit and takes exactly as much',
  async (_, bytes) => {
    await expect(whole(decompressPieces(rangeOf(bytes), plain.length - 1))).rejects.toMatchObject({ code: 'too-big' });
    expect((await whole(decompressPieces(rangeOf(bytes), plain.length))).length).toBe(plain.length);
  },
);

test('decompressPieces: errors name the file and the compression; plain data comes as it is', async () => {
  await expect(whole(unpack(rangeOf(packed.gzip.subarray(0, 100))))).rejects.toMatchObject({
    code: 'bad-compression',
    message: expect.stringMatching(/^x\.deb: damaged gzip data/),
  });
  expect(Buffer.compare(await whole(unpack(rangeOf(plain))), plain)).toBe(0);
  const beyond = { ...rangeOf(plain), end: plain.length + 1000 };
  await expect(whole(unpack(beyond))).rejects.toMatchObject({ code: 'truncated' });
});

test('independentBlocks: the blocks of one stream with a sound index, and of nothing else', () => {
  const many = packed['xz in many blocks'];
  const blocks = independentBlocks(rangeOf(many))!;
  expect(blocks.map((block) => block.unpacked)).toEqual([...Array.from({ length: 15 }, () => 80_000)]);
  expect(blocks[0]!.start).toBe(77 + 12);
  for (const other of [
    packed['xz in one block'],
    packed.gzip,
    Buffer.concat([many, many]),
    Buffer.concat([many, Buffer.alloc(4)]),
    many.subarray(0, many.length - 1),
    many.subarray(0, 20),
    new Uint8Array(0),
  ])
    expect(independentBlocks(rangeOf(other))).toBeUndefined();
  for (const at of [7, 9, many.length - 1, many.length - 4, many.length - 10, many.length - 30]) {
    const bad = Uint8Array.from(many);
    bad[at] = bad[at]! ^ 1;
    expect(independentBlocks(rangeOf(bad)), `byte ${at}`).toBeUndefined();
  }
});

test('independentBlocks: not where header and footer do not agree on the check', () => {
  const bytes = xzStream([
    [8, 100],
    [4, 50],
  ]);
  expect(independentBlocks(rangeOf(bytes))).toHaveLength(2);
  bytes[7] = 4;
  bytes.writeUInt32LE(crc32(bytes.subarray(6, 8)), 8);
  expect(independentBlocks(rangeOf(bytes))).toBeUndefined();
});

test('independentBlocks: blocks of 32 MiB at most, by an index of 1 MiB at most', () => {
  const unpackedOf = (unpacked: number, indexSize?: number) =>
    independentBlocks(
      rangeOf(
        xzStream(
          [
            [8, 100],
            [4, unpacked],
          ],
          indexSize,
        ),
      ),
    )?.map((block) => block.unpacked);
  expect(unpackedOf(33_554_432)).toEqual([100, 33_554_432]);
  expect(unpackedOf(33_554_433)).toBeUndefined();
  expect(unpackedOf(7, 1_048_576)).toEqual([100, 7]);
  expect(unpackedOf(7, 1_048_580)).toBeUndefined();
});

test('unxzPieces: blocks above 32 MiB are decoded in order, in little memory', async () => {
  const zeros = run('head -c 68000000 /dev/zero | xz -0 -T2 --block-size=34000000 -c', new Uint8Array(0));
  expect(independentBlocks(rangeOf(zeros))).toBeUndefined();
  let size = 0;
  let largest = 0;
  for await (const piece of unpackLarge(rangeOf(zeros))) {
    size += piece.length;
    largest = Math.max(largest, piece.length);
  }
  expect(size).toBe(68_000_000);
  expect(largest).toBeLessThanOrEqual(1 << 20);
});
const unpackLarge: Pieces = (range) => decompressPieces(range, 1 << 28);

test('unxzPieces: streams one after the other, with zeros between them, as xz -dc reads them', async () => {
  const one = packed['xz in one block'];
  for (const [, , pieces] of decoders.filter(([name]) => name.includes('liblzma'))) {
    const size = async (...parts: readonly Uint8Array[]) => (await whole(pieces(rangeOf(Buffer.concat(parts))))).length;
    expect(await size(one, one, Buffer.alloc(300_000), one)).toBe(3 * plain.length);
    await expect(size(one, Buffer.from('more'))).rejects.toThrow();
  }
});

test('unzstdPieces: frames one after the other, and skippable ones', async () => {
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const twice = Buffer.concat([packed.zstd, skippable, packed.zstd]);
  expect((await whole(unzstdPieces(rangeOf(twice)))).length).toBe(2 * plain.length);
});
