/** Takes bytes in order from pieces that come as they come. */
export class ByteStream {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Bytes taken so far. */
  offset = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes, from 1 to `most` of them; undefined at the end. Void once more are asked for. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#at === this.#piece.length) {
      const { done, value } = await this.#pieces.next();
      if (done) return undefined;
      this.#piece = value;
      this.#at = 0;
    }
    const bytes = this.#piece.subarray(this.#at, this.#at + most);
    this.#at += bytes.length;
    this.offset += bytes.length;
    return bytes;
  }

  /** Exactly `size` bytes if they are at hand, without copying them; void once more are asked for. */
  atHand(size: number): Uint8Array | undefined {
    if (this.#piece.length - this.#at < size) return undefined;
    this.#at += size;
    this.offset += size;
    return this.#piece.subarray(this.#at - size, this.#at);
  }

  /** Exactly `size` bytes, or fewer where the stream ends before. */
  async upTo(size: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let left = size; left > 0; left -= parts.at(-1)!.length) {
      const part = await this.some(left);
      if (!part) break;
      parts.push(part.length === size ? part : Uint8Array.prototype.slice.call(part));
    }
    return Buffer.concat(parts);
  }

  /** Passes over `size` bytes; false where the stream ends before. */
  async skip(size: number): Promise<boolean> {
    for (let left = size; left > 0; ) {
      const part = await this.some(left);
      if (!part) return false;
      left -= part.length;
    }
    return true;
  }

  /** Passes over zeros and gives the byte after them, which is not taken; undefined at the end. */
  async skipZeros(): Promise<number | undefined> {
    for (;;) {
      const part = await this.some(Number.POSITIVE_INFINITY);
      if (!part) return undefined;
      const zeros = leadingZeros(part);
      if (zeros === part.length) continue;
      this.#at -= part.length - zeros;
      this.offset -= part.length - zeros;
      return part[zeros];
    }
  }

  /** Ends what makes the pieces. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}

const ZEROS = new Uint8Array(65_536);

/** How many zeros a piece begins with; compared in blocks, as there may be gigabytes of them. */
function leadingZeros(piece: Uint8Array): number {
  let at = 0;
  for (; at < piece.length; at += ZEROS.length) {
    const block = piece.subarray(at, at + ZEROS.length);
    if (Buffer.compare(block, ZEROS.subarray(0, block.length)) !== 0) break;
  }
  while (at < piece.length && piece[at] === 0) at++;
  return Math.min(at, piece.length);
}
