import { closeSync, fstatSync, lstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';
import { openNow, piecesOf } from './pieces.ts';
import { openable, readablePath } from './raw-path.ts';
import { DEFAULT_READ_LIMIT, unreadable } from './read.ts';

/** Most bytes that are read of a device: /dev/null stands for an empty file, and no other device holds a file. */
const DEVICE_LIMIT = 1024 * 1024;

/**
 * The bytes of a file that the user named, undefined where there is none; a pipe is read to its end.
 * Throws `unreadable`, `too-big` for what does not end, and `not-a-file` for a named pipe that no process writes to.
 */
export function readIfThere(path: string): Buffer | undefined {
  return readWith(path, path, () => {});
}

/**
 * The bytes of a file that belongs to a directory, by its raw path (raw-path.ts); undefined where there is none.
 * Nobody has named the file itself: a named pipe in its place is refused at once (`not-a-file`), because its writer may
 * never come. Throws `unreadable`, for a socket too, and `too-big` as well.
 */
export function readInDirectory(raw: string): Buffer | undefined {
  return readWith(openable(raw), readablePath(raw), (stats, file) => {
    if (!stats.isFIFO()) return;
    throw new ModaliasError('not-a-file', 'is a named pipe; expected a regular file, replace or remove it', { file });
  });
}

function readWith(
  path: string | Buffer,
  file: string,
  check: (stats: Stats, file: string) => void,
): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openNow(path);
    const stats = fstatSync(fd);
    check(stats, file);
    if (stats.isFile() && stats.size <= DEFAULT_READ_LIMIT) return readFileSync(fd);
    const device = stats.isCharacterDevice() || stats.isBlockDevice();
    return readUpTo(device ? DEVICE_LIMIT : DEFAULT_READ_LIMIT, fd, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readUpTo(limit: number, fd: number, file: string): Buffer {
  const pieces: Buffer[] = [];
  let size = 0;
  for (const piece of piecesOf(fd, file, 1 << 20)) {
    if (typeof piece === 'number') {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, piece);
      continue;
    }
    size += piece.length;
    if (size > limit) throw new ModaliasError('too-big', `larger than the limit of ${limit} bytes`, { file });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** What is at a path that the user named, links followed. Throws `unreadable`. */
export function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * What is at a path, links followed; undefined where that cannot be seen, for whatever reason: where a part of the path
 * is a file Node 20 throws, and newer ones do not.
 */
export function statIfThere(path: string | Buffer): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The same of a path itself: a symbolic link that leads nowhere is there. */
export function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
