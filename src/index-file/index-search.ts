import { fnmatch } from '../pattern/fnmatch.ts';
import type { IndexValue } from './index-trie.ts';

/** A node of an index's trie, in memory or in a file: what a search needs of it. Strings are latin1. */
export interface IndexNode {
  /** Characters between the one in the parent's table and this node. */
  readonly prefix: string;
  /** Values of the key that ends here, in the order in which they are stored. */
  readonly values: readonly IndexValue[];
  /** The child under a character, if there is one. */
  child(char: number): IndexNode | undefined;
  /** Visits the children in ascending order of their characters. */
  eachChild(visit: (char: number, node: IndexNode) => void): void;
}

/** A value that a search found, with its key. */
export interface IndexMatch extends IndexValue {
  readonly key: string;
}

const WILDCARDS = ['*', '?', '['].map((c) => c.charCodeAt(0));

/** The first value under exactly this key. kmod libkmod/libkmod-index.c:index_mm_search. */
export function searchExact(root: IndexNode | undefined, key: string): IndexValue | undefined {
  let node = root;
  for (let i = 0; node; i++) {
    if (!key.startsWith(node.prefix, i)) return undefined;
    i += node.prefix.length;
    if (i === key.length) return node.values[0];
    node = node.child(key.charCodeAt(i));
  }
  return undefined;
}

/**
 * Every value whose key, read as a pattern, matches `key`, in libkmod's order: ascending priority and, among equal
 * priorities, the last one found first. A key is compared literally up to its first wildcard, and with fnmatch(3) from
 * there. A value is found twice if `key` contains a wildcard and the trie branches there: once as a pattern, once
 * literally. This is the walk over the mapped file (libkmod-index.c:index_mm_searchwild); the one through FILE, which
 * libkmod uses when an index is missing, orders equal priorities of one key the other way round. Bytes above 127 are
 * not special, as where C's char is unsigned.
 */
export function searchWild(root: IndexNode | undefined, key: string): IndexMatch[] {
  const met: IndexMatch[] = [];
  let node = root;
  for (let i = 0; node; i++) {
    const { prefix } = node;
    for (let j = 0; j < prefix.length; j++) {
      const c = prefix.charCodeAt(j);
      if (WILDCARDS.includes(c)) {
        matchBelow(node, key.slice(0, i) + prefix.slice(0, j), prefix.slice(j), key, met);
        return inOrder(met);
      }
      if (c !== key.charCodeAt(i + j)) return inOrder(met);
    }
    i += prefix.length;
    for (const c of WILDCARDS) {
      const child = node.child(c);
      if (child) matchBelow(child, key.slice(0, i), String.fromCharCode(c) + child.prefix, key, met);
    }
    if (i === key.length) {
      for (const value of node.values) met.push({ key, ...value });
      break;
    }
    node = node.child(key.charCodeAt(i));
  }
  return inOrder(met);
}

/**
 * Tries every pattern at or below a node: `literal` is the part of the key that was followed, `wild` the rest of the
 * path to the node.
 */
function matchBelow(node: IndexNode, literal: string, wild: string, key: string, met: IndexMatch[]): void {
  node.eachChild((c, child) => matchBelow(child, literal, wild + String.fromCharCode(c) + child.prefix, key, met));
  if (node.values.length > 0 && fnmatch(wild, key.slice(literal.length))) {
    for (const value of node.values) met.push({ key: literal + wild, ...value });
  }
}

function inOrder(met: IndexMatch[]): IndexMatch[] {
  return met.reverse().sort((a, b) => a.priority - b.priority);
}
