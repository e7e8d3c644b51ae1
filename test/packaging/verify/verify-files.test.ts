import { expect, test } from 'vitest';
import type { IndexEntry } from '../../../src/index-file/index-format.ts';
import { buildTrie } from '../../../src/index-file/index-trie.ts';
import { writeTrie } from '../../../src/index-file/index-writer.ts';
import { hasEntries, isIndexOf, readDepmodOutput, readEntries } from '../../../src/packaging/verify/verify-files.ts';

const entry = (key: string, value = 'm', priority = 0): IndexEntry => ({ key, value, priority });
const index = (...entries: readonly IndexEntry[]) => Buffer.from(writeTrie(buildTrie([...entries]), 'post'));
const files = (held: Readonly<Record<string, Buffer>>) => ({ read: (path: string) => held[path] }) as never;

test('hasEntries: an index that is there, sound and not without entries', () => {
  const one = index(entry('a'));
  const held = { one, none: index(), bad: one.subarray(0, 14), empty: Buffer.alloc(0) };
  const has = (name: string) => hasEntries(files(held), name);
  expect(['one', 'none', 'bad', 'empty', 'missing'].map(has)).toEqual([true, false, false, false, false]);
});

test('readEntries: the entries, or a cause that names the file', () => {
  expect(readEntries(index(entry('a'), entry('b', 'n', 3)), 'f')).toEqual([entry('a'), entry('b', 'n', 3)]);
  expect(readEntries(Buffer.from('nonsense'), 'f')).toMatchObject({
    rule: 'unreadable-index',
    items: [{ file: 'f', message: expect.stringContaining('f: ') }],
  });
});

test('isIndexOf: the same bytes in either layout, and nothing else', () => {
  const trie = buildTrie([entry('ab'), entry('ac')]);
  const bytes = (layout: 'pre' | 'post') => Buffer.from(writeTrie(trie, layout));
  expect([isIndexOf(bytes('pre'), trie), isIndexOf(bytes('post'), trie)]).toEqual([true, true]);
  expect(isIndexOf(index(entry('ab')), trie)).toBe(false);
  expect(isIndexOf(bytes('post').subarray(0, -1), trie)).toBe(false);
  expect([isIndexOf(Buffer.alloc(0), trie), isIndexOf(bytes('pre').subarray(0, 11), trie)]).toEqual([false, false]);
});

test('readDepmodOutput: tells what is absent from what is empty', () => {
  const none = readDepmodOutput('/r', files({}));
  expect(none).toEqual({
    text: undefined,
    index: 'absent',
    modinfo: undefined,
    builtin: undefined,
    builtinIndex: 'absent',
  });
  const held = {
    '/r/modules.alias': Buffer.from('x\xe9', 'latin1'),
    '/r/modules.alias.bin': Buffer.alloc(0),
    '/r/modules.builtin.modinfo': Buffer.from('a.alias=b\0'),
    '/r/modules.builtin.alias.bin': Buffer.from('y'),
  };
  expect(readDepmodOutput('/r', files(held))).toEqual({
    text: 'x\xe9',
    index: 'empty',
    modinfo: 'a.alias=b\0',
    builtin: [{ module: 'a', alias: 'b' }],
    builtinIndex: Buffer.from('y'),
  });
});
