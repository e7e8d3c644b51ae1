import type { IndexEntry } from './index-format.ts';

/** A value of a key with its priority. */
export interface IndexValue {
  readonly value: string;
  readonly priority: number;
}

/** No node, no entry. */
export const NONE = -1;

/**
 * A Patricia trie in arrays, one element per node: every child before its parent, the root last. A node's prefix is
 * `key.slice(start, depth)`, where `key` is some key below it; the character before it leads to the node from its
 * parent.
 */
export interface Trie {
  readonly count: number;
  readonly keys: readonly string[];
  /** Index in `keys`. */
  readonly key: Int32Array;
  readonly start: Int32Array;
  readonly depth: Int32Array;
  /** The character that leads to the node from its parent, 0 for the root. */
  readonly edge: Uint8Array;
  /** A node's first child and a child's next sibling, in ascending order of their characters; NONE at the end. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Index of the first entry of the key that ends at the node, NONE if none does. */
  readonly firstValue: Int32Array;
  readonly entries: readonly IndexEntry[];
  /** Index of a key's first entry. */
  readonly first: ReadonlyMap<string, number>;
  /** The next entry of the same key. */
  readonly nextValue: Int32Array;
}

/**
 * Links the entries of each key in the order that depmod keeps them: ascending priority and, among equal priorities,
 * the last one added first. Duplicates are kept. kmod tools/depmod.c:index_add_value.
 */
function linkValues(entries: readonly IndexEntry[]): { first: Map<string, number>; next: Int32Array } {
  const first = new Map<string, number>();
  const next = new Int32Array(entries.length).fill(NONE);
  for (let i = 0; i < entries.length; i++) {
    const { key, priority } = entries[i]!;
    let before = NONE;
    let after = first.get(key) ?? NONE;
    while (after !== NONE && entries[after]!.priority < priority) {
      before = after;
      after = next[after]!;
    }
    next[i] = after;
    if (before === NONE) first.set(key, i);
    else next[before] = i;
  }
  return { first, next };
}

function commonLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/**
 * The trie of these entries. Its shape does not depend on their order. The root's prefix is always empty, as in kmod
 * tools/depmod.c:index_insert. Keys are latin1, so that the order of JavaScript's strings is the order of their bytes.
 */
export function buildTrie(all: Iterable<IndexEntry>): Trie {
  const entries = Array.isArray(all) ? (all as readonly IndexEntry[]) : [...all];
  const { first, next } = linkValues(entries);
  const keys = [...first.keys()].sort();
  const most = 2 * keys.length + 1;
  const make = () => new Int32Array(most).fill(NONE);
  const [key, start, depth, firstChild, nextSibling, firstValue] = [make(), make(), make(), make(), make(), make()];
  const edge = new Uint8Array(most);
  let count = 0;
  // Nodes from the root to the last key: they are numbered when complete, after all their children.
  const open = [{ key: 0, depth: 0, value: first.get('') ?? NONE, child: NONE, lastChild: NONE }];
  const number = (node: (typeof open)[number], from: number) => {
    key[count] = node.key;
    start[count] = from;
    edge[count] = from > 0 ? keys[node.key]!.charCodeAt(from - 1) : 0;
    depth[count] = node.depth;
    firstChild[count] = node.child;
    firstValue[count] = node.value;
    return count++;
  };
  const closeBelow = (limit: number) => {
    while (open.at(-1)!.depth > limit) {
      const child = open.pop()!;
      let parent = open.at(-1)!;
      if (parent.depth < limit) {
        parent = { key: child.key, depth: limit, value: NONE, child: NONE, lastChild: NONE };
        open.push(parent);
      }
      const at = number(child, parent.depth + 1);
      if (parent.lastChild === NONE) parent.child = at;
      else nextSibling[parent.lastChild] = at;
      parent.lastChild = at;
    }
  };
  let previous = '';
  for (let i = 0; i < keys.length; i++) {
    const text = keys[i]!;
    if (text === '') continue;
    closeBelow(commonLength(previous, text));
    open.push({ key: i, depth: text.length, value: first.get(text)!, child: NONE, lastChild: NONE });
    previous = text;
  }
  closeBelow(0);
  number(open[0]!, 0);
  return { count, keys, key, start, depth, edge, firstChild, nextSibling, firstValue, entries, first, nextValue: next };
}

/** The characters between the one that leads to a node and the node. */
export function prefixOf(trie: Trie, node: number): string {
  return trie.depth[node]! === 0 ? '' : trie.keys[trie.key[node]!]!.slice(trie.start[node]!, trie.depth[node]!);
}

/** The values of the key that ends at a node, in depmod's order. */
export function valuesOf(trie: Trie, node: number): IndexEntry[] {
  return linkedFrom(trie, trie.firstValue[node]!);
}

/** The values of a key, in depmod's order; none if the trie does not have it. */
export function valuesOfKey(trie: Trie, key: string): IndexEntry[] {
  return linkedFrom(trie, trie.first.get(key) ?? NONE);
}

function linkedFrom({ entries, nextValue }: Trie, first: number): IndexEntry[] {
  const values: IndexEntry[] = [];
  for (let i = first; i !== NONE; i = nextValue[i]!) values.push(entries[i]!);
  return values;
}

/** A node's children in ascending order of their characters. */
export function childrenOf(trie: Trie, node: number): number[] {
  const children: number[] = [];
  for (let child = trie.firstChild[node]!; child !== NONE; child = trie.nextSibling[child]!) children.push(child);
  return children;
}
