import { ModaliasError } from '../errors.ts';
import { gunzip } from './gzip.ts';
import type { Unpack } from './unpack.ts';
import { unxz } from './xz.ts';
import { unzstd } from './zstd.ts';

/** Most bytes that a compressed file may unpack to, unless the caller says otherwise. */
export const DEFAULT_UNPACKED_LIMIT = 512 * 1024 * 1024;

interface Decoder {
  readonly name: string;
  readonly magic: readonly number[];
  readonly unpack: ((packed: Uint8Array, to: Unpack) => Promise<Uint8Array>) | null;
}

/** The compressions of kernel modules by their first bytes, as kmod tells them apart (libkmod-file.c); plain is the last. */
const decoders: readonly Decoder[] = [
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], unpack: unxz },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: unzstd },
  { name: 'gzip', magic: [0x1f, 0x8b], unpack: gunzip },
  { name: 'plain', magic: [], unpack: null },
];

/** Whether a file that begins so is compressed. */
export function isPacked(start: Uint8Array): boolean {
  return decoderOf(start).unpack !== null;
}

/**
 * The unpacked bytes of a file, told by its first bytes whatever its name is; a plain file's bytes themselves.
 * Throws `bad-compression` for damaged data and `too-big` as soon as more than `limit` bytes come out.
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
      `damaged ${decoder.name} data (${reason}); the file is cut short or damaged`,
      { file: to.file },
      { cause: error },
    );
  }
}

function decoderOf(start: Uint8Array): Decoder {
  return decoders.find(({ magic }) => magic.every((byte, i) => start[i] === byte))!;
}
