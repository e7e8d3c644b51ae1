import { fstatSync, readSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';
import { unreadable } from '../files/read.ts';

/** Most bytes read in one piece. No section that this project reads is anywhere near; a larger claim is damage. */
const PIECE_LIMIT = 128 * 1024 * 1024;

/** Bytes that can be read anywhere: a file that is open, or one that lies in memory. */
export interface ByteSource {
  /** What the file is called in errors. */
  readonly file: string;
  /** Exactly `size` bytes. Throws `truncated` where they are not all there; `what` names them in the error. */
  read(offset: number, size: number, what: string): Uint8Array;
  /** Like `read`, but gives what there is where the file is shorter. */
  readUpTo(offset: number, size: number): Uint8Array;
}

/** A file in memory. What is read are views of it. */
export function memorySource(bytes: Uint8Array, file: string): ByteSource {
  return {
    file,
    read(offset, size, what) {
      if (!(offset >= 0 && size >= 0 && offset + size <= bytes.length))
        throw truncated(file, offset, size, bytes.length, what);
      return bytes.subarray(offset, offset + size);
    },
    readUpTo: (offset, size) => bytes.subarray(offset, offset + size),
  };
}

/** An open file, of which only the parts that are asked for are read, each into memory of its own. */
export function descriptorSource(fd: number, file: string): ByteSource {
  const readUpTo = (offset: number, size: number) => {
    const bytes = Buffer.allocUnsafe(size);
    let got = 0;
    try {
      while (got < size) {
        const more = readSync(fd, bytes, got, size - got, offset + got);
        if (more === 0) break;
        got += more;
      }
    } catch (error) {
      throw unreadable(file, error);
    }
    return got === size ? bytes : bytes.subarray(0, got);
  };
  return {
    file,
    readUpTo,
    read(offset, size, what) {
      if (!(offset >= 0 && size >= 0 && size <= PIECE_LIMIT && Number.isSafeInteger(offset)))
        throw truncated(file, offset, size, fstatSync(fd).size, what);
      const bytes = readUpTo(offset, size);
      if (bytes.length < size) throw truncated(file, offset, size, fstatSync(fd).size, what);
      return bytes;
    },
  };
}

function truncated(file: string, offset: number, size: number, length: number, what: string): ModaliasError {
  const problem =
    offset + size > length
      ? `but only ${length} are there; the file is cut short or damaged`
      : `more than the ${PIECE_LIMIT} that are read in one piece; the file is damaged`;
  return new ModaliasError('truncated', `${what} needs bytes ${offset} to ${offset + size}, ${problem}`, {
    file,
    offset: Math.min(offset, length),
  });
}
