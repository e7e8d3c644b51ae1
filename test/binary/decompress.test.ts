import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompress, isPacked } from '../../src/binary/decompress.ts';
import { Scratch, type Unpack } from '../../src/binary/unpack.ts';
import * as xz from '../../src/binary/xz.ts';
import * as zstd from '../../src/binary/zstd.ts';
import { holdsWholeFrames } from '../../src/binary/zstd-frames.ts';
import { xzStream } from '../support/xz-stream.ts';

const plain = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 7));
const pipe = (command: string, args: string[], input: Uint8Array) =>
  execFileSync(command, args, { input, maxBuffer: 1 << 28 });
const packed = {
  gzip: gzipSync(plain),
  xz: pipe('xz', ['--check=crc32', '-c'], plain),
  zstd: pipe('zstd', ['-q', '-c'], plain),
};
const options = (limit = 1 << 26): Unpack => ({ file: 'x.ko', limit, scratch: new Scratch() });

/** A decoder that this machine may lack. */
const where = async (
  name: string,
  bytes: Uint8Array,
  load: () => Promise<Decoder>,
): Promise<[string, Uint8Array, Decoder][]> =>
  load().then(
    (decoder) => [[name, bytes, decoder]],
    () => [],
  );
type Decoder = (bytes: Uint8Array, to: Unpack) => Promise<Uint8Array>;
const decoders: [string, Uint8Array, Decoder][] = [
  ['gzip', packed.gzip, decompress],
  ['xz', packed.xz, decompress],
  ['zstd', packed.zstd, decompress],
  ['xz by WebAssembly', packed.xz, await xz.webAssembly()],
  ['zstd by WebAssembly', packed.zstd, await zstd.webAssembly()],
  ...(await where('xz by the packaged liblzma', packed.xz, () => xz.liblzma([xz.packagedBinding]))),
  ...(await where('xz by the installed liblzma', packed.xz, () => xz.liblzma([xz.installedBinding]))),
  ...(await where('zstd by Node', packed.zstd, zstd.nodeZstd)),
];

describe.each(decoders)('decompress: %s', (_, bytes, unpack) => {
  test('gives the very bytes, again and again', async () => {
    const to = options();
    for (let i = 0; i < 3; i++) expect(Buffer.compare(await unpack(bytes, to), plain)).toBe(0);
  });

  test('stops at the limit and takes exactly as much', async () => {
    await expect(unpack(bytes, options(plain.length - 1))).rejects.toMatchObject({ code: 'too-big' });
    expect((await unpack(bytes, options(plain.length))).length).toBe(plain.length);
  });

  test('refuses data that is cut short, and works afterwards', async () => {
    for (const size of [8, 20, 1000, bytes.length >> 1, bytes.length - 1])
      await expect(unpack(bytes.subarray(0, size), options())).rejects.toThrow();
    expect((await unpack(bytes, options())).length).toBe(plain.length);
  });

  test('never gives wrong bytes for damaged data', async () => {
    for (let at = 12; at < bytes.length; at += bytes.length >> 4) {
      const bad = Uint8Array.from(bytes);
      bad[at] = bad[at]! ^ 0x55;
      const outcome = await unpack(bad, options()).then(
        (out) => Buffer.compare(out, plain),
        (error) => error,
      );
      expect(outcome === 0 || outcome instanceof Error, `byte ${at}`).toBe(true);
    }
  });
});

test('decompress: a plain file comes back as it is', async () => {
  expect(isPacked(plain)).toBe(false);
  expect(await decompress(plain, options())).toBe(plain);
});

test('decompress: errors name the file and the compression', async () => {
  await expect(decompress(packed.xz.subarray(0, 100), options())).rejects.toMatchObject({
    code: 'bad-compression',
    message: expect.stringMatching(/^x\.ko: damaged xz data \(the data ends early\)/),
  });
});

test.each(decoders.filter(([name]) => name.startsWith('xz by')))(
  'decompress and decompressPieces say in the same words what is wrong: %s',
  async (_, bytes, unpack) => {
    const corrupt = Uint8Array.from(bytes).fill(0x55, 100, 200);
    await expect(unpack(bytes.subarray(0, 100), options())).rejects.toThrow(/^the data ends early$/);
    await expect(unpack(corrupt, options())).rejects.toThrow(/^the data is corrupt$/);
  },
);

test('decompress: 50 MB of zeros in a few kilobytes stop early', async () => {
  const zeros = pipe('sh', ['-c', 'head -c 50000000 /dev/zero | xz -c'], new Uint8Array(0));
  await expect(decompress(zeros, options(1 << 20))).rejects.toMatchObject({ code: 'too-big' });
});

test('unpackedSize: the sum of all blocks; 0 for what is no xz file', () => {
  expect(xz.unpackedSize(packed.xz)).toBe(plain.length);
  expect(xz.unpackedSize(pipe('xz', ['--block-size=100000', '-c'], plain))).toBe(plain.length);
  expect(xz.unpackedSize(new Uint8Array(40).fill(0xff))).toBe(0);
  expect(xz.unpackedSize(new Uint8Array(5))).toBe(0);
  expect(xz.unpackedSize(xzStream([[4, 64 * 1024 * 1024 - 1]]))).toBe(67_108_863);
  expect(xz.unpackedSize(xzStream([[4, 2 ** 40]]))).toBe(67_108_864);
});

test('holdsWholeFrames: frames and skippable frames one after the other, and nothing cut off', () => {
  const piped = pipe('sh', ['-c', 'zstd -q -c --no-check'], plain);
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const small = pipe('zstd', ['-q', '-c'], Buffer.from('small'));
  const zeros = pipe('zstd', ['-q', '-c'], new Uint8Array(1 << 20));
  for (const whole of [packed.zstd, piped, small, zeros]) {
    expect(holdsWholeFrames(whole)).toBe(true);
    expect(holdsWholeFrames(Buffer.concat([whole, skippable, whole]))).toBe(true);
    for (const cut of [1, 2, 5, whole.length >> 1, whole.length - 5])
      expect(holdsWholeFrames(whole.subarray(0, whole.length - cut)), `${whole.length} without ${cut}`).toBe(false);
    expect(holdsWholeFrames(Buffer.concat([whole, Buffer.from([0])]))).toBe(false);
  }
});
