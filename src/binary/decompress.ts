import { ModaliasError } from '../errors.ts';
import { gunzip } from './gzip.ts';
import type { Unpack } from './unpack.ts';
import { unxz } from './xz.ts';
import { unzstd } from './zstd.ts';

/** Default limit in bytes on the unpacked size of a compressed file. */
export const DEFAULT_UNPACKED_LIMIT = 512 * 1024 * 1024;

interface Decoder {
  readonly name: string;
  readonly magic: readonly number[];
  readonly unpack: ((packed: Uint8Array, to: Unpack) => Promise<Uint8Array>) | null;
}

/**
 * The compressions of kernel modules by their first bytes, as kmod recognises them (libkmod-file.c); plain comes last.
 */
const decoders: readonly Decoder[] = [
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], unpack: unxz },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: unzstd },
  { name: 'gzip', magic: [0x1f, 0x8b], unpack: gunzip },
  { name: 'plain', magic: [], unpack: null },
];

/** Whether a file with these first bytes is compressed. */
export function isPacked(start: Uint8Array): boolean {
  return decoderOf(start).unpack !== null;
}

/**
 * The unpacked bytes of a file, recognised by its magic bytes whatever its name; a plain file's bytes themselves.
 * Throws `bad-compression` for damaged data and `too-big` as soon as the output exceeds `limit` bytes.
 */
export async function decompress(packed: Uint8Array, to: Unpack): Promise<Uint8Array> {
  const decoder = decoderOf(packed);
  if (!decoder.unpack) return packed;
  try {
    return await decoder.unpack(packed, to);
  } catch (error) {
    if (error instanceof ModaliasError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModaliasError(
      'bad-compression',
      `damaged ${decoder.name} data (${reason}); the file is truncated or damaged`,
      { file: to.file },
      { cause: error },
    );
  }
}

function decoderOf(start: Uint8Array): Decoder {
  return decoders.find(({ magic }) => magic.every((byte, i) => start[i] === byte))!;
}
