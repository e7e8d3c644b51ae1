import { ModaliasError } from '../errors.ts';

/** What a decoder needs besides the bytes. */
export interface Unpack {
  /** What the file is called in errors. */
  readonly file: string;
  /** Limit in bytes on the output. */
  readonly limit: number;
  /** Memory to unpack into; the output is a view of it. */
  readonly scratch: Scratch;
}

/** Memory that is reused for each file, so that thousands of large files do not each allocate their own. */
export class Scratch {
  #bytes = new Uint8Array(0);

  /** At least `size` bytes, the first `keep` of them as they were. Earlier views become invalid. */
  room(size: number, keep = 0): Uint8Array {
    if (size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, 1 << 20));
      larger.set(this.#bytes.subarray(0, keep));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/**
 * Bytes to make room for when `used` were not enough: twice as many, up to one more than `limit`. Throws `too-big`
 * beyond.
 */
export function grownRoom(used: number, limit: number, file: string): number {
  if (used > limit) throw tooBig(limit, file);
  return Math.min(Math.max(used * 2, 1 << 20), limit + 1);
}

/** The error of a file that unpacks to more than is allowed. */
export function tooBig(limit: number, file: string, what: 'module' | 'package' = 'module'): ModaliasError {
  return new ModaliasError('too-big', `unpacks to more than ${limit} bytes, far more than any kernel ${what} has`, {
    file,
  });
}
