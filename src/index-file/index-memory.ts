import type { IndexEntry } from './index-format.ts';
import type { IndexNode } from './index-node.ts';
import { buildTrie, childrenOf, prefixOf, type Trie, valuesOf } from './index-trie.ts';

/** The way into the trie that depmod would write of these entries, kept in memory. */
export function memoryRoot(entries: Iterable<IndexEntry>): () => IndexNode {
  const trie = buildTrie(entries);
  return () => view(trie, trie.count - 1);
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
