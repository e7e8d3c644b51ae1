import { expect, test } from 'vitest';
import { memoryIndex } from '../../src/index-file/index-memory.ts';
import { openIndex, readIndex } from '../../src/index-file/index-reader.ts';
import { searchExact, searchWild } from '../../src/index-file/index-search.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { normalizeAlias } from '../../src/pattern/normalize.ts';

/** An index as depmod makes it of `alias module` pairs, a module's priority being its first appearance. */
function entriesOf(pairs: readonly (readonly [alias: string, module: string])[]) {
  const modules = [...new Set(pairs.map(([, module]) => module))];
  return pairs.flatMap(([alias, value]) => {
    const key = normalizeAlias(alias);
    return key === undefined ? [] : [{ key, value, priority: modules.indexOf(value) }];
  });
}

const cases: [rule: string, pairs: [string, string][], key: string, modules: string][] = [
  [
    'a literal key matches itself only',
    [
      ['ab', 'm0'],
      ['abc', 'm1'],
    ],
    'ab',
    'm0',
  ],
  [
    'a wildcard matches any rest',
    [
      ['pci:v1*', 'm0'],
      ['pci:v2*', 'm1'],
    ],
    'pci:v1d2',
    'm0',
  ],
  [
    'lower priorities come first',
    [
      ['a*', 'm0'],
      ['ab*', 'm1'],
      ['*', 'm2'],
    ],
    'abc',
    'm0 m1 m2',
  ],
  [
    'every pattern of a module answers',
    [
      ['a*', 'm0'],
      ['ab*', 'm0'],
      ['ab*', 'm0'],
    ],
    'abc',
    'm0 m0 m0',
  ],
  ['a dash in the alias is an underscore', [['of:N*T*Cfoo,a-b', 'm0']], 'of:NxTyCfoo,a_b', 'm0'],
  [
    'a dash in brackets stays and never meets a key',
    [
      ['under[-]x', 'm0'],
      ['under[_]x', 'm1'],
    ],
    'under_x',
    'm1',
  ],
  ['a range in brackets', [['sd[a-c]', 'm0']], 'sdb', 'm0'],
  [
    'nested brackets are left out of the index',
    [
      ['nest[[a]]', 'm0'],
      ['nest*', 'm1'],
    ],
    'nest[',
    'm1',
  ],
  ['an opening bracket in brackets', [['x[[a]', 'm0']], 'x[', 'm0'],
  ['a backslash before the first wildcard is a character', [['esc\\*lit', 'm0']], 'esc\\zlit', 'm0'],
  ['and does not escape', [['esc\\*lit', 'm0']], 'esc*lit', ''],
  ['a backslash after the first wildcard escapes', [['*\\*end', 'm0']], 'x*end', 'm0'],
  [
    'a backslash at the end matches with no wildcard before it',
    [
      ['a\\', 'm0'],
      ['b*\\', 'm1'],
    ],
    'a\\',
    'm0',
  ],
  [
    'and never with one',
    [
      ['a\\', 'm0'],
      ['b*\\', 'm1'],
    ],
    'b\\',
    '',
  ],
  [
    'a star in the key meets a pattern twice where the trie parts',
    [
      ['foo*', 'm1'],
      ['foo', 'm0'],
    ],
    'foo*',
    'm1 m1',
  ],
  [
    'and once where it does not',
    [
      ['foo*', 'm1'],
      ['bar', 'm0'],
    ],
    'foo*',
    'm1',
  ],
  [
    'three times by three patterns',
    [
      ['foo*', 'm1'],
      ['*', 'm1'],
      ['foo', 'm0'],
    ],
    'foo*',
    'm1 m1 m1',
  ],
  [
    'a question mark matches one byte',
    [
      ['a?', 'm0'],
      ['a', 'm1'],
    ],
    'a\xff',
    'm0',
  ],
  [
    'the empty key',
    [
      ['*', 'm0'],
      ['a', 'm1'],
    ],
    '',
    'm0',
  ],
];

for (const layout of ['post', 'pre'] as const) {
  test.each(cases)(`searchWild, ${layout}-order file: %s`, (_rule, pairs, key, modules) => {
    const found = searchWild(openIndex(writeIndex(entriesOf(pairs), layout), 'x.bin').root(9), key);
    expect(found.map((m) => m.value).join(' ')).toBe(modules);
  });
}

test.each(cases)('searchWild, in memory: %s', (_rule, pairs, key, modules) => {
  expect(
    searchWild(memoryIndex(entriesOf(pairs)).root(), key)
      .map((m) => m.value)
      .join(' '),
  ).toBe(modules);
});

test('searchWild finds bytes above 127 in the literal part and after it', () => {
  const index = openIndex(
    writeIndex(
      entriesOf([
        ['h\xe4*', 'm0'],
        ['p*\xff', 'm1'],
      ]),
      'post',
    ),
    'x.bin',
  );
  expect(searchWild(index.root(), 'h\xe4\xf6')).toEqual([{ key: 'h\xe4*', value: 'm0', priority: 0 }]);
  expect(searchWild(index.root(), 'p\x80\xff')).toEqual([{ key: 'p*\xff', value: 'm1', priority: 1 }]);
});

test('searchWild reverses equal priorities of one key, as the mapped file gives them', () => {
  const entries = ['bi_one', 'bi2'].map((value) => ({ key: 'onlybi', value, priority: 0 }));
  const found = searchWild(openIndex(writeIndex(entries, 'post'), 'x.bin').root(), 'onlybi');
  expect(found.map((m) => m.value)).toEqual(['bi_one', 'bi2']);
});

test('searchExact takes wildcards for characters', () => {
  const { root } = memoryIndex(
    entriesOf([
      ['a*', 'm0'],
      ['ab', 'm1'],
    ]),
  );
  expect(searchExact(root(), 'ab')?.value).toBe('m1');
  expect(searchExact(root(), 'a*')?.value).toBe('m0');
  expect(searchExact(root(), 'abc')).toBeUndefined();
});

test('searchExact gives the first of several values: the lowest priority, and of equal ones the last added', () => {
  const entries = [
    ['m1', 1],
    ['m0', 0],
    ['m2', 2],
    ['last', 0],
  ] as const;
  const all = entries.map(([value, priority]) => ({ key: 'a', value, priority }));
  for (const root of [memoryIndex(all).root(), openIndex(writeIndex(all, 'pre'), 'x').root()])
    expect(searchExact(root, 'a')).toMatchObject({ value: 'last', priority: 0 });
});

test('readIndex gives back what was written, keys in order', () => {
  const entries = entriesOf([
    ['b', 'm0'],
    ['a*', 'm1'],
    ['a', 'm2'],
    ['\x7f', 'm0'],
  ]);
  const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const layout of ['post', 'pre'] as const) {
    expect(readIndex(writeIndex(entries, layout))).toEqual(sorted);
  }
});
