/** First bytes of a frame, and of a skippable one, whose lowest four bits are free (RFC 8878, 3.1.1 and 3.1.2). */
const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Bytes of the dictionary's id and of the content's size, by their two-bit codes. */
const ID_SIZE = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];
const RLE_BLOCK = 1;

/**
 * Whether zstd data holds whole frames only, by its frame and block headers (RFC 8878, 3.1.1). For truncated data
 * Node's decoder returns what it has so far, without an error.
 */
export function holdsWholeFrames(packed: Uint8Array): boolean {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) at += 8 + bytes.readUInt32LE(at + 4);
    else if (magic === FRAME) at = frameEnd(bytes, at + 4);
    else return false;
  }
  return at === bytes.length;
}

/** The end of the frame whose header is at `at`; beyond the data if truncated. */
function frameEnd(bytes: Buffer, at: number): number {
  const descriptor = bytes[at]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const content = singleSegment && descriptor < 0x40 ? 1 : CONTENT_SIZE[descriptor >> 6]!;
  let next = at + 1 + (singleSegment ? 0 : 1) + ID_SIZE[descriptor & 3]! + content;
  for (let last = false; !last; ) {
    if (next + 3 > bytes.length) return Number.POSITIVE_INFINITY;
    const header = bytes.readUIntLE(next, 3);
    last = (header & 1) !== 0;
    next += 3 + (((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3);
  }
  return next + (descriptor & 4 ? 4 : 0);
}
