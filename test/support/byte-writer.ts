import type { Abi } from '../../src/binary/abi.ts';

/** Grows a run of bytes at a machine's byte order and word size. */
export class ByteWriter {
  readonly #abi: Abi;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(abi: Abi) {
    this.#abi = abi;
  }

  get size(): number {
    return this.#size;
  }

  raw(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    return this;
  }

  int(value: number | bigint, bytes: 1 | 2 | 4 | 8): this {
    const chunk = new Uint8Array(bytes);
    putInt(chunk, 0, value, bytes, this.#abi.littleEndian);
    return this.raw(chunk);
  }

  u8(value: number): this {
    return this.int(value, 1);
  }

  u16(value: number): this {
    return this.int(value, 2);
  }

  u32(value: number): this {
    return this.int(value, 4);
  }

  /** An unsigned long, an address or an offset. */
  word(value: number | bigint): this {
    return this.int(value, this.#abi.wordSize);
  }

  align(to: number): this {
    return this.raw(new Uint8Array((to - (this.#size % to)) % to));
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }
}

/** Stores an integer, wrapped to its width, at `offset`. */
export function putInt(
  target: Uint8Array,
  offset: number,
  value: number | bigint,
  bytes: number,
  littleEndian: boolean,
): void {
  let rest = BigInt.asUintN(bytes * 8, BigInt(value));
  for (let i = 0; i < bytes; i++) {
    target[offset + (littleEndian ? i : bytes - 1 - i)] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
