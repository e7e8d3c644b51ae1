import { expect, test } from 'vitest';
import { buildTrie } from '../../../src/index-file/index-trie.ts';
import { NoteBook } from '../../../src/packaging/notes.ts';
import { noteKeys } from '../../../src/packaging/verify/key-notes.ts';

const trie = (...lines: readonly string[]) =>
  buildTrie(
    lines.map((line, priority) => {
      const [key, value] = line.split(' ') as [string, string];
      return { key, value, priority };
    }),
  );

test('noteKeys notes both that modules share an alias and that one of them has it twice', () => {
  const notes = new NoteBook();
  noteKeys(notes, trie('a one', 'a two', 'a one', 'b one', 'c two', 'c two'), trie('b built', 'd built'));
  expect(notes.notes().map(({ rule, examples }) => [rule, ...examples])).toEqual([
    ['shared-alias', 'a (one, two)'],
    ['repeated-alias', 'a (one)', 'c (two)'],
    ['hidden-builtin', 'b (built, hidden by one)'],
  ]);
});
