import { expect, test } from 'vitest';
import type { LintAlias, LintModule } from '../../../src/packaging/lint/lint-module.ts';
import { repeatedAlias } from '../../../src/packaging/lint/rules/repeated-alias.ts';

const ofRow = (alias: string, row: number): LintAlias => ({ alias, table: 'ids', row });
const byHand = (alias: string): LintAlias => ({ alias, table: null, row: null });
const found = (...aliases: readonly LintAlias[]) => {
  const texts = aliases.map(({ alias }) => alias);
  const module = { module: 'acme', file: 'acme.ko', texts, aliases, diagnostics: [] } satisfies LintModule;
  return [...repeatedAlias.module!(module)].map(({ alias }) => `${alias!.alias} ${alias!.row ?? 'by hand'}`);
};

test('repeatedAlias finds rows and hand-written aliases that repeat their like', () => {
  expect(found(ofRow('a-b', 0), ofRow('a_b', 1), ofRow('c', 2))).toEqual(['a_b 1']);
  expect(found(byHand('a'), byHand('a'))).toEqual(['a by hand']);
});

test('repeatedAlias leaves a hand-written alias that repeats a row to redundant-alias', () => {
  expect(found(ofRow('a', 0), byHand('a'))).toEqual([]);
});
