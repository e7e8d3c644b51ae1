import { closeSync, fstatSync } from 'node:fs';
import { abiOf } from '../binary/abi.ts';
import {
  DEFAULT_UNPACKED_LIMIT,
  decompress,
  isPacked,
  type Packing,
  packingOf,
  xzCheckOf,
} from '../binary/decompress.ts';
import { Elf } from '../binary/elf.ts';
import { HEAD_SIZE } from '../binary/elf-format.ts';
import { descriptorSource, memorySource } from '../binary/source.ts';
import { Scratch, tooBig } from '../binary/unpack.ts';
import { openNow } from '../files/pieces.ts';
import { openable, readablePath } from '../files/raw-path.ts';
import { unreadable } from '../files/read.ts';

/** Memory that is reused for each module, and the limit in bytes on an unpacked one. */
export interface ModuleMemory {
  readonly scratch: Scratch;
  /** Where the parts of a plain module are read to. */
  readonly parts: Uint8Array;
  readonly limit: number;
}

/** Enough for the headers and .modinfo of nearly every module. */
const PARTS_SIZE = 64 * 1024;

export function moduleMemory(limit = DEFAULT_UNPACKED_LIMIT): ModuleMemory {
  return { scratch: new Scratch(), parts: Buffer.alloc(PARTS_SIZE), limit };
}

/**
 * Runs `task` on a module file (a raw path, see files/raw-path.ts), whatever its compression, and gives its result: at
 * once for a plain file, of which only the parts that the task asks for are read, as a promise for a compressed one.
 * The task must not keep views of the module's bytes. Throws `unreadable`, `not-elf`, `bad-elf`, `truncated`,
 * `bad-compression`, `too-big`, or what the task throws.
 */
export function withModule<T>(
  path: string,
  memory: ModuleMemory,
  task: (elf: Elf, packing: Packing, xzCheck?: string) => T,
): T | Promise<T> {
  const file = readablePath(path);
  let fd: number;
  try {
    // A named pipe must not block the run: opened like this, it cannot be read.
    fd = openNow(openable(path));
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    const source = descriptorSource(fd, file, memory.parts);
    if (!isPacked(source.readUpTo(0, HEAD_SIZE))) return task(new Elf(source), 'plain');
    const { size } = fstatSync(fd);
    if (size > memory.limit) throw tooBig(memory.limit, file);
    const packed = source.readUpTo(0, size);
    return unpackModule(packed, file, memory, task);
  } finally {
    closeSync(fd);
  }
}

/** Throws `not-elf` unless a module, plain or compressed, can begin with these bytes. `file` names it in the error. */
export function checkModuleStart(head: Uint8Array, file: string): void {
  if (!isPacked(head)) abiOf(head, file);
}

/** Like `withModule`, for a module whose bytes are in memory already; `file` names it in errors. */
export async function unpackModule<T>(
  bytes: Uint8Array,
  file: string,
  memory: ModuleMemory,
  task: (elf: Elf, packing: Packing, xzCheck?: string) => T,
): Promise<T> {
  const unpacked = await decompress(bytes, { file, limit: memory.limit, scratch: memory.scratch });
  return task(new Elf(memorySource(unpacked, file)), packingOf(bytes), xzCheckOf(bytes));
}
