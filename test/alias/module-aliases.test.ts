import { expect, test } from 'vitest';
import { aliasesOfModule, moduleAliases } from '../../src/alias/module-aliases.ts';
import { parseRelease } from '../../src/release.ts';
import { parseTables } from '../../src/tables/read-tables.ts';

/** A module object of an id table, with all that it leaves out. */
const module = (json: object) => parseTables(JSON.stringify({ module: 'm', ...json })).modules[0]!;
const spi = (...names: string[]) => ({ bus: 'spi', name: 'ids', rows: names.map((name) => ({ name })) });

test('moduleAliases: those of the tables come first, with their table and row, then those of the module', () => {
  const { aliases, diagnostics } = moduleAliases(module({ aliases: ['z', 'a'], tables: [spi('x'), spi('y', 'w')] }));
  expect(aliases).toEqual([
    { alias: 'spi:x', table: 0, row: 0 },
    { alias: 'spi:y', table: 1, row: 0 },
    { alias: 'spi:w', table: 1, row: 1 },
    { alias: 'z' },
    { alias: 'a' },
  ]);
  expect(diagnostics).toEqual([]);
});

test.each<[what: string, listed: readonly string[], rows: readonly string[], further: readonly string[]]>([
  ['an alias that a table makes is the same one', ['spi:a', 'b'], ['a'], ['b']],
  [
    'one that stands there more often than a table makes it is one more',
    ['spi:a', 'spi:a', 'spi:a'],
    ['a', 'a'],
    ['spi:a'],
  ],
  ['one that stands there less often is no less', ['spi:a'], ['a', 'a'], []],
  ['without tables each counts, repeats too', ['b', 'b'], [], ['b', 'b']],
])('moduleAliases: %s', (_what, listed, rows, further) => {
  // 6.12 keeps repeats.
  const { aliases } = moduleAliases(module({ kernel: '6.12', aliases: listed, tables: [spi(...rows)] }));
  expect(aliases.map(({ alias }) => alias)).toEqual([...rows.map((name) => `spi:${name}`), ...further]);
});

test('moduleAliases: diagnostics name the module and the table, and point into the module object', () => {
  const tables = [spi('x'), { bus: 'mcb', name: 'late', rows: [{ device: 1 }] }, spi('ok', 'a\tb'.repeat(3), 'c\rd')];
  const { diagnostics } = moduleAliases(module({ kernel: '6.1', tables }));
  expect(diagnostics).toMatchObject([
    { code: 'bus-too-new', module: 'm', table: 'late', pointer: '/tables/1' },
    { code: 'alias-line-break', module: 'm', table: 'ids', row: 2, pointer: '/tables/2/rows/2' },
  ]);
});

test('moduleAliases: uses the release and the override prefixes of the module', () => {
  const json = {
    kernel: '6.12',
    overridePrefixes: { 2: 'stub' },
    tables: [{ bus: 'pci', rows: [{ override_only: 2 }] }],
  };
  expect(moduleAliases(module(json)).aliases).toMatchObject([{ alias: 'stub_pci:v*d*sv*sd*bc*sc*i*' }]);
});

test.each([
  ['', "the alias '' is empty, expected one word: its line of modules.alias is not an alias line to modprobe"],
  [
    '\t',
    "the alias '\t' contains a blank, expected one word: its line of modules.alias is not an alias line to modprobe",
  ],
  [
    'a b',
    "the alias 'a b' contains a blank, expected one word: modprobe reads its line of modules.alias as alias 'a' of module 'b'",
  ],
  [
    '\t a\tb c',
    "the alias '\t a\tb c' contains a blank, expected one word: modprobe reads its line of modules.alias as alias 'a' of module 'b'",
  ],
  ['a ', "the alias 'a ' contains a blank, expected one word: modprobe reads its line of modules.alias as one of 'a'"],
])('moduleAliases: an alias of the module that is not one word is a warning and stays: %j', (alias, message) => {
  expect(moduleAliases(module({ aliases: ['x', alias] }))).toEqual({
    aliases: [{ alias: 'x' }, { alias }],
    diagnostics: [{ code: 'alias-blank', severity: 'warning', message, module: 'm', pointer: '/aliases/1' }],
  });
});

test('moduleAliases: an alias that a table makes is not reported', () => {
  const { diagnostics } = moduleAliases(module({ aliases: ['spi:a b'], tables: [spi('a b')] }));
  expect(diagnostics).toEqual([]);
});

test('moduleAliases: a release newer than any known is a warning about the module', () => {
  const tables = { ...module({ tables: [spi('x')] }), release: parseRelease('99.1') };
  expect(moduleAliases(tables).diagnostics).toMatchObject([{ code: 'newer-release', module: 'm', pointer: '' }]);
});

test('aliasesOfModule: a module without tables has its own aliases and no diagnostics', () => {
  expect(aliasesOfModule(module({ aliases: ['a'] }))).toEqual({ aliases: [{ alias: 'a' }], diagnostics: [] });
});
