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
import type { IndexNode } from './index-node.ts';
import type { IndexValue } from './index-trie.ts';

const NO_VALUES: readonly IndexValue[] = [];

/** An index file such as modules.alias.bin, read where it lies. Nothing in it is trusted: see `root`. */
export interface IndexFile {
  readonly file: string;
  /**
   * The trie for one walk, undefined in an index of nothing. The nodes of a sound index share no byte, so a walk that visits each
   * node at most `visits` times reads at most that many times the file's size; one that reads more has met a circle or a node with two
   * parents and ends in the error `bad-index`, as do offsets outside the file and paths longer than any key.
   */
  root(visits?: number): IndexNode | undefined;
}

/** Checks the header of an index file and answers with the way into it. Throws `bad-index`. */
export function openIndex(bytes: Uint8Array, file: string): IndexFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bad = (what: string, offset: number) =>
    new ModaliasError('bad-index', `${what}; the index is damaged or none, depmod writes it anew`, { file, offset });
  if (bytes.length < INDEX_HEADER) throw bad(`an index begins with ${INDEX_HEADER} bytes, here are ${bytes.length}`, 0);
  const magic = view.getUint32(0);
  if (magic !== INDEX_MAGIC) throw bad(`the first four bytes are ${hex(magic)}, wanted ${hex(INDEX_MAGIC)}`, 0);
  const version = view.getUint32(4);
  if (version >>> 16 !== INDEX_VERSION >>> 16) throw bad(`version ${version >>> 16} is unknown, wanted 2`, 4);
  return {
    file,
    root(visits = 1) {
      const walk: Walk = { bytes, view, left: (bytes.length - INDEX_HEADER) * visits, bad };
      return readNode(walk, view.getUint32(8), 0);
    },
  };
}

/**
 * What an index file such as modules.alias.bin holds, in either layout: every key with each of its values, in ascending order of keys, a
 * key before those that it begins. `writeIndex` makes the same file of it. `file` names it in errors. Throws `bad-index`.
 */
export function readIndex(bytes: Uint8Array, file = '<index>'): IndexEntry[] {
  return indexEntries(openIndex(bytes, file));
}

/** The entries of an index that is open. @internal */
export function indexEntries(index: IndexFile): IndexEntry[] {
  return nodeEntries(index.root());
}

/** The same below a root, wherever it is. */
export function nodeEntries(root: IndexNode | undefined): IndexEntry[] {
  const entries: IndexEntry[] = [];
  const visit = (node: IndexNode, key: string) => {
    for (const { value, priority } of node.values) entries.push({ key, value, priority });
    node.eachChild((c, child) => visit(child, key + String.fromCharCode(c) + child.prefix));
  };
  if (root) visit(root, root.prefix);
  return entries;
}

interface Walk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Bytes that may still be read. */
  left: number;
  readonly bad: (what: string, offset: number) => ModaliasError;
}

/** A node of the file; `depth` characters lead to it, without its prefix. */
function readNode(walk: Walk, pointer: number, depth: number): IndexNode | undefined {
  const start = pointer & NODE_OFFSET;
  if (start === 0) return undefined;
  const { bytes, view } = walk;
  let at = start;
  const take = (size: number, what: string) => {
    if (at + size > bytes.length) throw walk.bad(`${what} should stand at ${hex(at)}, outside the file`, start);
    walk.left -= size;
    if (walk.left < 0) throw walk.bad('nodes point at each other in a circle, or two point at one', start);
    at += size;
    return at - size;
  };
  const text = (what: string) => {
    const end = bytes.indexOf(0, at);
    const from = take((end === -1 ? bytes.length : end) - at + 1, what);
    return latin1(bytes.subarray(from, at - 1));
  };
  take(0, 'a node');
  const prefix = pointer & NODE_PREFIX ? text('a prefix') : '';
  if (depth + prefix.length >= PATH_MAX) throw walk.bad('a key is longer than any alias', start);
  let first = 1;
  let last = 0;
  let children = 0;
  if (pointer & NODE_CHILDREN) {
    first = bytes[take(2, 'a table of children')]!;
    last = bytes[at - 1]!;
    if (first > last) throw walk.bad(`a table of children runs from ${first} down to ${last}`, start);
    children = take(4 * (last - first + 1), 'a table of children');
  }
  let values = NO_VALUES;
  if (pointer & NODE_VALUES) {
    const found: IndexValue[] = [];
    for (let count = view.getUint32(take(4, 'the number of values')); count > 0; count--) {
      const priority = view.getUint32(take(4, 'a priority'));
      found.push({ value: text('a value'), priority });
    }
    values = found;
  }
  const child = (c: number) =>
    first <= c && c <= last
      ? readNode(walk, view.getUint32(children + 4 * (c - first)), depth + prefix.length + 1)
      : undefined;
  return {
    prefix,
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

function hex(n: number): string {
  return `0x${n.toString(16)}`;
}
