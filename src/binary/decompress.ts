import { ModaliasError } from '../errors.ts';
import { gunzip } from './gzip.ts';
import { gunzipPieces } from './gzip-pieces.ts';
import { type PackedRange, readPieces } from './packed-range.ts';
import { tooBig, type Unpack } from './unpack.ts';
import { unxz } from './xz.ts';
import { unxzPieces } from './xz-pieces.ts';
import { unzstd } from './zstd.ts';
import { unzstdPieces } from './zstd-pieces.ts';

/** Default limit in bytes on the unpacked size of a compressed file. */
export const DEFAULT_UNPACKED_LIMIT = 512 * 1024 * 1024;

/** How a file is compressed, `plain` for not at all. */
export type Packing = 'xz' | 'zstd' | 'gzip' | 'plain';

interface Decoder {
  readonly name: Packing;
  readonly magic: readonly number[];
  readonly unpack: ((packed: Uint8Array, to: Unpack) => Promise<Uint8Array>) | null;
  readonly pieces: (range: PackedRange) => AsyncGenerator<Uint8Array> | Generator<Uint8Array>;
}

/**
 * The compressions of kernel modules by their first bytes, as kmod recognises them (libkmod-file.c); plain comes last.
 */
const decoders: readonly Decoder[] = [
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], unpack: unxz, pieces: unxzPieces },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: unzstd, pieces: unzstdPieces },
  { name: 'gzip', magic: [0x1f, 0x8b], unpack: gunzip, pieces: gunzipPieces },
  { name: 'plain', magic: [], unpack: null, pieces: readPieces },
];

/** Whether a file with these first bytes is compressed. */
export function isPacked(start: Uint8Array): boolean {
  return decoderOf(start).unpack !== null;
}

/** The checks of xz data by their numbers (the .xz file format, 2.1.1.2), as `xz --check` names them. */
const XZ_CHECKS: Readonly<Record<number, string>> = { 0: 'none', 1: 'crc32', 4: 'crc64', 10: 'sha256' };

/** The check that xz data with these first bytes carries, as `xz --check` names it; undefined for other data. */
export function xzCheckOf(start: Uint8Array): string | undefined {
  if (packingOf(start) !== 'xz') return undefined;
  const check = (start[7] ?? 0) & 0x0f;
  return XZ_CHECKS[check] ?? `of type ${check}`;
}

/** How a file with these first bytes is compressed. */
export function packingOf(start: Uint8Array): Packing {
  return decoderOf(start).name;
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
    throw damaged(decoder, error, to.file);
  }
}

/** Bytes at the start that tell the compression. */
const MAGIC_SIZE = 6;

/**
 * The unpacked bytes of a part of a file, recognised by its first bytes, in pieces of at most some tens of MiB; a plain
 * part's bytes themselves. A piece is void once the next is asked for. Decoding runs on the thread pool and ahead of
 * the caller.
 * Throws as `decompress` does, `truncated` where the file ends before the part does.
 */
export async function* decompressPieces(range: PackedRange, limit: number): AsyncGenerator<Uint8Array> {
  const { file } = range.source;
  const decoder = decoderOf(range.source.readUpTo(range.start, Math.min(MAGIC_SIZE, range.end - range.start)));
  let size = 0;
  try {
    for await (const piece of decoder.pieces(range)) {
      size += piece.length;
      if (size > limit) throw tooBig(limit, file, 'package');
      yield piece;
    }
  } catch (error) {
    throw damaged(decoder, error, file);
  }
}

function damaged(decoder: Decoder, error: unknown, file: string): ModaliasError {
  if (error instanceof ModaliasError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ModaliasError(
    'bad-compression',
    `damaged ${decoder.name} data (${reason}); the file is truncated or damaged`,
    { file },
    { cause: error },
  );
}

function decoderOf(start: Uint8Array): Decoder {
  return decoders.find(({ magic }) => magic.every((byte, i) => start[i] === byte))!;
}
