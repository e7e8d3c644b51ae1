import { expect, test } from 'vitest';
import { fnmatch } from '../../src/pattern/fnmatch.ts';
import { isIncluded } from '../../src/pattern/inclusion.ts';
import { beginAlike, intersects } from '../../src/pattern/intersection.ts';
import { tokenize } from '../../src/pattern/tokens.ts';
import { findWitness } from '../../src/pattern/witness.ts';
import { Random } from '../support/random.ts';

const LETTERS = 'abc';
const alphabet = new Uint8Array(256);
for (const letter of LETTERS) alphabet[letter.charCodeAt(0)] = 1;

/** Every string of at most six letters: more than the patterns below tell apart. */
const strings = [''];
for (let i = 0; strings[i]!.length < 6; i++) for (const letter of LETTERS) strings.push(strings[i]! + letter);

const PARTS = ['a', 'b', 'c', 'a', 'b', '*', '*', '?', '[ab]', '[!a]', '[b-z]', '\\a'];
const patternFrom = (random: Random) => Array.from({ length: random.below(5) }, () => random.pick(PARTS)).join('');
const tokens = (pattern: string) => tokenize(pattern, 'config')!;
const matched = (pattern: string) => strings.filter((text) => fnmatch(pattern, text));

test('intersects: is true exactly where brute force finds a string that both match', () => {
  const random = new Random(11);
  for (let i = 0; i < 400; i++) {
    const [a, b] = [patternFrom(random), patternFrom(random)];
    const both = matched(a).some((text) => fnmatch(b, text));
    expect([a, b, intersects(tokens(a), tokens(b), alphabet)]).toEqual([a, b, both]);
  }
});

test('findWitness: finds a shortest string in all of some patterns and none of others exactly where brute force does', () => {
  const random = new Random(12);
  let found = 0;
  for (let i = 0; i < 600; i++) {
    const within = Array.from({ length: 1 + random.below(2) }, () => patternFrom(random));
    const without = Array.from({ length: random.below(4) }, () => patternFrom(random));
    const is = (text: string) => within.every((p) => fnmatch(p, text)) && !without.some((p) => fnmatch(p, text));
    const shortest = strings.find(is);
    const witness = findWitness({ within: within.map(tokens), without: without.map(tokens), alphabet });
    if (witness === null) expect([within, without, shortest]).toEqual([within, without, undefined]);
    else {
      found++;
      expect([within, without, is(witness!), witness!.length]).toEqual([within, without, true, shortest!.length]);
    }
  }
  expect(found).toBeGreaterThan(120);
});

test('findWitness: tells whether a union includes a pattern, which no single member does', () => {
  const ask = (without: string[]) =>
    findWitness({ within: [tokens('v[abc]*')], without: without.map(tokens), alphabet: alphabet.map(() => 1) });
  expect(ask(['va*', 'v[b-c]*'])).toBe(null);
  expect(ask(['va*', 'vb*'])).toBe('vc');
  expect(isIncluded(tokens('v[abc]*'), tokens('va*'))).toBe(false);
});

test('intersects: a byte of both patterns counts only where the alphabet has it', () => {
  const patterns = ['x', '[xy]', '[xz]', 'x*', '[xy]*'];
  const has = Uint8Array.from(alphabet);
  has['x'.charCodeAt(0)] = 1;
  for (const a of patterns)
    for (const b of patterns)
      expect([a, b, ...[alphabet, has].map((bytes) => intersects(tokens(a), tokens(b), bytes))]).toEqual([
        a,
        b,
        false,
        true,
      ]);
});

test('tokenize: leaves a bracket whose end depends on the byte alone', () => {
  // After `q` glibc reads the class, and misses the end; after all others the range from `!` to `[`.
  const pattern = '[q!-[:a:]';
  expect([fnmatch(pattern, 'q'), fnmatch(pattern, '0'), fnmatch(pattern, pattern)]).toEqual([false, true, false]);
  expect(tokenize(pattern, 'config')).toBeUndefined();
});

test('findWitness: keeps to the bytes of its alphabet', () => {
  expect(findWitness({ within: [tokens('[x-z]')], without: [], alphabet })).toBe(null);
  expect(intersects(tokens('[x-z]'), tokens('?'), alphabet)).toBe(false);
});

test('findWitness: leaves a question open after so many steps', () => {
  const within = [tokens('*a????????????'), tokens('*b???????????????')];
  expect(findWitness({ within, without: [tokens('*c??????????*')], alphabet }, 1000)).toBe(undefined);
});

test('findWitness prefers digits, then upper-case letters that are digits, then small letters', () => {
  const any = new Uint8Array(256).fill(1);
  const found = (pattern: string) => findWitness({ within: [tokens(pattern)], without: [], alphabet: any });
  expect(['[a-f0-9A-F]', '[a-fA-F]', '[a-zG-Z]', '[:-Z]'].map(found)).toEqual(['0', 'A', 'a', 'A']);
});

test('findWitness counts a step for each byte tried and for each pattern', () => {
  // Two letters are walked in three points; of the first two, each of two kinds of byte is tried.
  const question = { within: [tokens('aa')], without: [], alphabet };
  expect([findWitness(question, 8), findWitness(question, 7)]).toEqual(['aa', undefined]);
});

test('beginAlike: patterns agree up to the first wildcard of either', () => {
  const pairs = [
    ['pci:v*', 'pci:v1', true],
    ['pci:v1', 'pci:v?', true],
    ['pci:[v]', 'pci:x', true],
    ['pci:v', 'pci:v1', true],
    ['pci:v1', 'pci:v2', false],
    ['pci:v1*', 'pci:w*', false],
  ] as const;
  for (const [a, b, alike] of pairs) expect([a, b, beginAlike(a, b)]).toEqual([a, b, alike]);
});
