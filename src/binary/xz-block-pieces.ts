import { type PackedRange, readPieces } from './packed-range.ts';
import { type Binding, LZMA_BUF_ERROR, LZMA_ERRORS, LZMA_OK } from './xz.ts';
import { STREAM_HEADER, type XzBlock } from './xz-blocks.ts';

/** Blocks in work at a time, beside the one whose bytes are being given out. */
const SIDE_BY_SIDE = 2;

const LZMA_DATA_ERROR = 9;

/**
 * The blocks of one xz stream, unpacked side by side on the thread pool into memory that they share, and given in their
 * order, each as one piece that is void once the next is asked for.
 */
export async function* parallelBlocks(
  binding: Binding,
  range: PackedRange,
  blocks: readonly XzBlock[],
): AsyncGenerator<Uint8Array> {
  // One byte more, to notice a block that holds more than the index says.
  const room = blocks.reduce((most, block) => Math.max(most, block.unpacked), 0) + 1;
  const free = Array.from({ length: Math.min(SIDE_BY_SIDE + 1, blocks.length) }, () => Buffer.allocUnsafeSlow(room));
  const running: { memory: Buffer<ArrayBuffer>; unpacked: Promise<Uint8Array> }[] = [];
  let next = 0;
  const begin = () => {
    const block = blocks[next++];
    if (!block) return;
    const memory = free.pop()!;
    const unpacked = unpackBlock(binding, range, block, memory);
    // What is not awaited because an earlier block is damaged must not end the process.
    unpacked.catch(() => {});
    running.push({ memory, unpacked });
  };
  try {
    for (let i = 0; i < SIDE_BY_SIDE; i++) begin();
    for (let first = running[0]; first; first = running[0]) {
      const bytes = await first.unpacked;
      running.shift();
      begin();
      yield bytes;
      free.push(first.memory);
    }
  } finally {
    await Promise.allSettled(running.map(({ unpacked }) => unpacked));
  }
}

/** A block alone: liblzma takes it behind the stream's header and checks it at its end. */
async function unpackBlock(
  binding: Binding,
  { source, start }: PackedRange,
  block: XzBlock,
  memory: Buffer<ArrayBuffer>,
): Promise<Uint8Array> {
  const decoder = new binding.LZMA(binding.STREAM_DECODE, { check: 0, preset: 0, filters: [] });
  let to = 0;
  const feed = async (input: Uint8Array) => {
    for (let at = 0; at < input.length; ) {
      const status = await new Promise<number>((resolve) =>
        decoder.code(binding.LZMA_RUN, input, at, input.length - at, memory, to, (status, inputLeft, roomLeft) => {
          at = input.length - inputLeft;
          to = memory.length - roomLeft;
          resolve(status);
        }),
      );
      // No room is left for more than the index says, or the block ended before it says.
      const told = status === LZMA_BUF_ERROR ? LZMA_DATA_ERROR : status;
      if (told !== LZMA_OK || to > block.unpacked) throw new Error(LZMA_ERRORS[told] ?? LZMA_ERRORS[LZMA_DATA_ERROR]);
    }
  };
  try {
    await feed(source.read(start, STREAM_HEADER, 'the header of the xz data'));
    for (const piece of readPieces({ source, start: block.start, end: block.end })) await feed(piece);
  } finally {
    decoder.close();
  }
  if (to !== block.unpacked) throw new Error(LZMA_ERRORS[LZMA_DATA_ERROR]);
  return memory.subarray(0, to);
}
