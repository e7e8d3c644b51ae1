import type { IndexEntry } from './index-format.ts';

/** A value of a key with its priority. */
export interface IndexValue {
  readonly value: string;
  readonly priority: number;
}

/** A node of the Patricia trie. `key` is one of the keys below it, and names the node's characters by their places. */
export interface TrieNode {
  readonly key: string;
  /** Length of the string that leads here, this node's prefix included. */
  readonly depth: number;
  /** Where the prefix starts in `key`: one past the character in the parent's table. */
  prefixStart: number;
  readonly children: TrieNode[];
  readonly values: readonly IndexValue[];
}

const NO_VALUES: readonly IndexValue[] = [];

/**
 * The values of each key in the order that depmod keeps them: ascending priority and, among equal priorities, the last one added first.
 * Repeats stay. kmod tools/depmod.c:index_add_value.
 */
function valuesByKey(entries: Iterable<IndexEntry>): Map<string, IndexValue[]> {
  const byKey = new Map<string, IndexValue[]>();
  for (const { key, value, priority } of entries) {
    const values = byKey.get(key);
    if (!values) byKey.set(key, [{ value, priority }]);
    else {
      let at = values.length;
      while (at > 0 && values[at - 1]!.priority >= priority) at--;
      values.splice(at, 0, { value, priority });
    }
  }
  return byKey;
}

function commonLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/**
 * All nodes of the trie with every child before its parent, siblings in ascending order of their characters; the root is the last.
 * The trie's shape does not depend on the order of the entries. The root's prefix is always empty, as in kmod
 * tools/depmod.c:index_insert. Keys are latin1, so that the order of JavaScript's strings is the order of their bytes.
 */
export function buildTrie(entries: Iterable<IndexEntry>): TrieNode[] {
  const byKey = valuesByKey(entries);
  const keys = [...byKey.keys()].sort();
  const done: TrieNode[] = [];
  const root: TrieNode = { key: '', depth: 0, prefixStart: 0, children: [], values: byKey.get('') ?? NO_VALUES };
  const open: TrieNode[] = [root];
  const close = (parent: TrieNode, child: TrieNode) => {
    child.prefixStart = parent.depth + 1;
    parent.children.push(child);
    done.push(child);
  };
  const closeBelow = (depth: number) => {
    while (open.at(-1)!.depth > depth) {
      const child = open.pop()!;
      if (open.at(-1)!.depth < depth) {
        open.push({ key: child.key, depth, prefixStart: 0, children: [], values: NO_VALUES });
      }
      close(open.at(-1)!, child);
    }
  };
  let previous = '';
  for (const key of keys) {
    if (key === '') continue;
    closeBelow(commonLength(previous, key));
    open.push({ key, depth: key.length, prefixStart: 0, children: [], values: byKey.get(key)! });
    previous = key;
  }
  closeBelow(0);
  done.push(root);
  return done;
}
