import { fstatSync, readSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';
import { unreadable } from '../files/read.ts';

/**
 * Most bytes read in one piece. No section that this project reads is nearly that large; a larger size means damage.
 */
const PIECE_LIMIT = 128 * 1024 * 1024;

/** Bytes with random access: an open file, or one in memory. */
export interface ByteSource {
  /** What the file is called in errors. */
  readonly file: string;
  /**
   * Exactly `size` bytes; none for 0, at any offset. Throws `truncated` if some are missing; `what` names them in the
   * error.
   */
  read(offset: number, size: number, what: string): Uint8Array;
  /** Like `read`, but returns fewer bytes if the file is shorter. */
  readUpTo(offset: number, size: number): Uint8Array;
}

/** A file in memory. Reads return views of it. */
export function memorySource(bytes: Uint8Array, file: string): ByteSource {
  return {
    file,
    read(offset, size, what) {
      if (size === 0) return new Uint8Array(0);
      if (!(offset >= 0 && size > 0 && offset + size <= bytes.length))
        throw truncated(file, offset, size, bytes.length, what);
      return bytes.subarray(offset, offset + size);
    },
    readUpTo: (offset, size) => bytes.subarray(offset, offset + size),
  };
}

/** Bytes read ahead of a request, because the next request is often just before it: names before section headers. */
const LEAD = 1024;
/** A file that ends before is read whole with its section headers, which stand at its end: one read in place of six. */
const SMALL = 32 * 1024;

/**
 * An open file, of which only the requested parts are read, one after the other into `memory`, so that thousands of
 * files do not each allocate their own; what does not fit gets memory of its own.
 */
export function descriptorSource(fd: number, file: string, memory: Uint8Array = new Uint8Array(0)): ByteSource {
  let used = 0;
  let window: Uint8Array = memory.subarray(0, 0);
  let start = 0;
  let reads = 0;
  const room = (size: number): Uint8Array => {
    if (used + size > memory.length) return Buffer.allocUnsafe(size);
    used += size;
    return memory.subarray(used - size, used);
  };
  const readUpTo = (offset: number, size: number) => {
    if (offset < start || offset + size > start + window.length) {
      const lead = reads++ === 1 && offset + size <= SMALL ? offset : LEAD;
      start = Math.max(0, offset - lead);
      window = fill(room(offset - start + size), fd, file, start);
    }
    return size === window.length ? window : window.subarray(offset - start, offset - start + size);
  };
  return {
    file,
    readUpTo,
    read(offset, size, what) {
      if (size === 0) return new Uint8Array(0);
      if (!(offset >= 0 && size > 0 && size <= PIECE_LIMIT && Number.isSafeInteger(offset)))
        throw truncated(file, offset, size, fstatSync(fd).size, what);
      const bytes = readUpTo(offset, size);
      if (bytes.length < size) throw truncated(file, offset, size, fstatSync(fd).size, what);
      return bytes;
    },
  };
}

/** Fills `bytes` from a file's `offset` on; returns the filled part if the file ends before. */
function fill(bytes: Uint8Array, fd: number, file: string, offset: number): Uint8Array {
  let got = 0;
  try {
    for (let more = -1; got < bytes.length && more !== 0; got += more)
      more = readSync(fd, bytes, got, bytes.length - got, offset + got);
  } catch (error) {
    throw unreadable(file, error);
  }
  return got === bytes.length ? bytes : bytes.subarray(0, got);
}

function truncated(file: string, offset: number, size: number, length: number, what: string): ModaliasError {
  const problem =
    offset + size > length
      ? `but there are only ${length}; the file is truncated or damaged`
      : `more than the limit of ${PIECE_LIMIT} bytes for one read; the file is damaged`;
  return new ModaliasError('truncated', `${what} should be in bytes ${offset} to ${offset + size}, ${problem}`, {
    file,
    offset: Math.min(offset, length),
  });
}
