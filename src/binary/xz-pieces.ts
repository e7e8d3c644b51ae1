import { ahead, type PackedRange, readPieces } from './packed-range.ts';
import {
  type Binding,
  firstOf,
  installedBinding,
  inWords,
  LZMA_BUF_ERROR,
  LZMA_ERRORS,
  LZMA_OK,
  LZMA_STREAM_END,
  packagedBinding,
} from './xz.ts';
import { parallelBlocks } from './xz-block-pieces.ts';
import { independentBlocks } from './xz-blocks.ts';

type XzPieces = (range: PackedRange) => AsyncGenerator<Uint8Array>;

const PIECE = 1024 * 1024;

let chosen: XzPieces | undefined;

/**
 * The unpacked bytes of xz data in pieces: with liblzma where node-liblzma fits this machine, several blocks side by
 * side where the data has them (dpkg-deb writes blocks of 24 MiB), else in WebAssembly.
 */
export async function* unxzPieces(range: PackedRange): AsyncGenerator<Uint8Array> {
  chosen ??= choose();
  yield* chosen(range);
}

function choose(): XzPieces {
  try {
    return liblzmaPieces();
  } catch {
    return webAssemblyPieces;
  }
}

/** The decoder of node-liblzma. Throws where it is not installed or has no build for this machine. */
export function liblzmaPieces(bindings = [packagedBinding, installedBinding]): XzPieces {
  const binding = firstOf(bindings);
  return (range) => {
    const blocks = independentBlocks(range);
    return blocks ? parallelBlocks(binding, range, blocks) : ahead(inOrder(binding, range));
  };
}

/**
 * One stream after the other, as xz -dc reads them: node-liblzma's decoder goes on to the next itself, past zeros
 * between them, and refuses what is not one.
 */
async function* inOrder(binding: Binding, range: PackedRange): AsyncGenerator<Uint8Array> {
  const input = new Input(readPieces(range));
  const decoder = new binding.LZMA(binding.STREAM_DECODE, { check: 0, preset: 0, filters: [] });
  try {
    for (let status = LZMA_OK; status !== LZMA_STREAM_END; ) {
      const output = Buffer.allocUnsafeSlow(PIECE);
      let to = 0;
      while (to < PIECE && status !== LZMA_STREAM_END) {
        input.fill();
        const { piece, at } = input;
        const action = input.ended ? binding.LZMA_FINISH : binding.LZMA_RUN;
        status = await new Promise<number>((resolve) =>
          decoder.code(action, piece, at, piece.length - at, output, to, (result, inputLeft, roomLeft) => {
            input.at = piece.length - inputLeft;
            to = PIECE - roomLeft;
            resolve(result);
          }),
        );
        const starved = status === LZMA_BUF_ERROR && !input.ended;
        if (!(status === LZMA_OK || status === LZMA_STREAM_END || starved))
          throw new Error(LZMA_ERRORS[status] ?? `status ${status}`);
      }
      if (to > 0) yield output.subarray(0, to);
    }
  } finally {
    decoder.close();
  }
}

/** Packed pieces, and how far the one at hand is used up. */
class Input {
  readonly #pieces: Iterator<Uint8Array>;
  piece: Uint8Array = new Uint8Array(0);
  at = 0;
  ended = false;

  constructor(pieces: Iterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** Takes the next piece where this one is used up. */
  fill(): void {
    if (this.ended || this.at < this.piece.length) return;
    const { done, value } = this.#pieces.next();
    this.ended = done === true;
    this.piece = done ? new Uint8Array(0) : value;
    this.at = 0;
  }
}

/** The decoder in WebAssembly, on the main thread. It knows one stream only. */
export async function* webAssemblyPieces(range: PackedRange): AsyncGenerator<Uint8Array> {
  const bundle = await import('xz-decompress');
  const { XzReadableStream } = bundle.default ?? bundle;
  const pieces = readPieces(range);
  let ended = false;
  const input = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = pieces.next();
      ended = next.done === true;
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
  });
  const reader = new XzReadableStream(input).getReader();
  try {
    for (let idle = 0; ; ) {
      const { done, value } = await reader.read().catch(inWords);
      if (done) return;
      // At the end of its input this decoder gives empty pieces for ever.
      idle = ended && value.length === 0 ? idle + 1 : 0;
      if (idle > 3) throw new Error(LZMA_ERRORS[LZMA_BUF_ERROR]);
      if (value.length > 0) yield Uint8Array.from(value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
