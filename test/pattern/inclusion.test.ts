import { expect, test } from 'vitest';
import { fnmatch } from '../../src/pattern/fnmatch.ts';
import { isIncluded } from '../../src/pattern/inclusion.ts';
import { tokenize } from '../../src/pattern/tokens.ts';
import { many } from '../support/many.ts';
import { Random } from '../support/random.ts';

const included: [inner: string, outer: string, yes: boolean][] = [
  ['a*', '*', true],
  ['*', 'a*', false],
  ['abc', 'a?c', true],
  ['a?c', 'abc', false],
  ['a[bc]*', 'a[a-d]*', true],
  ['a[b-e]*', 'a[a-d]*', false],
  ['a*b*c', 'a*c', true],
  ['a*c', 'a*b*c', false],
  ['x*', 'x*', true],
  ['*ab*ab', '*ab', true],
  ['a*?', 'a?*', true],
  ['[!a]', '?', true],
  ['pci:v00008086d00000953sv*sd*bc*sc*i*', 'pci:v*d*sv*sd*bc*sc*i*', true],
  ['pci:v*d*sv*sd*bc01sc08i02*', 'pci:v00008086d00000953sv*sd*bc*sc*i*', false],
];

test.each(included)('isIncluded: %s within %s is %s', (inner, outer, yes) => {
  expect(isIncluded(tokenize(inner, 'alias')!, tokenize(outer, 'alias')!)).toBe(yes);
});

test('isIncluded gives up on a question that would take too long', () => {
  const inner = tokenize(`*${'[ab]'.repeat(200)}`, 'alias')!;
  const outer = tokenize(`*a${'[ab]'.repeat(199)}`, 'alias')!;
  expect(isIncluded(inner, outer)).toBe(false);
});

/** All strings of a few letters, shortest first; `c` stands for every byte that no pattern names. */
const strings = [''];
for (let i = 0; strings.length < 30_000; i++) for (const c of 'abc') strings.push(strings[i]! + c);

function randomPattern(random: Random): string {
  const parts = ['a', 'b', '*', '*', '?', '[ab]', '[!a]'];
  return `*${Array.from({ length: random.below(4) }, () => random.pick(parts)).join('')}`.slice(random.below(2));
}

test('isIncluded says what all short strings say, on random patterns', () => {
  const random = new Random(1);
  const rounds = many(50);
  let yes = 0;
  for (let round = 0; round < rounds; round++) {
    const inner = randomPattern(random);
    const outer = randomPattern(random);
    const want = strings.every((text) => !fnmatch(inner, text) || fnmatch(outer, text));
    if (want) yes++;
    expect(isIncluded(tokenize(inner, 'config')!, tokenize(outer, 'config')!), `${inner} within ${outer}`).toBe(want);
  }
  expect(yes).toBeGreaterThan(rounds / 10);
});

test('tokenize compares literally before the first wildcard and escapes after it', () => {
  expect(tokenize('a\\b', 'alias')).toHaveLength(3);
  expect(tokenize('a\\b', 'config')).toHaveLength(2);
  expect(tokenize('*\\b', 'alias')).toHaveLength(2);
  expect(tokenize('*\\', 'alias')).toBeUndefined();
});

test('isIncluded says no where a comparison takes too long, of one string or of all', () => {
  const is = (inner: string, outer: string) => isIncluded(tokenize(inner, 'config')!, tokenize(outer, 'config')!);
  expect(is('a'.repeat(2000), `*${'a'.repeat(999)}b*`)).toBe(false);
  expect(is(`${'a'.repeat(50)}[ab]`.repeat(40), `*${'a'.repeat(100)}*`)).toBe(false);
});
