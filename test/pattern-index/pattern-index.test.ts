import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { fnmatch } from '../../src/pattern/fnmatch.ts';
import { Random } from '../support/random.ts';

const textOf = (patterns: readonly string[]) => patterns.map((pattern, i) => `alias ${pattern} m${i}\n`).join('');

test('PatternIndex finds a whole key once, also beside patterns shorter by 32 bytes', () => {
  const whole = `abc${'d'.repeat(30)}`;
  const index = parseAliases(textOf([whole, 'a', 'ab', '', '*x*']));
  expect(index.lookup(whole).map((match) => match.module)).toEqual(['m0']);
  expect(index.lookup('a').map((match) => match.module)).toEqual(['m1']);
});

test('PatternIndex finds a pattern of a crowd once, however often its word stands in the key', () => {
  const crowd = Array.from({ length: 40 }, (_, i) => `bus:*c${10 + i}i*`);
  const index = parseAliases(textOf(crowd));
  expect(index.lookup('bus:c12ic12ic13ic12i').map((match) => match.pattern)).toEqual(['bus:*c12i*', 'bus:*c13i*']);
});

test("PatternIndex finds a pattern by its word's second place where the rest of the text stands only there", () => {
  const crowd = Array.from({ length: 40 }, (_, i) => `bus:*c${10 + i}ic02s*`);
  const index = parseAliases(textOf(crowd));
  expect(index.lookup('bus:c12ic03sxc12ic02sy').map((match) => match.pattern)).toEqual(['bus:*c12ic02s*']);
});

test('PatternIndex finds what fnmatch finds, one pattern after another, in tables where many share a start', () => {
  const random = new Random(20260);
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const field = () => pick(['c01', 'c02', 'i1', 'sc0A', 'v*', '*', '?', '[0-9]', 'C7', ':', '']);
  const start = () => pick(['bus:', 'bus:v1', 'of:N', 'a', '', 'pci:v00008086d0001sv']);
  const part = (of: () => string) => Array.from({ length: 1 + random.below(6) }, of).join('');
  const wrong: string[] = [];
  let hits = 0;
  for (let round = 0; round < 20; round++) {
    const patterns = [...new Set(Array.from({ length: 150 }, () => start() + part(field)))];
    const index = parseAliases(textOf(patterns));
    for (let k = 0; k < 150; k++) {
      const key = pick(patterns).replace(/\[0-9\]|[?*]/g, () => pick(['1', 'c01', '', 'x2', 'i1']));
      const want = patterns.filter((pattern) => fnmatch(pattern, key)).sort();
      const have = index.lookup(key).map((match) => match.pattern);
      hits += want.length;
      if (have.sort().join(' ') !== want.join(' ')) wrong.push(`${key}: ${have} instead of ${want}`);
    }
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(hits).toBeGreaterThan(5000);
});
