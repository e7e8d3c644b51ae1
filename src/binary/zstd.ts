import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { grownRoom, tooBig, type Unpack } from './unpack.ts';
import { holdsWholeFrames } from './zstd-frames.ts';

type UnpackZstd = (packed: Uint8Array, to: Unpack) => Promise<Uint8Array>;

let chosen: Promise<UnpackZstd> | undefined;

/** Unpacks zstd data: with Node's own decoder where it has one (22.15 on), else in WebAssembly. */
export async function unzstd(packed: Uint8Array, to: Unpack): Promise<Uint8Array> {
  chosen ??= nodeZstd().catch(webAssembly);
  return (await chosen)(packed, to);
}

/** The decoder of node:zlib, on the thread pool, or a rejection where this Node has none. */
export async function nodeZstd(): Promise<UnpackZstd> {
  type Callback = (error: Error | null, result: Uint8Array) => void;
  type Run = (packed: Uint8Array, options: { maxOutputLength: number; chunkSize: number }, done: Callback) => void;
  const own = (zlib as { zstdDecompress?: Run }).zstdDecompress;
  if (!own) throw new Error('this Node has no zstd');
  const run = promisify(own);
  return async (packed, { file, limit }) => {
    if (!holdsWholeFrames(packed)) throw new Error('the data ends early or in the wrong place');
    try {
      return await run(packed, { maxOutputLength: limit, chunkSize: 1 << 20 });
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooBig(limit, file) : error;
    }
  };
}

/** The decoder in WebAssembly. */
export async function webAssembly(): Promise<UnpackZstd> {
  const { ZSTDDecoder } = await import('zstddec/stream');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return async (packed, { file, limit, scratch }) => {
    let output = scratch.room(1);
    let size = 0;
    let idle = 0;
    for (const piece of decoder.decodeStreaming([packed])) {
      // On damaged data this decoder returns empty pieces forever.
      idle = piece.length === 0 ? idle + 1 : 0;
      if (idle > 3) throw new Error('the data is corrupt');
      if (size + piece.length > limit) throw tooBig(limit, file);
      if (size + piece.length > output.length) output = scratch.room(grownRoom(size + piece.length, limit, file), size);
      output.set(piece, size);
      size += piece.length;
    }
    return output.subarray(0, size);
  };
}
