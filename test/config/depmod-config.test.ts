import { describe, expect, test } from 'vitest';
import { parseDepmodConfig } from '../../src/config/depmod-config.ts';

const parse = (...texts: string[]) =>
  parseDepmodConfig(
    texts.map((text, i) => ({ path: `${i}.conf`, text })),
    '6.1.0-56-amd64',
  );

describe('parseDepmodConfig', () => {
  test('parseDepmodConfig searches updates where nothing says search', () => {
    expect(parse('').config).toEqual({ searches: ['updates'], overrides: [], externals: [], excludes: new Set() });
    expect(parse('search\n').config.searches).toEqual(['updates']);
  });

  test('parseDepmodConfig puts each search word before those already read, so that the first word ends last', () => {
    expect(parse('search a b\nsearch c\n', 'search d').config.searches).toEqual(['d', 'c', 'b', 'a']);
  });

  test('parseDepmodConfig keeps overrides and externals whose expression is found in the release', () => {
    const { config } = parse(
      'override foo * extra\noverride bar 6\\.1 x/y\noverride no ^5 z\nexternal * /x\nexternal amd64$ /y\nexternal arm /n\n',
    );
    expect(config.overrides).toEqual(['x/y/bar', 'extra/foo']);
    expect(config.externals).toEqual(['/y', '/x']);
  });

  test('parseDepmodConfig collects excluded names', () => {
    expect(parse('exclude a b\n', 'exclude c').config.excludes).toEqual(new Set(['a', 'b', 'c']));
  });

  test('parseDepmodConfig says which lines have no effect', () => {
    const { diagnostics } = parse(
      'include x\nmake_map_files no\n# fine\nsearsh a\noverride foo *\noverride foo *x y\n',
    );
    expect(diagnostics.map((d) => [d.code, d.file, d.line])).toEqual([
      ['bad-config-line', '0.conf', 4],
      ['bad-config-line', '0.conf', 5],
      ['bad-regex', '0.conf', 6],
    ]);
  });
});
