import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type PackedRange, readPieces } from './packed-range.ts';

const PIECE = 256 * 1024;

/** The unpacked bytes of gzip data in pieces, decoded on the thread pool. */
export async function* gunzipPieces(range: PackedRange): AsyncGenerator<Uint8Array> {
  yield* throughDecoder(range, createGunzip({ chunkSize: PIECE }));
}

/** What a decoder of node:zlib makes of the data. */
export async function* throughDecoder(
  range: PackedRange,
  decoder: NodeJS.ReadWriteStream & { destroy(error?: Error): unknown },
): AsyncGenerator<Uint8Array> {
  const input = Readable.from(readPieces(range), { objectMode: false });
  input.on('error', (error) => decoder.destroy(error));
  try {
    for await (const piece of input.pipe(decoder)) yield piece as unknown as Uint8Array;
  } finally {
    input.destroy();
  }
}
