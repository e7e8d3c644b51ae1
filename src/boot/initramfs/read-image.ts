import { closeSync, fstatSync } from 'node:fs';
import { decompressPieces, isPacked, packingOf } from '../../binary/decompress.ts';
import { type PackedRange, readPieces } from '../../binary/packed-range.ts';
import { descriptorSource } from '../../binary/source.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { openNow } from '../../files/pieces.ts';
import { unreadable } from '../../files/read.ts';
import { ByteStream } from '../../package/byte-stream.ts';
import { cpioMembers } from '../../package/cpio.ts';
import type { Member } from '../../package/member.ts';
import { appendedArchive } from './appended.ts';
import { IMAGE_LIMITS, type ImageArchive, type ImageLimits, ImageTree, type InitramfsImage } from './image.ts';

/** How an image is read. */
export interface ReadImageOptions {
  /** Whether the bytes of the file at a path are kept. Default: of none. */
  readonly keep?: (path: string) => boolean;
  readonly limits?: Partial<ImageLimits>;
}

/** First byte of a cpio header, `0` of 070701. */
const CPIO = 0x30;

/**
 * Reads an initramfs as the kernel does (init/initramfs.c:unpack_to_rootfs): cpio archives in the newc format one after
 * the other, zeros between them, and a rest that is compressed. Damage, limits and compressions that cannot be read are
 * in `problems`, with what was read before. Throws `unreadable` and `not-a-file` for the file itself.
 */
export async function readInitramfs(file: string, options: ReadImageOptions = {}): Promise<InitramfsImage> {
  let fd: number | undefined;
  try {
    fd = openNow(file);
    const stat = fstatSync(fd);
    if (!stat.isFile())
      throw new ModaliasError('not-a-file', 'is not a regular file; expected an initramfs image', { file });
    const reader = new ImageReader(options);
    await reader.read({ source: descriptorSource(fd, file), start: 0, end: stat.size });
    const { tree, archives, problems } = reader;
    return { file, entries: tree.entries, archives, problems };
  } catch (error) {
    throw error instanceof ModaliasError ? error : unreadable(file, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Compressions of an initramfs that no decoder here knows, by their first bytes (lib/decompress.c). */
const REFUSED: readonly (readonly [magic: readonly number[], name: string, unpack: string])[] = [
  [[0x02, 0x21, 0x4c, 0x18], 'lz4', 'lz4 -dc'],
  [[0x04, 0x22, 0x4d, 0x18], 'lz4', 'lz4 -dc'],
  [[0x5d, 0x00, 0x00], 'lzma', 'xz --format=lzma -dc'],
  [[0x42, 0x5a, 0x68], 'bzip2', 'bzip2 -dc'],
  [[0x89, 0x4c, 0x5a], 'lzo', 'lzop -dc'],
];

/** Why data with these first bytes cannot be read; undefined if that is not known. */
function refusedCompression(start: Uint8Array): string | undefined {
  const found = REFUSED.find(([magic]) => magic.every((byte, i) => start[i] === byte));
  if (!found) return undefined;
  const [, name, unpack] = found;
  return `is compressed with ${name}; expected xz, zstd, gzip or none. Unpack it (${unpack}) and name the result with --initramfs`;
}

async function* pieces(range: PackedRange): AsyncGenerator<Uint8Array> {
  yield* readPieces(range);
}

class ImageReader {
  readonly tree = new ImageTree();
  readonly archives: ImageArchive[] = [];
  readonly problems: Diagnostic[] = [];
  readonly #keep: (path: string) => boolean;
  readonly #limits: ImageLimits;
  #unpacked = 0;
  #members = 0;
  #kept = 0;

  constructor({ keep = () => false, limits = {} }: ReadImageOptions) {
    this.#keep = keep;
    this.#limits = { ...IMAGE_LIMITS, ...limits };
  }

  async read(range: PackedRange): Promise<void> {
    try {
      await this.#range(range);
    } catch (error) {
      if (!(error instanceof ModaliasError)) throw error;
      const [{ code, message }] = error.problems as [Diagnostic];
      this.problems.push({ code, severity: 'warning', message, ...error.place });
    }
  }

  async #range({ source, start, end }: PackedRange): Promise<void> {
    const { file } = source;
    const plain = new ByteStream(pieces({ source, start, end }));
    for (let next = await plain.skipZeros(); next === CPIO; next = await plain.skipZeros())
      await this.#archive(plain, file, start + plain.offset, 'plain');
    const at = start + plain.offset;
    if (at >= end) return;
    const magic = source.readUpTo(at, Math.min(8, end - at));
    const refused = refusedCompression(magic);
    if (refused !== undefined)
      throw new ModaliasError('unsupported-compression', `what begins at byte ${at} ${refused}`, { file });
    if (!isPacked(magic))
      throw new ModaliasError(
        'bad-initramfs',
        `found neither a cpio archive nor compressed data at byte ${at}; the image is truncated or damaged`,
        { file },
      );
    const packing = packingOf(magic);
    const next = await appendedArchive({ source, start: at, end }, packing);
    const unpacked = new ByteStream(decompressPieces({ source, start: at, end: next }, this.#limits.unpacked));
    while ((await unpacked.skipZeros()) !== undefined) await this.#archive(unpacked, file, at, packing);
    if (next < end) await this.#range({ source, start: next, end });
  }

  async #archive(stream: ByteStream, file: string, offset: number, packing: string): Promise<void> {
    let members = 0;
    const before = stream.offset;
    try {
      for await (const member of cpioMembers(stream, file)) {
        members++;
        if (++this.#members > this.#limits.members)
          throw new ModaliasError('too-many-members', `holds more than ${this.#limits.members} members`, { file });
        await this.#member(member, file);
      }
    } finally {
      if (members > 0) this.archives.push({ offset, packing, members });
      this.#unpacked += stream.offset - before;
    }
    if (this.#unpacked > this.#limits.unpacked)
      throw new ModaliasError('too-big', `unpacks to more than ${this.#limits.unpacked} bytes`, { file });
  }

  async #member(member: Member, file: string): Promise<void> {
    const { path, kind, size, target } = member;
    if (kind === 'symlink') this.tree.add(path, { kind, target });
    else if (kind === 'link') {
      const entry = this.tree.get(target);
      if (entry) this.tree.add(path, entry);
    } else if (kind === 'file') this.tree.add(path, { kind, size, bytes: await this.#bytes(member, file) });
    else this.tree.add(path, { kind });
  }

  async #bytes({ path, size, body }: Member, file: string): Promise<Buffer | undefined> {
    if (!this.#keep(path.replace(/^(?:\.?\/)+/, ''))) return undefined;
    this.#kept += size;
    if (size > this.#limits.file || this.#kept > this.#limits.kept) {
      const message = `${path} is not read: it is larger than expected, ${size} bytes`;
      this.problems.push({ code: 'too-big', severity: 'warning', message, file });
      this.#kept -= size;
      return undefined;
    }
    const parts: Buffer[] = [];
    // The pieces are void once the next is asked for.
    for await (const part of body) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  }
}
