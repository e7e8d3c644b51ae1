import type { ByteStream } from './byte-stream.ts';
import type { KnownFile, KnownFiles } from './known-files.ts';
import { PATH_MAX } from './limits.ts';
import { badPackage, type Member, noBody } from './member.ts';

/**
 * Magics of a header with all facts (SVR4 newc), and of rpm's, which has the number of the file instead (rpmcpio.c).
 */
const NEWC = '070701';
/** The same with checksums, which are not compared. */
const CRC = '070702';
const STRIPPED = '07070X';
/** The number that ends an archive of stripped headers, as the trailer does. */
const NO_FILE = 0xffffffff;
const NEWC_FIELDS = 13;
const TRAILER = 'TRAILER!!!';
const LONGEST_NAME = PATH_MAX;

const S_IFMT = 0o170000;
const KINDS: ReadonlyMap<number, Member['kind']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
]);
const LONGEST_TARGET = PATH_MAX;
/** Names that may wait for the one that carries their data. */
const MOST_WAITING = 10_000;

/**
 * The members of a cpio archive in the newc format, or in rpm's stripped one, for which `known` has the files by their
 * numbers. As in rpm (rpmfi.c:iterReadArchiveNext) what `known` says of a file counts, not what the archive repeats,
 * and the archive has the files of `known`, each of them and no others. Of several names of one file one carries the
 * data, in rpm's packages the last; the others become links to it. Throws `bad-package`.
 */
export async function* cpioMembers(stream: ByteStream, file: string, known?: KnownFiles): AsyncGenerator<Member> {
  const waiting = new Map<string, string[]>();
  let waitingNames = 0;
  const carriers = new Map<string, string>();
  let last: string | undefined;
  for (
    let header = await readHeader(stream, file, known, last);
    header;
    header = await readHeader(stream, file, known, last)
  ) {
    const { path, inode, links } = header;
    last = path;
    const kind = KINDS.get(header.mode & S_IFMT) ?? 'other';
    const start = stream.offset;
    const link = (name: string, target: string): Member => ({
      path: name,
      kind: 'link',
      target,
      size: 0,
      body: noBody(),
    });
    if (kind === 'symlink') {
      if (header.size > LONGEST_TARGET) throw badPackage(`a symbolic link of ${header.size} bytes`, file, path);
      yield { path, kind, target: (await stream.upTo(header.size)).toString('latin1'), size: 0, body: noBody() };
    } else if (kind === 'file' && links > 1 && header.size === 0) {
      const carrier = carriers.get(inode);
      if (carrier !== undefined) yield link(path, carrier);
      else {
        if (++waitingNames > MOST_WAITING) throw badPackage(`more than ${MOST_WAITING} names without data`, file, path);
        waiting.set(inode, [...(waiting.get(inode) ?? []), path]);
      }
    } else {
      const size = kind === 'file' ? header.size : 0;
      yield {
        path,
        kind,
        target: '',
        size,
        atHand: () => stream.atHand(size),
        body:
          kind === 'file'
            ? body(stream, size, () => badPackage('the cpio archive ends within this member', file, path))
            : noBody(),
      };
      if (kind === 'file' && links > 1) {
        carriers.set(inode, path);
        for (const name of waiting.get(inode) ?? []) yield link(name, path);
        waiting.delete(inode);
      }
    }
    const left = start + header.size - stream.offset;
    if (!(await stream.skip(left + padding(stream.offset + left))))
      throw badPackage('the cpio archive ends within this member', file, path);
  }
  const missing = known?.missing();
  if (missing) throw badPackage("the cpio archive lacks this file of the package's header", file, missing.path);
  // Names without data are those of an empty file.
  for (const [first, ...others] of waiting.values()) {
    yield { path: first!, kind: 'file', target: '', size: 0, body: noBody() };
    for (const name of others) yield { path: name, kind: 'link', target: first!, size: 0, body: noBody() };
  }
}

async function* body(stream: ByteStream, size: number, tooShort: () => Error): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const part = await stream.some(left);
    if (!part) throw tooShort();
    left -= part.length;
    yield part;
  }
}

/** What a member's header says, or the package's header of it. */
type Header = Omit<KnownFile, 'isGhost'>;

/** The next member's facts, undefined at the trailer. */
async function readHeader(
  stream: ByteStream,
  file: string,
  known: KnownFiles | undefined,
  last: string | undefined,
): Promise<Header | undefined> {
  const magic = (await stream.upTo(6)).toString('latin1');
  const bad = (problem: string) =>
    badPackage(`${problem} at offset ${stream.offset} of the cpio archive, after this member`, file, last);
  if (magic !== NEWC && magic !== CRC && magic !== STRIPPED)
    throw bad(magic.length < 6 ? 'the end' : 'something other than a header');
  const count = magic === STRIPPED ? 1 : NEWC_FIELDS;
  const text = (await stream.upTo(8 * count)).toString('latin1');
  if (!/^[\da-fA-F]+$/.test(text) || text.length < 8 * count) throw bad('a damaged header');
  const [ino, mode, , , links, , size, major, minor, , , nameSize] = Array.from({ length: count }, (_, i) =>
    Number.parseInt(text.slice(i * 8, i * 8 + 8), 16),
  ) as [number, ...number[]];
  if (magic === STRIPPED) {
    if (ino === NO_FILE) return undefined;
    const entry = known?.numbered(ino);
    if (!entry) throw bad(`file number ${ino}, of ${known?.count ?? 0} in the package's header,`);
    await stream.skip(padding(stream.offset));
    return entry;
  }
  if (nameSize === 0 || nameSize! > LONGEST_NAME) throw bad(`a name of ${nameSize} bytes`);
  const name = await stream.upTo(nameSize!);
  if (name.length < nameSize! || !(await stream.skip(padding(stream.offset)))) throw bad('the end within a name');
  const path = name.toString('latin1').split('\0', 1)[0]!;
  if (path === TRAILER) return undefined;
  if (known) {
    const entry = known.named(path);
    if (!entry) throw badPackage("the cpio archive has this file, which the package's header lacks", file, path);
    return entry;
  }
  return { path, mode: mode!, size: size!, target: '', inode: `${major}:${minor}:${ino}`, links: links! };
}

/** Headers and data begin at multiples of four. */
function padding(offset: number): number {
  return -offset & 3;
}
