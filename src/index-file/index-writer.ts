import { needList, needText } from '../arguments.ts';
import { ModaliasError } from '../errors.ts';
import {
  INDEX_HEADER,
  INDEX_MAGIC,
  INDEX_MAX_CHAR,
  INDEX_VERSION,
  type IndexEntry,
  type IndexLayout,
  NODE_CHILDREN,
  NODE_OFFSET,
  NODE_PREFIX,
  NODE_VALUES,
} from './index-format.ts';
import { buildTrie, NONE, type Trie } from './index-trie.ts';

/**
 * The bytes of an index file such as modules.alias.bin. `post` is the layout of kmod up to 33, `pre` that of 34 and
 * newer; both hold the same trie. Throws `not-ascii` for what depmod cannot write: with `pre` any byte above 127, with
 * `post` one at which two keys diverge (there depmod reads and writes outside its table of children); `index-too-large`
 * past 256 MiB, the limit of its offsets. kmod tools/depmod.c:index_write.
 */
export function writeIndex(entries: Iterable<IndexEntry>, layout: IndexLayout): Uint8Array {
  needList('entries', entries, 'key', 'value', 'priority');
  needText('layout', layout);
  return writeTrie(buildTrie(entries), layout);
}

/** Like `writeIndex`, for an existing trie. */
export function writeTrie(trie: Trie, layout: IndexLayout): Buffer {
  if (layout === 'pre') for (const entry of trie.entries) checkAscii(entry);
  const { count } = trie;
  const sizes = new Int32Array(count);
  const lastEdges = new Uint8Array(count);
  let total = INDEX_HEADER;
  for (let node = 0; node < count; node++) {
    lastEdges[node] = lastEdge(trie, node);
    sizes[node] = sizeOf(trie, node, lastEdges[node]!);
    total += sizes[node]!;
  }
  if (total > NODE_OFFSET)
    throw new ModaliasError(
      'index-too-large',
      `the index would take ${total} bytes; its offsets have 28 bits, which limits a file to 256 MiB. Leave out some modules`,
    );
  const offsets = layout === 'post' ? postOrder(sizes) : preOrder(trie, sizes);
  const bytes = Buffer.alloc(total);
  writeU32(bytes, 0, INDEX_MAGIC);
  writeU32(bytes, 4, INDEX_VERSION);
  writeU32(bytes, 8, pointer(trie, count - 1, offsets));
  for (let node = 0; node < count; node++) writeNode(bytes, trie, node, lastEdges[node]!, offsets);
  return bytes;
}

function postOrder(sizes: Int32Array): Int32Array {
  let at = INDEX_HEADER;
  return sizes.map((size) => {
    at += size;
    return at - size;
  });
}

/** Offsets where each node stands before its children's subtrees; parents come last in the trie. */
function preOrder(trie: Trie, sizes: Int32Array): Int32Array {
  const { firstChild, nextSibling, count } = trie;
  const totals = sizes.slice();
  for (let node = 0; node < count; node++)
    for (let child = firstChild[node]!; child !== NONE; child = nextSibling[child]!) totals[node]! += totals[child]!;
  const offsets = new Int32Array(count);
  offsets[count - 1] = INDEX_HEADER;
  for (let node = count - 1; node >= 0; node--) {
    let at = offsets[node]! + sizes[node]!;
    for (let child = firstChild[node]!; child !== NONE; child = nextSibling[child]!) {
      offsets[child] = at;
      at += totals[child]!;
    }
  }
  return offsets;
}

/** The highest character of a node's table of children, 0 for a leaf. */
function lastEdge({ firstChild, nextSibling, edge }: Trie, node: number): number {
  let last = 0;
  for (let child = firstChild[node]!; child !== NONE; child = nextSibling[child]!) last = edge[child]!;
  return last;
}

function sizeOf(trie: Trie, node: number, last: number): number {
  let size = 0;
  const prefix = trie.depth[node]! - trie.start[node]!;
  if (prefix > 0) size += prefix + 1;
  if (last > INDEX_MAX_CHAR) throw notAscii(unwritable(trie, node), 'depmod of kmod up to 33 crashes on it');
  if (last > 0) size += 2 + 4 * (last - trie.edge[trie.firstChild[node]!]! + 1);
  let value = trie.firstValue[node]!;
  if (value !== NONE) size += 4;
  for (; value !== NONE; value = trie.nextValue[value]!) size += 4 + trie.entries[value]!.value.length + 1;
  return size;
}

/** An entry below a node whose key continues with a character that the node's table cannot hold. */
function unwritable(trie: Trie, node: number): IndexEntry {
  const depth = trie.depth[node]!;
  const begin = trie.keys[trie.key[node]!]!.slice(0, depth);
  return trie.entries.find(({ key }) => key.startsWith(begin) && key.charCodeAt(depth) > INDEX_MAX_CHAR)!;
}

function checkAscii(entry: IndexEntry): void {
  if (/[^\0-\x7f]/.test(entry.key) || /[^\0-\x7f]/.test(entry.value))
    throw notAscii(entry, 'depmod of kmod 34 and newer refuses it');
}

function notAscii({ key, value }: IndexEntry, peer: string): ModaliasError {
  return new ModaliasError(
    'not-ascii',
    `the alias '${key}' of ${value} contains a byte above 127, which an index cannot hold (${peer}); correct it in the module`,
  );
}

/** A node's offset with the flags that say what it holds. */
function pointer(trie: Trie, node: number, offsets: Int32Array): number {
  return (
    offsets[node]! |
    (trie.depth[node]! > trie.start[node]! ? NODE_PREFIX : 0) |
    (trie.firstValue[node]! !== NONE ? NODE_VALUES : 0) |
    (trie.firstChild[node]! !== NONE ? NODE_CHILDREN : 0)
  );
}

function writeNode(bytes: Buffer, trie: Trie, node: number, last: number, offsets: Int32Array): void {
  const { start, depth, edge, firstChild, nextSibling, nextValue, entries } = trie;
  let at = offsets[node]!;
  if (depth[node]! > start[node]!) at = writeText(bytes, at, trie.keys[trie.key[node]!]!, start[node]!, depth[node]!);
  if (last > 0) {
    const first = edge[firstChild[node]!]!;
    bytes[at++] = first;
    bytes[at++] = last;
    for (let child = firstChild[node]!; child !== NONE; child = nextSibling[child]!)
      writeU32(bytes, at + 4 * (edge[child]! - first), pointer(trie, child, offsets));
    at += 4 * (last - first + 1);
  }
  const value = trie.firstValue[node]!;
  if (value === NONE) return;
  let count = 0;
  for (let i = value; i !== NONE; i = nextValue[i]!) count++;
  writeU32(bytes, at, count);
  at += 4;
  for (let i = value; i !== NONE; i = nextValue[i]!) {
    const entry = entries[i]!;
    writeU32(bytes, at, entry.priority);
    at = writeText(bytes, at + 4, entry.value, 0, entry.value.length);
  }
}

/**
 * Writes characters and a NUL; returns the place of the next byte. Most texts are short, where a loop beats
 * Buffer.write.
 */
function writeText(bytes: Buffer, at: number, text: string, from: number, to: number): number {
  let next = at;
  for (let i = from; i < to; i++) bytes[next++] = text.charCodeAt(i);
  bytes[next++] = 0;
  return next;
}

function writeU32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
