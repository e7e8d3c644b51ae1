import { ModaliasError } from '../errors.ts';
import type { Abi } from './abi.ts';

const UNDERSCORE = 0x5f;

/**
 * A view of bytes with checked bounds. Byte order and word size are fixed once.
 * Offsets in errors are those of the whole file, `base` being where this view begins.
 */
export class Reader {
  readonly bytes: Uint8Array;
  readonly abi: Abi;
  readonly file: string;
  readonly base: number;

  constructor(bytes: Uint8Array, abi: Abi, file: string, base = 0) {
    this.bytes = bytes;
    this.abi = abi;
    this.file = file;
    this.base = base;
  }

  get size(): number {
    return this.bytes.byteLength;
  }

  /** Throws `truncated` unless there are `size` bytes at `offset`; `what` names them in the error. */
  check(offset: number, size: number, what: string): void {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.size)) {
      throw new ModaliasError(
        'truncated',
        `${what} should be in bytes ${offset} to ${offset + size}, but there are only ${this.size}; the file is truncated or damaged`,
        { file: this.file, offset: this.base + Math.max(0, Math.min(offset, this.size)) },
      );
    }
  }

  u8(offset: number, what = 'a byte'): number {
    this.check(offset, 1, what);
    return this.bytes[offset]!;
  }

  u16(offset: number, what = 'a 16-bit number'): number {
    this.check(offset, 2, what);
    const { bytes } = this;
    return this.abi.littleEndian
      ? bytes[offset]! | (bytes[offset + 1]! << 8)
      : (bytes[offset]! << 8) | bytes[offset + 1]!;
  }

  u32(offset: number, what = 'a 32-bit number'): number {
    this.check(offset, 4, what);
    const { bytes } = this;
    const one = bytes[offset]!;
    const two = bytes[offset + 1]!;
    const three = bytes[offset + 2]!;
    const four = bytes[offset + 3]!;
    return this.abi.littleEndian
      ? (one | (two << 8) | (three << 16) | (four << 24)) >>> 0
      : ((one << 24) | (two << 16) | (three << 8) | four) >>> 0;
  }

  u64(offset: number, what = 'a 64-bit number'): bigint {
    this.check(offset, 8, what);
    return (BigInt(this.#high(offset)) << 32n) | BigInt(this.#low(offset));
  }

  #high(offset: number): number {
    return this.u32(this.abi.littleEndian ? offset + 4 : offset);
  }

  #low(offset: number): number {
    return this.u32(this.abi.littleEndian ? offset : offset + 4);
  }

  /** An `unsigned long` or a pointer, at the machine's word size. */
  word(offset: number, what = 'a word'): bigint {
    return this.abi.wordSize === 8 ? this.u64(offset, what) : BigInt(this.u32(offset, what));
  }

  /**
   * A file offset or size at the machine's word size; one past 2^53 cannot be in any file and is refused as
   * `truncated`.
   */
  offset(at: number, what: string): number {
    if (this.abi.wordSize === 4) return this.u32(at, what);
    this.check(at, 8, what);
    const value = this.#high(at) * 2 ** 32 + this.#low(at);
    if (!Number.isSafeInteger(value)) {
      throw new ModaliasError('truncated', `${what} is ${value}, more than any file holds; the file is damaged`, {
        file: this.file,
        offset: this.base + at,
      });
    }
    return value;
  }

  /** Whether `expected` is at `offset`; false if the view ends before. */
  startsWith(expected: Uint8Array, offset: number): boolean {
    if (offset + expected.length > this.size) return false;
    for (let i = 0; i < expected.length; i++) if (this.bytes[offset + i] !== expected[i]) return false;
    return true;
  }

  /** The bytes for loops over many numbers whose bounds are known. */
  numbers(): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset, this.size);
  }

  /**
   * Where `expected` stands first at `from` or behind; -1 where it does not. Its leading underscores are compared last:
   * names of symbols are full of them, and a search for its first byte would stop at each.
   */
  indexOf(expected: Uint8Array, from = 0): number {
    let lead = 0;
    while (lead < expected.length - 1 && expected[lead] === UNDERSCORE) lead++;
    const bytes = bufferOf(this.bytes);
    const rest = expected.subarray(lead);
    let at = bytes.indexOf(rest, from + lead);
    while (at !== -1 && !this.startsWith(expected, at - lead)) at = bytes.indexOf(rest, at + 1);
    return at === -1 ? -1 : at - lead;
  }

  slice(offset: number, size: number, what: string): Reader {
    this.check(offset, size, what);
    return new Reader(this.bytes.subarray(offset, offset + size), this.abi, this.file, this.base + offset);
  }

  /** Bytes up to a NUL or the end of the view, as latin1: an alias may have any bytes, whatever its encoding. */
  cstring(offset: number, limit = this.size - offset, what = 'a string'): string {
    this.check(offset, 0, what);
    const { bytes } = this;
    const most = Math.min(offset + limit, bytes.length);
    let end = offset;
    while (end < most && bytes[end] !== 0) end++;
    return bufferOf(bytes).toString('latin1', offset, end);
  }
}

/** Bytes, or those from `start` up to `end`, as a string of the characters U+0000 to U+00FF, one a byte. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return bufferOf(bytes).toString('latin1', start, end);
}

/** The same bytes as a `Buffer`. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const encoded = new Map<string, Buffer>();

/** The bytes of a name (latin1), kept: it is one of the few that are looked for in thousands of files. */
export function bytesOf(name: string): Buffer {
  let bytes = encoded.get(name);
  if (!bytes) {
    bytes = Buffer.from(name, 'latin1');
    encoded.set(name, bytes);
  }
  return bytes;
}
