import { expect, test } from 'vitest';
import type { LintModule } from '../../../src/packaging/lint/lint-module.ts';
import { itemOf, itemsIn, moduleRules } from '../../../src/packaging/lint/module-rules.ts';
import { LINT_RULE_NAMES, LINT_RULES, type LintRuleName } from '../../../src/packaging/lint/rules.ts';

const bare: LintModule = { module: 'm', file: 'f', texts: [], aliases: [], tables: [], drivers: [], diagnostics: [] };
const alias = (text: string, members: object = {}) => ({ alias: text, table: null, row: null, ...members });
const found = (rule: LintRuleName, module: Partial<LintModule>) =>
  itemsIn({ ...bare, ...module }, moduleRules([rule]), () => true).flatMap(([name, items]) =>
    items.map(({ module: named, file, alias: text, line, table, row }) => [name, named, file, text, line, table, row]),
  );

test('moduleRules: has the rules that look at one module, in the order that they are named in', () => {
  const across = LINT_RULE_NAMES.filter((name) => LINT_RULES[name].across);
  const names = moduleRules(LINT_RULE_NAMES.toReversed()).map(({ name }) => name);
  expect(names).toEqual(LINT_RULE_NAMES.filter((name) => !across.includes(name)).toReversed());
  expect(moduleRules(across)).toEqual([]);
});

test('itemsIn: a rule about code looks at a module that has nothing but the check of its .xz file', () => {
  expect(found('xz-check', { xzCheck: 'crc64' })).toEqual([['xz-check', 'm', 'f', null, null, null, null]]);
  expect(found('xz-check', { xzCheck: 'crc32' })).toEqual([]);
});

test('itemsIn: a rule about rows looks at what modpost says of a module whose tables cannot be read', () => {
  const diagnostic = { code: 'class-mask', severity: 'warning', message: 'said', table: 'ids', row: 3 } as const;
  expect(found('class-mask', { diagnostics: [diagnostic] })).toEqual([['class-mask', 'm', 'f', null, null, 'ids', 3]]);
  expect(found('class-mask', { diagnostics: [{ ...diagnostic, code: 'text-without-end' }] })).toEqual([]);
});

test('itemsIn: an alias names its table and row, and its line, or that of its JSON pointer', () => {
  const texts = ['platform:a', 'platform:b[-]', 'platform:c[-]'];
  const lines = (pointers: ReadonlySet<string>) => new Map([...pointers].map((pointer, i) => [pointer, 7 + i]));
  const rows = texts.map((text, row) => alias(text, { table: 'ids', row, pointer: `/tables/0/rows/${row}` }));
  expect(found('dash-in-bracket', { texts, aliases: rows, lines })).toEqual([
    ['dash-in-bracket', 'm', 'f', texts[1], 7, 'ids', 1],
    ['dash-in-bracket', 'm', 'f', texts[2], 8, 'ids', 2],
  ]);
  const numbered = texts.map((text, i) => alias(text, { line: 20 + i }));
  expect(found('dash-in-bracket', { texts, aliases: numbered }).map((item) => item[4])).toEqual([21, 22]);
});

test('itemsIn: passes by rules whose text no alias has', () => {
  const texts = ['platform:b[-]'];
  const module = { ...bare, texts, aliases: texts.map((text) => alias(text)) };
  expect(itemsIn(module, moduleRules(['dash-in-bracket']), () => false)).toEqual([]);
});

test('itemOf: what a rule says of place counts before that of the alias, and what is unknown is null', () => {
  const own = { module: 'o', file: 'g', line: 1, table: 't', row: 0, message: 'x' };
  expect(itemOf({ ...own, alias: alias('a', { table: 'ids', row: 5, line: 9 }) })).toEqual({ ...own, alias: 'a' });
  expect(itemOf({ message: 'x' })).toEqual({
    ...{ module: null, file: null, alias: null, table: null, row: null, line: null, message: 'x' },
  });
});
