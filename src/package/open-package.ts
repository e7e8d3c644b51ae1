import { closeSync, fstatSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { decompressPieces, isPacked } from '../binary/decompress.ts';
import type { PackedRange } from '../binary/packed-range.ts';
import { type ByteSource, descriptorSource } from '../binary/source.ts';
import { ModaliasError } from '../errors.ts';
import { openNow } from '../files/pieces.ts';
import { unreadable } from '../files/read.ts';
import { AR_MAGIC, debMembers, debName } from './deb.ts';
import { DEFAULT_PACKAGE_LIMIT } from './limits.ts';
import type { Member } from './member.ts';
import { refuseCompression } from './refused-compression.ts';
import { RPM_MAGIC, rpmMembers, rpmName } from './rpm.ts';
import { tarMembers } from './tar.ts';
import { BLOCK, isTarHeader } from './tar-header.ts';

type Reader = (range: PackedRange, limit: number) => AsyncGenerator<Member>;

const tarReader: Reader = (range, limit) => tarMembers(decompressPieces(range, limit), range.source.file);

/** Packages by their first bytes; tar archives, compressed or not, are known by their first header. */
const FORMATS: readonly {
  readonly magic: Iterable<number>;
  readonly members: Reader;
  readonly name: (range: PackedRange, limit: number) => Promise<string | undefined>;
}[] = [
  { magic: AR_MAGIC, members: debMembers, name: debName },
  { magic: RPM_MAGIC, members: rpmMembers, name: rpmName },
];

/** Most bytes that the part of a package which names it may unpack to. */
const NAME_LIMIT = 64 * 1024 * 1024;

/**
 * Whether a path is a file that `packageMembers` reads: a .deb, an .rpm or a tar archive, by what is in it. Throws
 * `unreadable`, and `unsupported-compression` for one that is compressed in an old way.
 */
export async function isPackage(path: string): Promise<boolean> {
  return withRange(path, async (range) => (await readerOf(range)) !== undefined, false);
}

/**
 * The members of a package in their order. Nothing is written, and memory does not grow with the package. Throws
 * `onBytes` is called with how far the file has been read. Throws `unreadable`, `bad-package`, `truncated`,
 * `bad-compression`, `unsupported-compression`, `too-big` past `limit`
 * unpacked bytes, all naming the package.
 */
export async function* packageMembers(
  path: string,
  limit = DEFAULT_PACKAGE_LIMIT,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Member> {
  const opened = openRange(path);
  if (!opened) throw notPackage(path);
  const range = onBytes ? { ...opened, source: telling(opened.source, onBytes) } : opened;
  try {
    const reader = await readerOf(range);
    // What is compressed may be a package whose start is damaged: reading it tells.
    if (!reader && !isPacked(range.source.readUpTo(0, BLOCK))) throw notPackage(path);
    yield* (reader ?? tarReader)(range, limit);
  } finally {
    closeSync(range.fd);
  }
}

/**
 * What a package calls itself, as `linux-modules-6.12.1-amd64`; for an archive that does not say, its file's name
 * without what tells the format. Throws as `packageMembers`.
 */
export async function packageName(path: string): Promise<string> {
  const named = async (range: PackedRange) => {
    const start = range.source.readUpTo(0, BLOCK);
    return formatOf(start)?.name(range, NAME_LIMIT);
  };
  return (await withRange(path, named, undefined)) ?? basename(path).replace(/\.(?:deb|rpm|t[gx]z|tar(?:\.\w+)?)$/, '');
}

function formatOf(start: Uint8Array) {
  return FORMATS.find(({ magic }) => [...magic].every((byte, i) => start[i] === byte));
}

async function readerOf(range: PackedRange): Promise<Reader | undefined> {
  const start = range.source.readUpTo(0, BLOCK);
  const format = formatOf(start);
  if (format) return format.members;
  refuseCompression(range);
  if (!isPacked(start)) return isTarHeader(start) ? tarReader : undefined;
  return isTarHeader(await firstBlock(range)) ? tarReader : undefined;
}

/** The first unpacked bytes; of damaged data, and of a file that is not an archive, there may be none. */
async function firstBlock(range: PackedRange): Promise<Uint8Array> {
  let block = new Uint8Array(0);
  try {
    for await (const piece of decompressPieces(range, DEFAULT_PACKAGE_LIMIT)) {
      block = Buffer.concat([block, piece.subarray(0, BLOCK)]);
      if (block.length >= BLOCK) break;
    }
  } catch {}
  return block;
}

async function withRange<T>(path: string, task: (range: PackedRange) => Promise<T>, otherwise: T): Promise<T> {
  const range = openRange(path);
  if (!range) return otherwise;
  try {
    return await task(range);
  } finally {
    closeSync(range.fd);
  }
}

/** A source that tells how far it has been read. */
function telling(source: ByteSource, onBytes: (bytes: number) => void): ByteSource {
  let furthest = 0;
  return {
    ...source,
    read(offset, size, what) {
      furthest = Math.max(furthest, offset + size);
      onBytes(furthest);
      return source.read(offset, size, what);
    },
  };
}

function notPackage(file: string): ModaliasError {
  return new ModaliasError('bad-package', 'is not a package; expected a .deb, an .rpm or a tar archive', { file });
}

/** The whole of a file; undefined for what is not a regular file. */
function openRange(path: string): (PackedRange & { readonly fd: number }) | undefined {
  let fd: number | undefined;
  try {
    // A pipe that is opened and closed loses its writer, and what it wrote.
    if (!statSync(path).isFile()) return undefined;
    fd = openNow(path);
    const stat = fstatSync(fd);
    if (stat.isFile()) return { fd, source: descriptorSource(fd, path), start: 0, end: stat.size };
    closeSync(fd);
    return undefined;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw unreadable(path, error);
  }
}
