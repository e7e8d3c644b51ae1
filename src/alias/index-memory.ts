import type { IndexEntry } from './index-format.ts';
import type { IndexNode } from './index-node.ts';
import { buildTrie, type TrieNode } from './index-trie.ts';

/** The way into the trie that depmod would write of these entries, kept in memory. */
export function memoryRoot(entries: Iterable<IndexEntry>): () => IndexNode {
  const root = view(buildTrie(entries).at(-1)!);
  return () => root;
}

function view(node: TrieNode): IndexNode {
  const charOf = (child: TrieNode) => child.key.charCodeAt(child.prefixStart - 1);
  return {
    prefix: node.key.slice(node.prefixStart, node.depth),
    values: node.values,
    child(c) {
      const child = node.children.find((n) => charOf(n) === c);
      return child && view(child);
    },
    eachChild(visit) {
      for (const child of node.children) visit(charOf(child), view(child));
    },
  };
}
