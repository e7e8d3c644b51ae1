import type { IndexEntry } from './index-format.ts';
import type { IndexNode } from './index-search.ts';
import { buildTrie, childrenOf, prefixOf, type Trie, valuesOf, valuesOfKey } from './index-trie.ts';

/** The trie that depmod would write for these entries, in memory. */
export interface MemoryIndex {
  root(): IndexNode;
  /** Its entries in file order. */
  entries(): IndexEntry[];
}

/** Builds the trie of these entries. */
export function memoryIndex(all: Iterable<IndexEntry>): MemoryIndex {
  const trie = buildTrie(all);
  return {
    root: () => view(trie, trie.count - 1),
    entries: () => trie.keys.flatMap((key) => valuesOfKey(trie, key)),
  };
}
function view(trie: Trie, node: number): IndexNode {
  return {
    prefix: prefixOf(trie, node),
    values: valuesOf(trie, node),
    child(c) {
      const child = childrenOf(trie, node).find((n) => trie.edge[n] === c);
      return child === undefined ? undefined : view(trie, child);
    },
    eachChild(visit) {
      for (const child of childrenOf(trie, node)) visit(trie.edge[child]!, view(trie, child));
    },
  };
}
