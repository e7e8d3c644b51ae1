import { decompressPieces } from '../binary/decompress.ts';
import type { PackedRange } from '../binary/packed-range.ts';
import { badPackage, type Member } from './member.ts';
import { refuseCompression } from './refused-compression.ts';
import { tarMembers } from './tar.ts';

/** First bytes of an archive of ar(5). */
export const AR_MAGIC = Buffer.from('!<arch>\n');
const HEADER = 60;
const HEADER_END = '`\n';

/**
 * The files of a Debian package (deb(5)): those of its data.tar, whatever that is compressed with. Throws
 * `bad-package`, `truncated`, `bad-compression`, `unsupported-compression`, `too-big`.
 */
export async function* debMembers(range: PackedRange, limit: number): AsyncGenerator<Member> {
  const { source } = range;
  let first = true;
  for (const { name, data } of arMembers(range)) {
    if (first && name !== 'debian-binary')
      throw badPackage(
        `its first part is '${name}'; expected a Debian package, which begins with debian-binary`,
        source.file,
      );
    if (first && !/^2\./.test(Buffer.from(source.readUpTo(data.start, 2)).toString('latin1')))
      throw badPackage('debian-binary does not say format 2', source.file);
    first = false;
    if (!/^data\.tar(\.|$)/.test(name)) continue;
    refuseCompression(data, name);
    yield* tarMembers(decompressPieces(data, limit), source.file);
    return;
  }
  throw badPackage('it has no data.tar', source.file);
}

/** What the control file of a Debian package calls it; undefined where that does not say. Throws as `debMembers`. */
export async function debName(range: PackedRange, limit: number): Promise<string | undefined> {
  for (const { name, data } of arMembers(range)) {
    if (!/^control\.tar(\.|$)/.test(name)) continue;
    for await (const { path, body } of tarMembers(decompressPieces(data, limit), range.source.file)) {
      if (path.replace(/^\.\//, '') !== 'control') continue;
      const pieces: Buffer[] = [];
      for await (const piece of body) pieces.push(Buffer.from(piece));
      return /^Package:[ \t]*(\S+)/im.exec(Buffer.concat(pieces).toString('latin1'))?.[1];
    }
  }
  return undefined;
}

/** The parts of an archive of ar(5), each with its name and where its bytes lie. */
function* arMembers({ source, start, end }: PackedRange): Generator<{ name: string; data: PackedRange }> {
  for (let at = start + AR_MAGIC.length; at < end; ) {
    const header = Buffer.from(source.read(at, HEADER, 'the header of a part')).toString('latin1');
    const name = header.slice(0, 16).replace(/\/? *$/, '');
    const digits = header.slice(48, 58).trimEnd();
    if (header.slice(58) !== HEADER_END || !/^\d+$/.test(digits))
      throw badPackage(`expected the header of a part at offset ${at}`, source.file);
    const data = { source, start: at + HEADER, end: at + HEADER + Number(digits) };
    if (data.end > end)
      throw badPackage(`its part ${name} has ${digits} bytes, but only ${end - data.start} are left`, source.file);
    yield { name, data };
    at = data.end + (Number(digits) & 1);
  }
}
