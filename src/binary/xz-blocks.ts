import { crc32 } from 'node:zlib';
import type { PackedRange } from './packed-range.ts';

/** A block of an xz stream: where it lies in the file, with its padding, and how much comes out. */
export interface XzBlock {
  readonly start: number;
  readonly end: number;
  readonly unpacked: number;
}

/** Sizes of the header and of the footer (xz-file-format.txt 2.1.1 and 2.1.2). */
export const STREAM_HEADER = 12;
const STREAM_FOOTER = 12;
/** Largest blocks that are decoded side by side, and the largest index that is looked at. */
const MOST_UNPACKED = 32 * 1024 * 1024;
const MOST_INDEX = 1024 * 1024;

/**
 * The blocks of data that is one xz stream with a sound index, each small enough to be held in memory; undefined for
 * any other data, sound or not, which then is to be decoded from its start (xz-file-format.txt 2.1 and 4).
 */
export function independentBlocks({ source, start, end }: PackedRange): readonly XzBlock[] | undefined {
  const size = end - start;
  if (size < STREAM_HEADER + STREAM_FOOTER) return undefined;
  const header = Buffer.from(source.readUpTo(start, STREAM_HEADER));
  const footer = Buffer.from(source.readUpTo(end - STREAM_FOOTER, STREAM_FOOTER));
  if (footer.length < STREAM_FOOTER || footer.toString('latin1', 10) !== 'YZ') return undefined;
  if (footer.readUInt32LE(0) !== crc32(footer.subarray(4, 10))) return undefined;
  if (header.readUInt32LE(8) !== crc32(header.subarray(6, 8)) || header.readUInt16LE(6) !== footer.readUInt16LE(8))
    return undefined;
  const indexSize = (footer.readUInt32LE(4) + 1) * 4;
  if (indexSize > MOST_INDEX || indexSize > size - STREAM_HEADER - STREAM_FOOTER) return undefined;
  const indexStart = end - STREAM_FOOTER - indexSize;
  const index = Buffer.from(source.readUpTo(indexStart, indexSize));
  if (index[0] !== 0 || index.readUInt32LE(indexSize - 4) !== crc32(index.subarray(0, indexSize - 4))) return undefined;
  const numbers = vli(index.subarray(1, indexSize - 4));
  const count = numbers.next().value ?? 0;
  const blocks: XzBlock[] = [];
  let at = start + STREAM_HEADER;
  for (let i = 0; i < count; i++) {
    const packed = numbers.next().value;
    const unpacked = numbers.next().value;
    if (!packed || unpacked === undefined || unpacked > MOST_UNPACKED) return undefined;
    const next = at + Math.ceil(packed / 4) * 4;
    if (next > indexStart) return undefined;
    blocks.push({ start: at, end: next, unpacked });
    at = next;
  }
  return at === indexStart && blocks.length > 1 ? blocks : undefined;
}

/** Numbers of seven bits a byte, the lowest first (xz-file-format.txt 1.2). */
function* vli(bytes: Uint8Array): Generator<number, undefined> {
  let value = 0;
  let weight = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * weight;
    weight *= 128;
    if (byte < 0x80) {
      yield value;
      value = 0;
      weight = 1;
    }
  }
}
