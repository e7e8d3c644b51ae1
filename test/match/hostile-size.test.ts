import { expect, test } from 'vitest';
import type { Match } from '../../src/match/match.ts';
import { narrowestFirst } from '../../src/match/narrowest-first.ts';

const match = (module: string, pattern: string): Match => ({ module, pattern, source: 'alias', priority: 0 });

test.each([
  ['stars', (i: number) => `${'*a'.repeat(1000 + i)}*`],
  ['question marks', (i: number) => `*${'?'.repeat(1000 + i)}*`],
  ['brackets', (i: number) => `*${'[ab]'.repeat(500 + i)}a*`],
])('narrowestFirst ends soon on hundreds of long patterns of %s', (_what, pattern) => {
  const matches = Array.from({ length: 300 }, (_, i) => match(`m${i}`, pattern(i)));
  expect(new Set(narrowestFirst(matches)).size).toBe(300);
});

test('narrowestFirst ends soon on a hundred thousand patterns, and loses none', () => {
  const matches = Array.from({ length: 100_000 }, (_, i) => match('m', `*${i.toString(36)}x*`));
  expect(new Set(narrowestFirst(matches)).size).toBe(100_000);
});

test('narrowestFirst spends 20 million steps on reading patterns, where a bracket takes a thousand for each character', () => {
  const [wide, narrow] = [match('wide', '[p]*'), match('narrow', `[p]${'x'.repeat(19_993)}`)];
  expect(narrowestFirst([wide, narrow])).toEqual([narrow, wide]);
  expect(narrowestFirst([match('other', 'q'), wide, narrow])).toEqual([match('other', 'q'), wide, narrow]);
});
