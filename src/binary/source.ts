import { fstatSync, readSync } from 'node:fs';
import { ModaliasError } from '../errors.ts';
import { unreadable } from '../files/read.ts';

/** Most bytes read in one piece. No section that this project reads is anywhere near; a larger claim is damage. */
const PIECE_LIMIT = 128 * 1024 * 1024;

/** Bytes that can be read anywhere: a file that is open, or one that lies in memory. */
export interface ByteSource {
  /** What the file is called in errors. */
  readonly file: string;
  /** Exactly `size` bytes; none, wherever, for 0. Throws `truncated` where they are not all there; `what` names them in the error. */
  read(offset: number, size: number, what: string): Uint8Array;
  /** Like `read`, but gives what there is where the file is shorter. */
  readUpTo(offset: number, size: number): Uint8Array;
}

/** A file in memory. What is read are views of it. */
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

/** Bytes read along with what is asked for, because what is asked for next often lies just before: names before section headers. */
const LEAD = 1024;

/**
 * An open file, of which only the parts that are asked for are read, one after the other into `memory`, so that thousands of files do
 * not each ask for their own; what finds no room there gets memory of its own.
 */
export function descriptorSource(fd: number, file: string, memory: Uint8Array = new Uint8Array(0)): ByteSource {
  let used = 0;
  let window: Uint8Array = memory.subarray(0, 0);
  let start = 0;
  const room = (size: number): Uint8Array => {
    if (used + size > memory.length) return Buffer.allocUnsafe(size);
    used += size;
    return memory.subarray(used - size, used);
  };
  const readUpTo = (offset: number, size: number) => {
    if (offset < start || offset + size > start + window.length) {
      start = Math.max(0, offset - LEAD);
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

/** Fills `bytes` from a file's `offset` on; gives the part that is filled where the file ends before. */
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
      ? `but only ${length} are there; the file is cut short or damaged`
      : `more than the ${PIECE_LIMIT} that are read in one piece; the file is damaged`;
  return new ModaliasError('truncated', `${what} needs bytes ${offset} to ${offset + size}, ${problem}`, {
    file,
    offset: Math.min(offset, length),
  });
}
