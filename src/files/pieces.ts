import { constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';

/** How long a named pipe may stay without a writer, in milliseconds: one that a script starts beside it has come. */
const WAIT_FOR_WRITER = 1000;
const LONGEST_PAUSE = 32;

/** Opens a file for reading; a named pipe too, without waiting for its writer. Throws as fs does. */
export function openNow(path: string | Buffer): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/**
 * The bytes of what `openNow` opened, in pieces of at most `size` bytes; a number is a pause in milliseconds that its
 * reader takes before it asks on. What has a writer is waited for as long as it writes. Throws `not-a-file` for a named
 * pipe that no process writes to, and as fs does.
 */
export function* piecesOf(fd: number, file: string, size: number): Generator<Buffer | number> {
  let waited = 0;
  let pause = 1;
  let begun = false;
  for (;;) {
    const piece = nextPiece(fd, size);
    if (piece?.length === 0 && (begun || !isNamedPipe(fd))) return;
    if (piece === undefined || piece.length > 0) begun = true;
    else if (waited >= WAIT_FOR_WRITER) throw withoutWriter(file);
    if (piece !== undefined && piece.length > 0) {
      pause = 1;
      yield piece;
      continue;
    }
    waited += pause;
    yield pause;
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }
}

/** Empty at the end, or while there is no writer; undefined while there is a writer that has not written yet. */
function nextPiece(fd: number, size: number): Buffer | undefined {
  const piece = Buffer.allocUnsafe(size);
  try {
    return piece.subarray(0, readSync(fd, piece, 0, size, null));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Whether it has a name in a file system; those of a shell's `<(..)` and `|` have none and never lack a writer. */
function isNamedPipe(fd: number): boolean {
  if (!fstatSync(fd).isFIFO()) return false;
  try {
    return !readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
  } catch {
    return true;
  }
}

function withoutWriter(file: string): ModaliasError {
  const message = 'is a named pipe that no process writes to; start its writer first, or name a file';
  return new ModaliasError('not-a-file', message, { file });
}
