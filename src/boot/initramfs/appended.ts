import type { Packing } from '../../binary/decompress.ts';
import { gunzipPieces } from '../../binary/gzip-pieces.ts';
import type { PackedRange } from '../../binary/packed-range.ts';
import { wholeFrames } from '../../binary/zstd-frames.ts';

const PIECE = 4 * 1024 * 1024;
const HEADER = /^07070[12][\dA-Fa-f]{104}$/;
const HEADER_SIZE = 110;
/** Most headers that are looked at closely: what compresses badly is stored with the headers of its members. */
const MOST = 10_000;
/** Most times that gzip data is unpacked to see where it ends. */
const MOST_UNPACKED = 4;

/**
 * Where an archive that is not compressed follows compressed data; the end where there is none. Headers inside the
 * compressed data do not count: before a real one the data ends, as its format says.
 */
export async function appendedArchive(range: PackedRange, packing: Packing): Promise<number> {
  const { source, start, end } = range;
  let looked = 0;
  let unpacked = 0;
  for (let at = start; at < end; at += PIECE - HEADER_SIZE) {
    const bytes = source.readUpTo(at, Math.min(PIECE, end - at));
    const text = Buffer.from(bytes);
    // Looked for as bytes first: a regular expression over a whole image takes longer.
    for (let found = text.indexOf('07070'); found >= 0; found = text.indexOf('07070', found + 1)) {
      if (!HEADER.test(text.toString('latin1', found, found + HEADER_SIZE))) continue;
      if (++looked > MOST) return end;
      const before = { ...range, end: at + found };
      if (!mayEnd(before, packing)) continue;
      if (packing !== 'gzip') return before.end;
      if (++unpacked > MOST_UNPACKED) return end;
      if (await isWholeGzip(before)) return before.end;
    }
  }
  return end;
}

function mayEnd({ source, start, end }: PackedRange, packing: Packing): boolean {
  const read = (at: number, size: number) => Buffer.from(source.readUpTo(start + at, Math.min(size, end - start - at)));
  const size = end - start;
  if (size < 16) return false;
  // The magic at the end of a stream (the .xz file format, 2.1.2.4).
  if (packing === 'xz') return read(size - 2, 2).toString('latin1') === 'YZ';
  if (packing === 'zstd') return wholeFrames(size, read);
  // The size that it unpacks to (RFC 1952, 2.3.1): archives come in multiples of four, and deflate adds little.
  const unpacked = read(size - 4, 4).readUInt32LE(0);
  return unpacked % 4 === 0 && unpacked * 1.01 + 64 >= size;
}

async function isWholeGzip(range: PackedRange): Promise<boolean> {
  try {
    const said = Buffer.from(range.source.readUpTo(range.end - 4, 4)).readUInt32LE(0);
    let size = 0;
    for await (const { length } of gunzipPieces(range)) {
      size += length;
      if (size > said) return false;
    }
    return size === said;
  } catch {
    return false;
  }
}
