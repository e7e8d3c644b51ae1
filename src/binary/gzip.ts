import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { tooBig, type Unpack } from './unpack.ts';

const run = promisify(gunzipCallback);

/** Unpacks gzip data on the thread pool. Its last four bytes give the size, which saves joining pieces. */
export async function gunzip(packed: Uint8Array, { file, limit }: Unpack): Promise<Uint8Array> {
  const claimed = Buffer.from(packed.buffer, packed.byteOffset, packed.length).readUInt32LE(packed.length - 4);
  const chunkSize = Math.min(Math.max(claimed, 64 * 1024), 4 * 1024 * 1024, limit + 1);
  try {
    return await run(packed, { maxOutputLength: limit, chunkSize });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooBig(limit, file) : error;
  }
}
