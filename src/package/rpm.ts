import { decompressPieces } from '../binary/decompress.ts';
import type { PackedRange } from '../binary/packed-range.ts';
import { ByteStream } from './byte-stream.ts';
import { cpioMembers } from './cpio.ts';
import { KnownFiles } from './known-files.ts';
import { badPackage, type Member } from './member.ts';
import { refuseCompression } from './refused-compression.ts';
import { type RpmHeader, readRpmHeader } from './rpm-header.ts';

export const RPM_MAGIC = [0xed, 0xab, 0xee, 0xdb];
const LEAD = 96;
const PIECE = 1 << 20;

/** rpm's lib/rpmtag.h. */
const TAG = {
  NAME: 1000,
  FILESIZES: 1028,
  FILEMODES: 1030,
  FILELINKTOS: 1036,
  FILEDEVICES: 1095,
  FILEINODES: 1096,
  DIRINDEXES: 1116,
  BASENAMES: 1117,
  DIRNAMES: 1118,
  PAYLOADFORMAT: 1124,
  FILEFLAGS: 1037,
  LONGFILESIZES: 5008,
};
const GHOST = 1 << 6;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/**
 * The files of an rpm package, version 4 (cpio with names) or 6 (cpio with numbers, the names being in the header).
 * Throws `bad-package`, `truncated`, `bad-compression`, `unsupported-compression`, `too-big`.
 */
export async function* rpmMembers({ source, start, end }: PackedRange, limit: number): AsyncGenerator<Member> {
  const { file } = source;
  const signatures = readRpmHeader(source, start + LEAD, 'the signature header');
  const header = readRpmHeader(source, signatures.end + (-(signatures.end - start) & 7), 'the header');
  const format = header.texts(TAG.PAYLOADFORMAT)[0] ?? 'cpio';
  if (format !== 'cpio') throw badPackage(`the payload is ${format}; expected cpio`, file);
  const payload = { source, start: header.end, end };
  refuseCompression(payload);
  const stream = new ByteStream(decompressPieces(payload, limit));
  try {
    yield* cpioMembers(stream, file, knownFiles(header, file));
    // To its end, for the checksum of the compression stands there.
    while (await stream.some(PIECE));
  } finally {
    await stream.close();
  }
}

/** What the header of an rpm package calls it; undefined where it does not say. Throws as `rpmMembers`. */
export async function rpmName({ source, start }: PackedRange): Promise<string | undefined> {
  const signatures = readRpmHeader(source, start + LEAD, 'the signature header');
  const header = readRpmHeader(source, signatures.end + (-(signatures.end - start) & 7), 'the header');
  return header.texts(TAG.NAME)[0];
}

/**
 * The files that the header lists, by their numbers. As in rpm (rpmfi.c), the data of a file of several names comes
 * with its last name.
 */
function knownFiles(header: RpmHeader, file: string): KnownFiles {
  const names = header.texts(TAG.BASENAMES);
  const directories = header.texts(TAG.DIRNAMES);
  const inDirectory = header.numbers(TAG.DIRINDEXES);
  const modes = header.numbers(TAG.FILEMODES);
  const long = header.numbers(TAG.LONGFILESIZES);
  const sizes = long.length > 0 ? long : header.numbers(TAG.FILESIZES);
  const targets = header.texts(TAG.FILELINKTOS);
  const devices = header.numbers(TAG.FILEDEVICES);
  const inodes = header.numbers(TAG.FILEINODES);
  const flags = header.numbers(TAG.FILEFLAGS);
  if ([inDirectory, modes, sizes].some((list) => list.length !== names.length))
    throw badPackage('the header does not have a directory, a mode and a size for each file', file);
  // Without a device or an inode it is a file of one name (rpmfi.c:rpmfilesBuildNLink).
  const inode = (i: number) => (devices[i] === undefined || !inodes[i] ? `only ${i}` : `${devices[i]}:${inodes[i]}`);
  const isGhost = (i: number) => ((flags[i] ?? 0) & GHOST) !== 0;
  const lastName = new Map<string, number>();
  const links = new Map<string, number>();
  names.forEach((_, i) => {
    if ((modes[i]! & S_IFMT) !== S_IFREG || isGhost(i)) return;
    lastName.set(inode(i), i);
    links.set(inode(i), (links.get(inode(i)) ?? 0) + 1);
  });
  const files = names.map((name, i) => {
    const mode = modes[i]!;
    const directory = directories[inDirectory[i]!];
    if (directory === undefined) throw badPackage(`the header has no directory ${inDirectory[i]}`, file, name);
    const target = targets[i] ?? '';
    const type = mode & S_IFMT;
    const hasData = type === S_IFREG && (lastName.get(inode(i)) ?? i) === i;
    const size = type === S_IFLNK ? target.length : hasData ? sizes[i]! : 0;
    const [path, own] = [`.${directory}${name}`, inode(i)];
    return { path, mode, size, target, inode: own, links: links.get(own) ?? 1, isGhost: isGhost(i) };
  });
  return new KnownFiles(files);
}
