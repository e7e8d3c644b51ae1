import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';
import { DEFAULT_READ_LIMIT, unreadable } from './read.ts';

/** The bytes of a file, undefined where there is none. Throws `unreadable`, and `too-big` for what does not end. */
export function readIfThere(path: string): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    if (fstatSync(fd).isFile() && fstatSync(fd).size <= DEFAULT_READ_LIMIT) return readFileSync(fd);
    return readUpToLimit(fd, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readUpToLimit(fd: number, file: string): Buffer {
  const pieces: Buffer[] = [];
  for (let size = 0; ; ) {
    const piece = Buffer.allocUnsafe(1 << 20);
    const count = readSync(fd, piece, 0, piece.length, null);
    if (count === 0) return Buffer.concat(pieces);
    size += count;
    if (size > DEFAULT_READ_LIMIT) {
      throw new ModaliasError('too-big', `larger than ${DEFAULT_READ_LIMIT} bytes, the most that is read at once`, {
        file,
      });
    }
    pieces.push(piece.subarray(0, count));
  }
}
