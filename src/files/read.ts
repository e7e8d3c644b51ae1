import { closeSync, createReadStream, fstatSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ModaliasError, type Place } from '../errors.ts';
import { openNow, piecesOf } from './pieces.ts';
import { systemReason } from './reasons.ts';

/** Largest input read into memory at once, in bytes. */
export const DEFAULT_READ_LIMIT = 512 * 1024 * 1024;

const CHUNK = 256 * 1024;

/**
 * The bytes of a file, or of standard input for `-`, in pieces as they arrive.
 * Throws `unreadable` with the system's reason and what to do about it, and `not-a-file` for a named pipe that no
 * process writes to.
 */
export async function* readChunks(path: string): AsyncGenerator<Buffer> {
  let fd: number | undefined;
  try {
    if (path === '-') return yield* readStandardInput();
    fd = openNow(path);
    if (fstatSync(fd).isFile()) {
      const stream = createReadStream('', { fd, highWaterMark: CHUNK });
      fd = undefined;
      for await (const chunk of stream) yield chunk;
      return;
    }
    for (const piece of piecesOf(fd, path, CHUNK)) {
      if (typeof piece === 'number') await setTimeout(piece);
      else yield piece;
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

async function* readStandardInput(): AsyncGenerator<Buffer> {
  // Node reads a directory on standard input as an empty file.
  if (fstatSync(0).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  for await (const chunk of process.stdin) yield chunk as Buffer;
}

/**
 * A look at an input's first `size` bytes, or all where it has fewer, which throws if nothing that begins so is of use.
 */
export interface HeadCheck {
  readonly size: number;
  readonly check: (head: Buffer) => void;
}

/**
 * The whole of a file, or of standard input for `-`. Devices and pipes that never end are stopped at `limit` bytes, or
 * by `head` before. Throws `unreadable`, `too-big`, and what `head` throws.
 */
export async function readWhole(path: string, limit = DEFAULT_READ_LIMIT, head?: HeadCheck): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let looked = head === undefined;
  const look = () => {
    looked = true;
    head?.check(Buffer.concat(chunks));
  };
  for await (const chunk of readChunks(path)) {
    size += chunk.length;
    if (size > limit) {
      throw new ModaliasError('too-big', `larger than the limit of ${limit} bytes`, inFile(path));
    }
    chunks.push(chunk);
    if (!looked && size >= head!.size) look();
  }
  if (!looked) look();
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}

/** What messages call standard input. */
export const STDIN = '<stdin>';

/** What a file is called in messages: its path, or `<stdin>` for `-`. */
export function inFile(path: string): Place & { readonly file: string } {
  return { file: path === '-' ? STDIN : path };
}

/** An error of the file system as a `ModaliasError` (`unreadable`): the reason in words, with the path beside it. */
export function unreadable(path: string, error: unknown): ModaliasError {
  if (error instanceof ModaliasError) return error;
  return new ModaliasError('unreadable', `cannot read: ${systemReason(error)}`, inFile(path), { cause: error });
}
