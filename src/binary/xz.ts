import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { grownRoom, tooBig, type Unpack } from './unpack.ts';

type UnpackXz = (packed: Uint8Array, to: Unpack) => Promise<Uint8Array>;

/** Statuses of liblzma (lzma/base.h) that are not errors, and messages for those that are. */
export const LZMA_OK = 0;
export const LZMA_STREAM_END = 1;
export const LZMA_BUF_ERROR = 10;
export const LZMA_ERRORS: Readonly<Record<number, string>> = {
  5: 'not enough memory',
  6: 'needs more memory than is allowed',
  7: 'not in the xz format',
  8: 'uses unsupported options',
  9: 'the data is corrupt',
  10: 'the data ends early',
};
/**
 * How much lower the same errors are in enum xz_ret of xz-embedded (linux/xz.h), which the WebAssembly decoder is made
 * of.
 */
const LZMA_OVER_XZ_RET = 2;

let chosen: Promise<UnpackXz> | undefined;

/**
 * Unpacks xz data: on the thread pool with liblzma where a build of node-liblzma fits this machine, else in
 * WebAssembly.
 */
export async function unxz(packed: Uint8Array, to: Unpack): Promise<Uint8Array> {
  chosen ??= liblzma().catch(webAssembly);
  return (await chosen)(packed, to);
}

/**
 * What node-liblzma's native part offers: liblzma's lzma_code(3) on memory that the caller owns. Its streams copy every
 * piece.
 */
export interface Binding {
  readonly STREAM_DECODE: number;
  readonly LZMA_RUN: number;
  readonly LZMA_FINISH: number;
  readonly LZMA: new (
    mode: number,
    options: { check: number; preset: number; filters: readonly number[] },
  ) => {
    code(
      flush: number,
      input: Uint8Array,
      at: number,
      left: number,
      output: Uint8Array,
      to: number,
      done: (status: number, inputLeft: number, roomLeft: number) => void,
    ): void;
    close(): void;
  };
}

const load = createRequire(import.meta.url);
const packageEntry = () => load.resolve('node-liblzma');

/** The native part in node-liblzma's package: xz 5.8, which decodes 1.5 times as fast as a distribution's 5.4. */
export function packagedBinding(): Binding {
  return load(`${dirname(dirname(packageEntry()))}/prebuilds/${process.platform}-${process.arch}/node-liblzma.node`);
}

/**
 * The native part that was made at installation, which is linked with this machine's liblzma; node-liblzma prefers it.
 */
export function installedBinding(): Binding {
  return createRequire(packageEntry())('node-gyp-build')(dirname(dirname(packageEntry())));
}

/** The decoder of node-liblzma, or a rejection where it is not installed or has no build for this machine. */
export async function liblzma(bindings = [packagedBinding, installedBinding]): Promise<UnpackXz> {
  const { LZMA, LZMA_FINISH, STREAM_DECODE } = firstOf(bindings);
  return async (packed, { file, limit, scratch }) => {
    const decoder = new LZMA(STREAM_DECODE, { check: 0, preset: 0, filters: [] });
    const step = (at: number, output: Uint8Array, to: number) =>
      new Promise<[status: number, at: number, to: number]>((resolve) =>
        decoder.code(LZMA_FINISH, packed, at, packed.length - at, output, to, (status, inputLeft, roomLeft) =>
          resolve([status, packed.length - inputLeft, output.length - roomLeft]),
        ),
      );
    try {
      let output = scratch.room(Math.min(unpackedSize(packed), limit) + 1);
      for (let at = 0, to = 0, status = LZMA_OK; ; ) {
        [status, at, to] = await step(at, output, to);
        if (to > limit) throw tooBig(limit, file);
        if (status === LZMA_STREAM_END) return output.subarray(0, to);
        if (status !== LZMA_OK && !(status === LZMA_BUF_ERROR && to === output.length))
          throw new Error(LZMA_ERRORS[status] ?? `status ${status}`);
        if (to === output.length) output = scratch.room(grownRoom(to, limit, file), to);
      }
    } finally {
      decoder.close();
    }
  };
}

/** The first native part that can be loaded; throws the last one's reason. */
export function firstOf([first, ...others]: readonly (() => Binding)[]): Binding {
  try {
    return first!();
  } catch (error) {
    if (others.length === 0) throw error;
    return firstOf(others);
  }
}

/** The decoder in WebAssembly: half as fast and on the main thread, but it runs everywhere. */
export async function webAssembly(): Promise<UnpackXz> {
  // Node finds no named exports in this package's bundle; loaders such as tsx find nothing else.
  const bundle = await import('xz-decompress');
  const { XzReadableStream } = bundle.default ?? bundle;
  return async (packed, { file, limit, scratch }) => {
    const input = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(packed);
        controller.close();
      },
    });
    const reader = new XzReadableStream(input).getReader();
    let output = scratch.room(Math.min(unpackedSize(packed), limit) + 1);
    let size = 0;
    for (let idle = 0; ; ) {
      const { done, value } = await reader.read().catch(inWords);
      if (done) return output.subarray(0, size);
      // At the end of its input this decoder returns empty pieces forever.
      idle = value.length === 0 ? idle + 1 : 0;
      const stop =
        idle > 3 ? new Error(LZMA_ERRORS[LZMA_BUF_ERROR]) : size + value.length > limit ? tooBig(limit, file) : null;
      if (stop) {
        // A decoder whose last piece was not read yet fails here at its own end.
        await reader.cancel().catch(() => {});
        throw stop;
      }
      if (size + value.length > output.length) output = scratch.room(grownRoom(size + value.length, limit, file), size);
      output.set(value, size);
      size += value.length;
    }
  };
}

/** Words for the "... error code N" of xz-decompress. */
export function inWords(error: Error): never {
  const status = Number(/error code (\d+)$/.exec(error.message)?.[1]) + LZMA_OVER_XZ_RET;
  throw new Error(LZMA_ERRORS[status] ?? error.message, { cause: error });
}

/**
 * How many bytes the data says it unpacks to: the sum of its index, found from the end (xz-file-format.txt 2.1.2 and
 * 4). A hint for allocation, at most 64 MiB: the data may lie.
 */
export function unpackedSize(packed: Uint8Array): number {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const footer = bytes.length - 12;
  const index = footer - (footer > 12 ? (bytes.readUInt32LE(footer + 4) + 1) * 4 : 0);
  if (footer <= 12 || index < 12 || bytes[index] !== 0) return 0;
  let at = index + 1;
  const number = () => {
    let value = 0;
    for (let shift = 1; at < footer; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  const records = number();
  let sum = 0;
  for (let i = 0; i < records && at < footer; i++) {
    number();
    sum += number();
  }
  return Math.min(sum, 64 * 1024 * 1024);
}
