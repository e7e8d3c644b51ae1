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
import { buildTrie, type TrieNode } from './index-trie.ts';

/**
 * The bytes of an index file such as modules.alias.bin. `post` is the layout of kmod up to 33, `pre` that of 34 and newer; both hold
 * the same trie. Throws `not-ascii` for what depmod cannot write: with `pre` any byte above 127, with `post` one at which two keys part
 * (there depmod reads and writes outside its table of children); `index-too-large` past 256 MiB, where offsets end.
 * kmod tools/depmod.c:index_write.
 */
export function writeIndex(entries: Iterable<IndexEntry>, layout: IndexLayout): Buffer {
  const nodes = buildTrie(entries);
  const sizes = nodes.map((node) => sizeOf(node, layout));
  const total = sizes.reduce((sum, size) => sum + size, INDEX_HEADER);
  if (total > NODE_OFFSET)
    throw new ModaliasError(
      'index-too-large',
      `the index would take ${total} bytes; its offsets have 28 bits, so that a file ends below 256 MiB. Leave out some modules`,
    );
  const offsets = layout === 'post' ? runningSums(sizes) : preOrder(nodes, sizes);
  const offsetOf = new Map(nodes.map((node, i) => [node, offsets[i]!]));
  const bytes = Buffer.alloc(total);
  bytes.writeUInt32BE(INDEX_MAGIC, 0);
  bytes.writeUInt32BE(INDEX_VERSION, 4);
  bytes.writeUInt32BE(pointer(nodes.at(-1)!, offsets.at(-1)!), 8);
  nodes.forEach((node, i) => {
    writeNode(bytes, offsets[i]!, node, offsetOf);
  });
  return bytes;
}

function runningSums(sizes: readonly number[]): number[] {
  let at = INDEX_HEADER;
  return sizes.map((size) => {
    at += size;
    return at - size;
  });
}

/** Offsets where each node stands before its children's subtrees; parents come last in `nodes`. */
function preOrder(nodes: readonly TrieNode[], sizes: readonly number[]): number[] {
  const totals = new Map<TrieNode, number>();
  nodes.forEach((node, i) => {
    totals.set(
      node,
      node.children.reduce((sum, child) => sum + totals.get(child)!, sizes[i]!),
    );
  });
  const offsets = new Map<TrieNode, number>([[nodes.at(-1)!, INDEX_HEADER]]);
  for (let i = nodes.length - 1; i >= 0; i--) {
    let at = offsets.get(nodes[i]!)! + sizes[i]!;
    for (const child of nodes[i]!.children) {
      offsets.set(child, at);
      at += totals.get(child)!;
    }
  }
  return nodes.map((node) => offsets.get(node)!);
}

function prefixLength(node: TrieNode): number {
  return Math.max(0, node.depth - node.prefixStart);
}

/** The character under which a child stands in its parent's table. */
function edge(child: TrieNode): number {
  return child.key.charCodeAt(child.prefixStart - 1);
}

function sizeOf(node: TrieNode, layout: IndexLayout): number {
  let size = 0;
  const prefix = prefixLength(node);
  if (prefix > 0) size += prefix + 1;
  if (node.children.length > 0) {
    const last = edge(node.children.at(-1)!);
    if (last > INDEX_MAX_CHAR) throw notAscii(node.children.at(-1)!.key, layout);
    size += 2 + 4 * (last - edge(node.children[0]!) + 1);
  }
  if (node.values.length > 0) {
    size += 4;
    for (const { value } of node.values) {
      if (layout === 'pre' && (!isAscii(node.key) || !isAscii(value))) throw notAscii(`${node.key} ${value}`, layout);
      size += 4 + value.length + 1;
    }
  }
  return size;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > INDEX_MAX_CHAR) return false;
  return true;
}

function notAscii(text: string, layout: IndexLayout): ModaliasError {
  const peer = layout === 'pre' ? 'depmod of kmod 34 and newer refuses it' : 'depmod of kmod up to 33 crashes on it';
  return new ModaliasError(
    'not-ascii',
    `'${text}' holds a byte above 127, for which an index has no place (${peer}); correct the alias in the module`,
  );
}

/** A node's offset with the flags that say what it holds. */
function pointer(node: TrieNode, offset: number): number {
  const flags =
    (prefixLength(node) > 0 ? NODE_PREFIX : 0) +
    (node.values.length > 0 ? NODE_VALUES : 0) +
    (node.children.length > 0 ? NODE_CHILDREN : 0);
  return flags + offset;
}

function writeNode(bytes: Buffer, offset: number, node: TrieNode, offsetOf: ReadonlyMap<TrieNode, number>): void {
  let at = offset;
  if (prefixLength(node) > 0) {
    at += bytes.write(node.key.slice(node.prefixStart, node.depth), at, 'latin1');
    bytes[at++] = 0;
  }
  if (node.children.length > 0) {
    const first = edge(node.children[0]!);
    const last = edge(node.children.at(-1)!);
    bytes[at++] = first;
    bytes[at++] = last;
    for (const child of node.children)
      bytes.writeUInt32BE(pointer(child, offsetOf.get(child)!), at + 4 * (edge(child) - first));
    at += 4 * (last - first + 1);
  }
  if (node.values.length > 0) {
    at = bytes.writeUInt32BE(node.values.length, at);
    for (const { value, priority } of node.values) {
      at = bytes.writeUInt32BE(priority, at);
      at += bytes.write(value, at, 'latin1');
      bytes[at++] = 0;
    }
  }
}
