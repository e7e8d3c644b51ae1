/**
 * The file format of modules.alias.bin and its kin (kmod libkmod/libkmod-index.c), all numbers big-endian:
 *
 *     u32 magic | u32 version | u32 root
 *     node, at (offset & OFFSET):
 *       if offset & PREFIX:   bytes of the prefix, NUL
 *       if offset & CHILDREN: u8 first, u8 last, u32 child[last - first + 1]   (0: no such child)
 *       if offset & VALUES:   u32 count, count times { u32 priority, bytes of the value, NUL }
 *
 * A node is reached by one character (its place in the parent's table) followed by its prefix. The flags are in the
 * offset that points to a node, not in the node. Nothing is aligned. An empty index is its 12 bytes, with an offset of
 * 12 and no flags.
 */
export const INDEX_MAGIC = 0xb007f457;
export const INDEX_VERSION = 0x00020001;
/** Bytes of the header; the first node of a pre-order file is here. */
export const INDEX_HEADER = 12;

export const NODE_PREFIX = 0x80000000;
export const NODE_VALUES = 0x40000000;
export const NODE_CHILDREN = 0x20000000;
export const NODE_OFFSET = 0x0fffffff;

/** Highest character of a key, kmod's INDEX_CHILDMAX less one: a node's table cannot hold more. */
export const INDEX_MAX_CHAR = 127;

/**
 * Order of the nodes in a file: kmod up to 33 writes children before their parent (`post`), 34 and newer after it
 * (`pre`).
 */
export type IndexLayout = 'pre' | 'post';

/** One key of an index with one of its values; a lower priority comes first. */
export interface IndexEntry {
  readonly key: string;
  readonly value: string;
  readonly priority: number;
}
