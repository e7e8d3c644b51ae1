import { expect, test } from 'vitest';
import { ALIAS_FORMATS, type AliasFormat, compareLines, type NamedAliases } from '../../src/alias/alias-formats.ts';

const named = (module: string, ...aliases: string[]): NamedAliases => ({
  module,
  aliases: aliases.map((alias) => ({ alias })),
});
const written = (format: AliasFormat, ...modules: NamedAliases[]) => [...ALIAS_FORMATS[format](modules)].join('');

const TWO = [named('one', 'spi:a', 'spi:b'), named('two', 'x y')];

test.each<[AliasFormat, string]>([
  ['alias', '# Aliases extracted from modules themselves.\nalias spi:a one\nalias spi:b one\nalias x y two\n'],
  ['modinfo', 'alias=spi:a\nalias=spi:b\nalias=x y\n'],
  ['c', '/* one */\nMODULE_ALIAS("spi:a");\nMODULE_ALIAS("spi:b");\n/* two */\nMODULE_ALIAS("x y");\n'],
])('ALIAS_FORMATS.%s: a line for each alias, in the order of the modules', (format, text) => {
  expect(written(format, ...TWO)).toBe(text);
});

test('ALIAS_FORMATS.c: a single module is not named, for its .mod.c is', () => {
  expect(written('c', named('one', 'spi:a'))).toBe('MODULE_ALIAS("spi:a");\n');
});

test.each([
  ['a quote and a backslash', 'a"b\\c', 'a\\"b\\\\c'],
  ['the first and the last printable character as they are', ' ~', ' ~'],
  [
    'others in octal, of three digits, so that a digit behind one is not part of it',
    '\x071\x1f\x7f\xe9',
    '\\0071\\037\\177\\351',
  ],
])('ALIAS_FORMATS.c: escapes %s', (_what, alias, inside) => {
  expect(written('c', named('m', alias))).toBe(`MODULE_ALIAS("${inside}");\n`);
});

test.each([0, 1999, 2000, 2001, 4000])('ALIAS_FORMATS.modinfo: writes each of %i aliases once, in parts', (count) => {
  const aliases = Array.from({ length: count }, (_, i) => `spi:${i}`);
  const parts = [...ALIAS_FORMATS.modinfo([named('m', ...aliases)])];
  expect(parts.join('')).toBe(aliases.map((alias) => `alias=${alias}\n`).join(''));
  expect(parts).toHaveLength(Math.ceil(count / 2000));
});

test.each<[what: string, old: string, made: string, gained: readonly string[], lost: readonly string[]]>([
  ['lines that only one has', 'alias a m\nalias b m\n', 'alias b m\nalias c m\n', ['alias c m'], ['alias a m']],
  ['in the order of the text that has them', 'd\nb\n', 'z\ny\n', ['z', 'y'], ['d', 'b']],
  ['no other order and no repeats', 'a\nb\n', 'b\na\nb\n', [], []],
  ['no comments of either kind and no empty lines', '# old\n\na\n', '/* m */\na\n\n# new\n', [], []],
  ['no other line endings', 'a\r\nb\r\n', 'a\nb', [], []],
  ['what only looks like a comment further on', 'a\n', 'a\nb # c\nb /* c\n', ['b # c', 'b /* c'], []],
])('compareLines counts %s', (_what, old, made, gained, lost) => {
  expect(compareLines(old, made)).toEqual({ gained, lost });
});
