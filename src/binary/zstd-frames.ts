/** First bytes of a frame, and of a skippable one, whose lowest four bits are free (RFC 8878, 3.1.1 and 3.1.2). */
const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Bytes of the dictionary's id and of the content's size, by their two-bit codes. */
const ID_SIZE = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];
const RLE_BLOCK = 1;

/** Longest header of a frame after its magic. */
const FRAME_HEADER = 14;

/**
 * Whether zstd data holds whole frames only, by its frame and block headers (RFC 8878, 3.1.1). For truncated data
 * Node's decoder returns what it has so far, without an error.
 */
export function holdsWholeFrames(packed: Uint8Array): boolean {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  return wholeFrames(bytes.length, (at, size) => bytes.subarray(at, at + size));
}

/** The same of data that is read in parts: `read` gives what there is of `size` bytes at `at`. */
export function wholeFrames(length: number, read: (at: number, size: number) => Buffer): boolean {
  let at = 0;
  while (at + 8 <= length) {
    const start = read(at, 8);
    if (start.length < 8) return false;
    const magic = start.readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) at += 8 + start.readUInt32LE(4);
    else if (magic === FRAME) at = frameEnd(length, read, at + 4);
    else return false;
  }
  return at === length;
}

/** Whether whole frames are a single one. */
export function isOneFrame(length: number, read: (at: number, size: number) => Buffer): boolean {
  return length >= 8 && read(0, 4).readUInt32LE(0) === FRAME && frameEnd(length, read, 4) === length;
}

/** The end of the frame whose header is at `at`; beyond the data if truncated. */
function frameEnd(length: number, read: (at: number, size: number) => Buffer, at: number): number {
  const descriptor = read(at, FRAME_HEADER)[0]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const content = singleSegment && descriptor < 0x40 ? 1 : CONTENT_SIZE[descriptor >> 6]!;
  let next = at + 1 + (singleSegment ? 0 : 1) + ID_SIZE[descriptor & 3]! + content;
  for (let last = false; !last; ) {
    const block = next + 3 > length ? undefined : read(next, 3);
    if (block?.length !== 3) return Number.POSITIVE_INFINITY;
    const header = block.readUIntLE(0, 3);
    last = (header & 1) !== 0;
    next += 3 + (((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3);
  }
  return next + (descriptor & 4 ? 4 : 0);
}
