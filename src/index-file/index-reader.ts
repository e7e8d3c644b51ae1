import { needBytes } from '../arguments.ts';
import { latin1 } from '../binary/reader.ts';
import { ModaliasError } from '../errors.ts';
import { PATH_MAX } from '../pattern/normalize.ts';
import {
  INDEX_HEADER,
  INDEX_MAGIC,
  INDEX_VERSION,
  type IndexEntry,
  NODE_CHILDREN,
  NODE_OFFSET,
  NODE_PREFIX,
  NODE_VALUES,
} from './index-format.ts';
import type { IndexNode } from './index-search.ts';
import type { IndexValue } from './index-trie.ts';

const NO_VALUES: readonly IndexValue[] = [];

/** An index file such as modules.alias.bin, read in place. Nothing in it is trusted: see `root`. */
export interface IndexFile {
  readonly bytes: Uint8Array;
  readonly file: string;
  /**
   * The trie for one walk, undefined in an empty index. The nodes of a valid index do not overlap, so a walk that
   * visits each node at most `visits` times reads at most that many times the file's size; one that reads more has
   * found a loop or a node with two parents and throws `bad-index`, as do offsets outside the file and paths longer
   * than any key.
   */
  root(visits?: number): IndexNode | undefined;
}

/** Checks the header of an index file and returns its root. Throws `bad-index`. */
export function openIndex(bytes: Uint8Array, file: string): IndexFile {
  const reader = new NodeReader(bytes, file, 1);
  if (bytes.length < INDEX_HEADER)
    throw reader.bad(`an index begins with ${INDEX_HEADER} bytes, found ${bytes.length}`, 0);
  const magic = reader.u32(0);
  if (magic !== INDEX_MAGIC)
    throw reader.bad(`the first four bytes are ${hex(magic)}, expected ${hex(INDEX_MAGIC)}`, 0);
  const version = reader.u32(4);
  if (version >>> 16 !== INDEX_VERSION >>> 16)
    throw reader.bad(`version ${version >>> 16} is unknown, expected ${INDEX_VERSION >>> 16}`, 4);
  return { bytes, file, root: (visits = 1) => nodeAt(new NodeReader(bytes, file, visits), reader.pointer(8), 0) };
}

/**
 * What an index file such as modules.alias.bin holds, in either layout: every key with each of its values, in ascending
 * order of keys, a key before those that it begins. `writeIndex` makes the same file from it. `file` names it in
 * errors. Throws `bad-index`.
 */
export function readIndex(bytes: Uint8Array, file = '<index>'): IndexEntry[] {
  needBytes('bytes', bytes);
  return indexEntries(openIndex(bytes, file));
}

/** The entries of an index that is open. @internal */
export function indexEntries(index: IndexFile): IndexEntry[] {
  const entries: IndexEntry[] = [];
  eachKey(index, (key, length, values, valuesEnd) => {
    const text = latin1(key, 0, length);
    for (let i = 0; i < valuesEnd; i += VALUE)
      entries.push({
        key: text,
        value: latin1(index.bytes, values[i + 1]!, values[i + 2]!),
        priority: values[i]!,
      });
  });
  return entries;
}

/** The numbers of a value in a list of values: its priority, and the start and end of its text in the file. */
export const VALUE = 3;

/**
 * Visits every key that has values, in the order of `indexEntries`, in one go: its bytes, the first `length` of `key`,
 * and `VALUE` numbers for each of its values, the first `valuesEnd` of `values`. The next key overwrites both lists.
 * Throws `bad-index`.
 */
export function eachKey(
  { bytes, file }: IndexFile,
  visit: (key: Uint8Array, length: number, values: readonly number[], valuesEnd: number) => void,
): void {
  const reader = new NodeReader(bytes, file, 1);
  const { key, values } = reader;
  const walk = (pointer: number, depth: number): void => {
    reader.read(pointer, depth);
    const { length, first, last, children, valuesEnd } = reader;
    if (valuesEnd > 0) visit(key, length, values, valuesEnd);
    for (let c = first, at = children; c <= last; c++, at += 4) {
      const child = reader.pointer(at);
      if ((child & NODE_OFFSET) === 0) continue; // most of a table
      key[length] = c;
      walk(child, length + 1);
    }
  };
  const root = reader.pointer(8);
  if ((root & NODE_OFFSET) !== 0) walk(root, 0);
}

/** A node of the file as a search needs it. */
function nodeAt(reader: NodeReader, pointer: number, depth: number): IndexNode | undefined {
  if ((pointer & NODE_OFFSET) === 0) return undefined;
  reader.read(pointer, depth);
  const { bytes, key, length, first, last, children, valuesEnd } = reader;
  let values = NO_VALUES;
  if (valuesEnd > 0) {
    const found: IndexValue[] = [];
    for (let i = 0; i < valuesEnd; i += VALUE) {
      const value = latin1(bytes, reader.values[i + 1]!, reader.values[i + 2]!);
      found.push({ value, priority: reader.values[i]! });
    }
    values = found;
  }
  const child = (c: number) =>
    first <= c && c <= last ? nodeAt(reader, reader.pointer(children + 4 * (c - first)), length + 1) : undefined;
  return {
    prefix: latin1(key, depth, length),
    values,
    child,
    eachChild(visit) {
      for (let c = first; c <= last; c++) {
        const node = child(c);
        if (node) visit(c, node);
      }
    },
  };
}

/**
 * Reads the nodes of a walk one after another; the fields describe the last one. kmod
 * libkmod/libkmod-index.c:index_mm_read_node.
 */
class NodeReader {
  readonly bytes: Uint8Array;
  readonly #file: string;
  /** The number of bytes that the walk may still read. */
  #left: number;
  /** The characters that lead to the node, with its prefix: the first `length` of these. */
  readonly key: Uint8Array = Buffer.alloc(PATH_MAX);
  length = 0;
  /**
   * First and last character of the table of children, and the table's place; there is no table if the first is above
   * the last.
   */
  first = 1;
  last = 0;
  children = 0;
  /** `VALUE` numbers a value, up to `valuesEnd`. */
  readonly values: number[] = [];
  valuesEnd = 0;

  constructor(bytes: Uint8Array, file: string, visits: number) {
    this.bytes = bytes;
    this.#file = file;
    this.#left = (bytes.length - INDEX_HEADER) * visits;
  }

  /** Reads the node that a pointer leads to after `depth` characters, which are in `key` if the walk needs them. */
  read(pointer: number, depth: number): void {
    const { bytes, key, values } = this;
    const start = pointer & NODE_OFFSET;
    if (start > bytes.length) throw this.bad(`a node at ${hex(start)} is outside the file`, start);
    let at = start;
    let length = depth;
    if (pointer & NODE_PREFIX) {
      for (; bytes[at] !== 0; at++, length++) {
        if (at >= bytes.length) throw this.bad('a prefix does not end', start);
        key[length] = bytes[at]!; // past its end, where the check below stops, a store does nothing
      }
      at++;
    }
    if (length >= PATH_MAX) throw this.bad('a key is longer than any alias', start);
    this.length = length;
    this.first = 1;
    this.last = 0;
    if (pointer & NODE_CHILDREN) {
      if (at + 2 > bytes.length) throw this.bad('a table of children is outside the file', start);
      const first = bytes[at]!;
      const last = bytes[at + 1]!;
      if (first > last) throw this.bad(`a table of children runs from ${first} down to ${last}`, start);
      this.first = first;
      this.last = last;
      this.children = at + 2;
      at += 2 + 4 * (last - first + 1);
      if (at > bytes.length) throw this.bad('a table of children is outside the file', start);
    }
    let end = 0;
    if (pointer & NODE_VALUES) {
      at += 4;
      for (let left = this.u32(at - 4); left > 0; left--, end += VALUE) {
        values[end] = this.u32(at);
        values[end + 1] = at += 4;
        for (; bytes[at] !== 0; at++) if (at >= bytes.length) throw this.bad('a value does not end', start);
        values[end + 2] = at++;
      }
    }
    this.valuesEnd = end;
    this.#left -= at - start;
    if (this.#left < 0) throw this.bad('nodes form a loop, or a node has two parents', start);
  }

  /** A pointer with its flags: 32 bits with a sign, which V8 keeps without a heap number. */
  pointer(at: number): number {
    const { bytes } = this;
    if (at + 4 > bytes.length) throw this.bad('a number is outside the file', at);
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  u32(at: number): number {
    return this.pointer(at) >>> 0;
  }

  bad(what: string, offset: number): ModaliasError {
    const place = { file: this.#file, offset };
    return new ModaliasError('bad-index', `${what}; not a valid index, run depmod to rebuild it`, place);
  }
}

function hex(n: number): string {
  return `0x${n.toString(16)}`;
}
