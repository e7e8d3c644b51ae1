import type { ByteSource } from './source.ts';

/**
 * A part of a file that is compressed as a whole: a member of an archive, the payload of a package, or the file itself.
 */
export interface PackedRange {
  readonly source: ByteSource;
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

const PIECE = 256 * 1024;

/** The bytes of a part of a file as they are, in order. Throws `truncated` where the file ends before the part does. */
export function* readPieces({ source, start, end }: PackedRange): Generator<Uint8Array> {
  for (let at = start; at < end; at += PIECE) yield source.read(at, Math.min(PIECE, end - at), 'the data');
}

/** The same pieces, the next being made while the caller works on one. */
export async function* ahead<T>(pieces: AsyncGenerator<T>): AsyncGenerator<T> {
  const ask = () => {
    const next = pieces.next();
    // What is not awaited because the caller stopped must not end the process.
    next.catch(() => {});
    return next;
  };
  let next = ask();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = ask();
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await pieces.return(undefined);
  }
}
