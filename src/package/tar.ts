import { ModaliasError } from '../errors.ts';
import { ByteStream } from './byte-stream.ts';
import { badPackage, type Member, memberFile, noBody } from './member.ts';
import { BLOCK, isTarHeader, paxRecords, type TarHeader, tarHeader, untilNul } from './tar-header.ts';

const KINDS: Readonly<Record<string, Member['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '5': 'directory',
  '2': 'symlink',
  '1': 'link',
};

/** Longest GNU long name or pax header that is read; a pax header may hold extended attributes. */
const LONGEST_EXTENSION = 1024 * 1024;

/** What stands before a header that its fields are too short for. */
interface Extension {
  path?: string;
  target?: string;
  size?: number;
  /** Whether the data has a map of holes before it (GNU tar, "Storing Sparse Files"). */
  isSparse?: boolean;
}

/**
 * The members of a tar archive (ustar, GNU's long names, pax, and from before POSIX) whose bytes come in pieces; `file`
 * names the package in errors. The first block of zeros that stands where a header may is the end, as for GNU tar; what
 * follows is read, so that damage to it shows where a compression's checksum covers it, but means nothing. A last block
 * that is cut short is left out. Throws `bad-package`, or what the pieces throw.
 */
export async function* tarMembers(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Member> {
  const stream = new ByteStream(pieces);
  let last: string | undefined;
  const damaged = (reason: string) => {
    const where = last === undefined ? 'at its start' : 'at or after this member';
    return badPackage(`the tar archive is damaged ${where} (${reason})`, file, last);
  };
  let always: Extension = {};
  let before: Extension = {};
  try {
    for (let header = await nextHeader(stream, damaged); header; header = await nextHeader(stream, damaged)) {
      const start = stream.offset;
      if (header.type === 'S') throw sparse(file, before.path ?? header.path);
      const extension = await readExtension(stream, header, damaged);
      if (extension?.isSparse) throw sparse(file, extension.path ?? header.path);
      if (extension && header.type === 'g') always = { ...always, ...extension };
      else if (extension) before = { ...before, ...extension };
      else {
        const { path, target, size } = { ...header, ...always, ...before };
        before = {};
        last = path;
        const kind = header.type === '0' && path.endsWith('/') ? 'directory' : (KINDS[header.type] ?? 'other');
        const isFile = kind === 'file';
        const body = isFile ? bodyOf(stream, size, damaged) : noBody();
        const atHand = isFile ? () => stream.atHand(size) : undefined;
        yield { path, kind, target, size: isFile ? size : 0, body, atHand };
        // A hard link has no data, whatever its size is.
        if (kind !== 'link') await skipTo(stream, start + size, damaged);
      }
      await skipTo(stream, stream.offset + (-(stream.offset - start) & (BLOCK - 1)), damaged);
    }
    while (await stream.some(BLOCK * BLOCK));
  } finally {
    await stream.close();
  }
}

type Damaged = (reason: string) => Error;

async function nextHeader(stream: ByteStream, damaged: Damaged): Promise<TarHeader | undefined> {
  const block = await stream.upTo(BLOCK);
  if (block.length < BLOCK || block.every((byte) => byte === 0)) return undefined;
  if (!isTarHeader(block)) throw damaged(`expected a header at offset ${stream.offset - BLOCK}`);
  const header = tarHeader(block);
  if (!Number.isSafeInteger(header.size)) throw damaged(`a size of ${header.size} bytes`);
  return header;
}

/**
 * What the data of a long name (types L and N), a long target (K) or a pax header (x, g) says; undefined for a member.
 */
async function readExtension(
  stream: ByteStream,
  { type, size }: TarHeader,
  damaged: Damaged,
): Promise<Extension | undefined> {
  if (!['L', 'N', 'K', 'x', 'g'].includes(type)) return undefined;
  if (size > LONGEST_EXTENSION) throw damaged(`a name or pax header of ${size} bytes`);
  const bytes = await stream.upTo(size);
  if (bytes.length < size) throw damaged('it ends within a name or pax header');
  if (type === 'K') return { target: untilNul(bytes) };
  if (type === 'L' || type === 'N') return { path: untilNul(bytes) };
  const records = paxRecords(bytes);
  if (!records) throw damaged('a pax header that is not "LENGTH KEY=VALUE" lines');
  const extension: Extension = {};
  const [path, target, length] = ['path', 'linkpath', 'size'].map((key) => records.get(key));
  const sparseName = records.get('GNU.sparse.name');
  if (sparseName || path) extension.path = sparseName || path!;
  extension.isSparse = [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
  if (target) extension.target = target;
  if (length) extension.size = Number(length);
  if (length && !/^\d{1,15}$/.test(length)) throw damaged(`a size of ${length} bytes`);
  return extension;
}

/** Without the holes of its map a file would be taken for another, or for damaged. */
function sparse(file: string, member: string): ModaliasError {
  const problem =
    "is stored as a sparse file; expected one without tar's --sparse. Unpack it and name the directory instead";
  return new ModaliasError('bad-package', problem, { file: memberFile(file, member) });
}

async function* bodyOf(stream: ByteStream, size: number, damaged: Damaged): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const part = await stream.some(left);
    if (!part) throw damaged('it ends within the data');
    left -= part.length;
    yield part;
  }
}

async function skipTo(stream: ByteStream, offset: number, damaged: Damaged): Promise<void> {
  if (!(await stream.skip(offset - stream.offset))) throw damaged('it ends within the data');
}
