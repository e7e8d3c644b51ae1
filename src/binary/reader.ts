import { ModaliasError } from '../errors.ts';
import type { Abi } from './abi.ts';

/**
 * A view of bytes that cannot be read outside of. Byte order and word size are fixed once.
 * Offsets in errors are those of the whole file, `base` being where this view begins.
 */
export class Reader {
  readonly bytes: Uint8Array;
  readonly abi: Abi;
  readonly file: string;
  readonly base: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, abi: Abi, file: string, base = 0) {
    this.bytes = bytes;
    this.abi = abi;
    this.file = file;
    this.base = base;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get size(): number {
    return this.bytes.byteLength;
  }

  /** Throws `truncated` unless `size` bytes stand at `offset`; `what` names them in the error. */
  check(offset: number, size: number, what: string): void {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.size)) {
      throw new ModaliasError(
        'truncated',
        `${what} needs bytes ${offset} to ${offset + size}, but only ${this.size} are there; the file is cut short or damaged`,
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
    return this.#view.getUint16(offset, this.abi.littleEndian);
  }

  u32(offset: number, what = 'a 32-bit number'): number {
    this.check(offset, 4, what);
    return this.#view.getUint32(offset, this.abi.littleEndian);
  }

  u64(offset: number, what = 'a 64-bit number'): bigint {
    this.check(offset, 8, what);
    return this.#view.getBigUint64(offset, this.abi.littleEndian);
  }

  /** An `unsigned long` or a pointer, at the machine's word size. */
  word(offset: number, what = 'a word'): bigint {
    return this.abi.wordSize === 8 ? this.u64(offset, what) : BigInt(this.u32(offset, what));
  }

  /** A file offset or size at the machine's word size; one past 2^53 cannot lie in any file and is refused as `truncated`. */
  offset(at: number, what: string): number {
    if (this.abi.wordSize === 4) return this.u32(at, what);
    this.check(at, 8, what);
    const { littleEndian } = this.abi;
    const high = this.#view.getUint32(littleEndian ? at + 4 : at, littleEndian);
    const low = this.#view.getUint32(littleEndian ? at : at + 4, littleEndian);
    const value = high * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) {
      throw new ModaliasError('truncated', `${what} is ${value}, more than any file holds; the file is damaged`, {
        file: this.file,
        offset: this.base + at,
      });
    }
    return value;
  }

  /** Whether `wanted` stands at `offset`; no where the view ends before. */
  startsWith(wanted: Uint8Array, offset: number): boolean {
    if (offset + wanted.length > this.size) return false;
    for (let i = 0; i < wanted.length; i++) if (this.bytes[offset + i] !== wanted[i]) return false;
    return true;
  }

  /** Whether `wanted` stands anywhere in the view. */
  includes(wanted: Uint8Array): boolean {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.size).includes(Buffer.from(wanted));
  }

  slice(offset: number, size: number, what: string): Reader {
    this.check(offset, size, what);
    return new Reader(this.bytes.subarray(offset, offset + size), this.abi, this.file, this.base + offset);
  }

  /** Bytes up to a NUL or the end of the view, as latin1: every byte of an alias counts, whatever its encoding. */
  cstring(offset: number, limit = this.size - offset, what = 'a string'): string {
    this.check(offset, 0, what);
    const text = this.bytes.subarray(offset, offset + limit);
    const nul = text.indexOf(0);
    return latin1(nul === -1 ? text : text.subarray(0, nul));
  }
}

/** Bytes as a string of the characters U+0000 to U+00FF, one a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
