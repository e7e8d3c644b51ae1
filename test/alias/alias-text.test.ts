import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALIAS_HEADER, formatAliasText, parseAliasText } from '../../src/alias/alias-text.ts';

describe('parseAliasText', () => {
  test.each([
    ['alias pci:v* vfio_pci\n', [{ alias: 'pci:v*', module: 'vfio_pci' }]],
    ['alias has space x a_b\n', [{ alias: 'has space x', module: 'a_b' }]],
    ['alias  mod\n', [{ alias: '', module: 'mod' }]],
    ['alias a m', [{ alias: 'a', module: 'm' }]],
    ['alias a \n', [{ alias: 'a', module: '' }]],
    ['alias a\n b', []],
    ['# alias a m\n\nalias\nalias only\nfoo bar baz\n aliasx y\n', []],
    ['', []],
  ])('parseAliasText reads %j with the module after the last space', (text, expected) => {
    expect(parseAliasText(text)).toEqual(expected);
  });

  test('parseAliasText reads back what formatAliasText writes', () => {
    const word = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((c) => String.fromCharCode(c)) });
    const line = fc.record({
      alias: word.map((s) => s.replaceAll('\n', '')),
      module: word.map((s) => s.replace(/[\n ]/g, '')),
    });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(parseAliasText(formatAliasText(lines))).toEqual(lines);
      }),
    );
  });
});

test('formatAliasText writes the header even without aliases, 45 bytes as depmod does', () => {
  expect(formatAliasText([])).toBe(ALIAS_HEADER);
  expect(ALIAS_HEADER).toHaveLength(45);
});
