import type { Extract } from 'tar-stream';
import { ModaliasError } from '../errors.ts';
import { rawPath } from '../files/raw-path.ts';
import { badPackage, type Member, noBody } from './member.ts';
import { untilEndOfArchive } from './tar-end.ts';

/** Names are taken as bytes, and so are archives from before POSIX; neither option is in the library's types. */
const OPTIONS = { filenameEncoding: 'latin1', allowUnknownFormat: true };

const KINDS: Readonly<Record<string, Member['kind']>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  link: 'link',
};

/**
 * The members of a tar archive (ustar, GNU's long names, pax) whose bytes come in pieces; `file` names the package in errors. Throws
 * `bad-package`, or what the pieces throw.
 */
export async function* tarMembers(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Member> {
  const { extract } = (await import('tar-stream')).default;
  const tar = extract(OPTIONS as object);
  const feeding = feed(pieces, tar);
  let last: string | undefined;
  try {
    for await (const entry of tar) {
      const { header } = entry;
      const pax = (header.pax ?? {}) as { path?: string; linkpath?: string };
      // Only pax headers are UTF-8 by definition; the library has decoded them.
      last = pax.path === header.name ? rawPath(header.name) : header.name;
      const target = header.linkname ?? '';
      const kind = KINDS[header.type] ?? 'other';
      const isFile = kind === 'file';
      yield {
        path: last,
        kind,
        target: pax.linkpath === target ? rawPath(target) : target,
        size: isFile ? header.size : 0,
        body: isFile ? body(entry as AsyncIterable<Uint8Array>, file, last) : noBody(),
      };
      entry.resume();
    }
  } catch (error) {
    throw damaged(error, file, last);
  } finally {
    tar.destroy();
    await feeding;
  }
}

async function* body(entry: AsyncIterable<Uint8Array>, file: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* entry;
  } catch (error) {
    throw damaged(error, file, name);
  }
}

/** Gives the archive's bytes to the reader at the pace at which it takes them, until it is closed. */
async function feed(pieces: AsyncIterable<Uint8Array>, tar: Extract): Promise<void> {
  const told = (event: 'close' | 'drain') => new Promise<void>((resolve) => tar.once(event, () => resolve()));
  const closed = told('close');
  try {
    for await (const piece of untilEndOfArchive(pieces)) {
      if (tar.destroyed) return;
      if (!tar.write(piece)) await Promise.race([closed, told('drain')]);
    }
    tar.end(undefined);
  } catch (error) {
    tar.destroy(error as Error);
  }
}

function damaged(error: unknown, file: string, last: string | undefined): ModaliasError {
  if (error instanceof ModaliasError) return error;
  const reason = error instanceof Error ? error.message.replace(/\.? Maybe .*/, '') : String(error);
  const where = last === undefined ? 'at its start' : 'at or after this member';
  return badPackage(`the tar archive is damaged ${where} (${reason})`, file, last, error);
}
