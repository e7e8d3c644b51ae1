import { expect, test } from 'vitest';
import { byModule, keysByModule, normalised } from '../../../src/packaging/verify/by-module.ts';

const lists = (modules: ReturnType<typeof normalised>) => [...modules].map(([name, counts]) => [name, ...counts]);

test('byModule counts how often each module has each alias', () => {
  const lines = ['a one', 'b one', 'a two', 'a one'].map((line) => line.split(' '));
  expect(lists(byModule(lines.map(([alias, module]) => ({ alias: alias!, module: module! }))))).toEqual([
    ['one', ['a', 2], ['b', 1]],
    ['two', ['a', 1]],
  ]);
});

test('keysByModule has the modules of an index as keys, whatever their priority', () => {
  const entries = [
    { key: 'a', value: 'one', priority: 7 },
    { key: 'a', value: 'one', priority: 0 },
  ];
  expect(lists(keysByModule(entries))).toEqual([['one', ['a', 2]]]);
});

test('normalised adds up the aliases that have one key, and leaves out what has none', () => {
  const modules = new Map([
    ['one', new Map(Object.entries({ 'a-b': 2, a_b: 3, 'x[': 1 }))],
    ['two', new Map([['y]', 1]])],
  ]);
  expect(lists(normalised(modules))).toEqual([['one', ['a_b', 5]]]);
});
