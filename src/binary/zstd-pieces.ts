import * as zlib from 'node:zlib';
import { throughDecoder } from './gzip-pieces.ts';
import { type PackedRange, readPieces } from './packed-range.ts';
import { bufferOf } from './reader.ts';
import { isOneFrame, wholeFrames } from './zstd-frames.ts';

type ZstdPieces = (range: PackedRange) => AsyncGenerator<Uint8Array>;

/**
 * The unpacked bytes of zstd data in pieces: with Node's own decoder where it has one (22.15 on), else in WebAssembly.
 */
export async function* unzstdPieces(range: PackedRange): AsyncGenerator<Uint8Array> {
  yield* (nodeZstdPieces() ?? webAssemblyZstdPieces)(range);
}

/** The decoder of node:zlib, on the thread pool; undefined where this Node has none. */
export function nodeZstdPieces(): ZstdPieces | undefined {
  type Create = (options: { chunkSize: number }) => NodeJS.ReadWriteStream & { destroy(error?: Error): unknown };
  const create = (zlib as { createZstdDecompress?: Create }).createZstdDecompress;
  if (!create) return undefined;
  return async function* (range) {
    // Node's decoder gives what it has got so far, without an error, where data is cut short.
    const { source, start, end } = range;
    const read = (at: number, size: number) => bufferOf(source.readUpTo(start + at, size));
    if (!wholeFrames(end - start, read)) throw new Error('the data ends early or in the wrong place');
    // As a stream it stops after the first frame.
    if (isOneFrame(end - start, read)) yield* throughDecoder(range, create({ chunkSize: 256 * 1024 }));
    else yield* webAssemblyZstdPieces(range);
  };
}

/** The decoder in WebAssembly, on the main thread. */
export async function* webAssemblyZstdPieces(range: PackedRange): AsyncGenerator<Uint8Array> {
  const { ZSTDDecoder } = await import('zstddec/stream');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  let idle = 0;
  function* input() {
    for (const piece of readPieces(range)) {
      idle = 0;
      yield piece;
    }
  }
  for (const piece of decoder.decodeStreaming(input())) {
    // Damaged data makes this decoder give empty pieces for ever.
    idle = piece.length === 0 ? idle + 1 : 0;
    if (idle > 3) throw new Error('the data is corrupt');
    if (piece.length > 0) yield piece;
  }
}
