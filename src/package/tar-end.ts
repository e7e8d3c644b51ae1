const BLOCK = 512;

/**
 * A tar archive's bytes up to its end, which as for GNU tar is the first block of zeros that stands where a header may; what follows is read,
 * so that damage to it shows where a compression's checksum covers it, but means nothing. A last block that is cut short is left out, as GNU tar does.
 */
export async function* untilEndOfArchive(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(BLOCK);
  let filled = 0;
  /** Bytes up to the next header. */
  let ahead = 0;
  let ended = false;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length && !ended; ) {
      if (ahead > 0) {
        const part = piece.subarray(at, at + ahead);
        ahead -= part.length;
        at += part.length;
        yield part;
        continue;
      }
      const part = piece.subarray(at, at + BLOCK - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < BLOCK) continue;
      filled = 0;
      ended = block.every((byte) => byte === 0);
      if (ended) continue;
      ahead = Math.ceil(sizeOf(block) / BLOCK) * BLOCK;
      yield Uint8Array.from(block);
    }
  }
}

/** The size of what follows a header: octal digits, or 95 bits after a first one that is set. */
function sizeOf(header: Buffer): number {
  if (header[124]! & 0x80)
    return header.subarray(125, 136).reduce((size, byte) => size * 256 + byte, header[124]! & 0x7f);
  return Number.parseInt(header.toString('latin1', 124, 136).trim(), 8) || 0;
}
