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
