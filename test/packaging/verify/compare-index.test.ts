import { expect, test } from 'vitest';
import { compareIndex, type IndexKind } from '../../../src/packaging/verify/verify-indexes.ts';
import { byModule } from '../../../src/packaging/verify/by-module.ts';

const kind: IndexKind = {
  file: 'modules.alias.bin',
  missing: 'missing-in-index',
  extra: 'extra-in-index',
  source: 'the modules',
  known: () => true,
};
const names = (count: number) => Array.from({ length: count }, (_, i) => `m${i}`);
const each = (modules: readonly string[]) => byModule(modules.map((module) => ({ alias: module, module })));

test.each<[different: number, of: number, rules: readonly string[]]>([
  [2, 2, ['missing-in-index', 'missing-in-index']],
  [3, 3, ['stale-index']],
  [3, 4, ['missing-in-index', 'missing-in-index', 'missing-in-index']],
  [8, 9, Array.from({ length: 8 }, () => 'missing-in-index')],
  [9, 10, ['stale-index']],
])('compareIndex: %i of %i modules differ', (different, of, rules) => {
  const expected = each(names(of));
  const found = each(names(of).slice(different));
  expect(compareIndex(kind, expected, found).map(({ rule }) => rule)).toEqual(rules);
});
