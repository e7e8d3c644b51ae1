import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { fnmatch } from '../../src/pattern/fnmatch.ts';
import { compileC } from '../support/compile-c.ts';
import { many } from '../support/many.ts';
import { randomFrom } from '../support/random.ts';

const cases: [pattern: string, matches: string[], others: string[]][] = [
  ['a*c', ['ac', 'a/c', 'a.b.c', 'abcc'], ['', 'a', 'acb']],
  ['*', ['', '.x', '/'], []],
  ['*?', ['x', '.x'], ['']],
  ['?', ['x', '\xff', '/'], ['', 'xy']],
  ['[!a]', ['b', '\x80'], ['a', '']],
  ['[^a]', ['b', '^'], ['a']],
  ['[]', ['[]'], [']', '[', '']],
  ['[]a]', [']', 'a'], ['[', '[]a]']],
  ['[!]*', ['[!]q', '[!]'], ['q', '!']],
  ['[z-a]', [], ['z', 'a', 'm', '-']],
  ['[a-]', ['a', '-'], ['b', ']']],
  ['[-a]', ['a', '-'], ['b']],
  ['[a-c-e]', ['a', 'b', 'c', '-', 'e'], ['d']],
  ['[a\\-c]', ['a', '-', 'c'], ['b', '\\']],
  ['[[a]', ['[', 'a'], [']']],
  ['[[:digit:]]', ['0', '9'], ['a', ':', '\xb2']],
  ['[[:digit:]', [], ['[[:digit:]', '0', ':', 'd']],
  ['[[:upper:]x-z]', ['A', 'x', 'y'], ['a', ':']],
  ['[[:z:]]', ['[]', ':]', 'z]'], ['z', 'z:]', ']']],
  ['[[:nosuch:]a]', [], ['a', 'n']],
  ['[[=a=]b]', ['a', 'b'], ['=']],
  ['[[.-.]a]', ['-', 'a'], ['.']],
  ['[[.a.]-]', ['-'], ['a']],
  ['[*?]', ['*', '?'], ['x']],
  ['[a-', [], ['[a-', 'a', '-']],
  ['[\x80-\xff]', ['\x80', '\xff'], ['\x7f']],
  ['x\\', [], ['x', 'x\\']],
  ['\\*', ['*'], ['x', '\\*']],
  ['*\\*end', ['x*end'], ['xend']],
  ['', [''], ['x']],
];

test.each(cases)('fnmatch answers as glibc does: %j', (pattern, matches, others) => {
  expect([...matches, ...others].filter((text) => fnmatch(pattern, text))).toEqual(matches);
});

test('fnmatch does not slow down on many stars', () => {
  expect(fnmatch('*a'.repeat(1000), 'a'.repeat(2000))).toBe(true);
  expect(fnmatch(`${'*a'.repeat(1000)}b`, 'a'.repeat(4000))).toBe(false);
});

const parts = [
  'a',
  'b',
  'c',
  '-',
  ']',
  '[',
  '[',
  '*',
  '?',
  '\\',
  '!',
  '^',
  '[a',
  '[!',
  '[^',
  ':',
  '.',
  '=',
  '[:',
  '[=',
  '[.',
];
const longParts = [
  ':]',
  '=]',
  '.]',
  '[:alpha:]',
  '[:digit:]',
  '[[:upper:]',
  '[=a=]',
  '[.a.]',
  '[.-.]',
  'a-c',
  '[a-c]',
  'z',
  '1',
];
const highParts = ['\x80', '\xff', '[\x80-\xff]', '\xe4', '/', '.', 'A'];
const pieces = [...parts, ...longParts, ...highParts];
const letters = [...'abc-][!^:.=\\zA1*?/', '\x80', '\xff', '\xe4'];

/**
 * A pattern out of the pieces that brackets are made of, and a text that is either of its own or made from the pattern.
 */
function randomPair({ below, pick }: ReturnType<typeof randomFrom>): [string, string] {
  const draw = (from: readonly string[], most: number) => {
    let text = '';
    for (let n = below(most); n > 0; n--) text += pick(from);
    return text;
  };
  const pattern = draw(pieces, 8);
  if (below(2)) return [pattern, draw(letters, 6)];
  const text = pattern.replace(/\[[^\]]*\]|\?|\*/g, (m) =>
    m === '*' ? draw(letters, 3) : below(3) ? pick(letters) : m,
  );
  return [pattern, text];
}

const PAIRS = many(250_000);

const program = compileC('fnmatch-lines.c');

test.skipIf(!program)(
  'fnmatch takes names of classes of 2,047 letters, one less behind a match, as the C library',
  () => {
    const pairs = [2046, 2047, 2048].flatMap((length) => [
      [`[[:${'b'.repeat(length)}A]`, 'b'],
      [`[c[:${'b'.repeat(length)}A]`, 'c'],
      [`[c[:${'b'.repeat(length)}:]]`, 'c'],
    ]);
    const answers = execFileSync(program!, { input: pairs.flat().join('\n').concat('\n'), encoding: 'latin1' });
    expect(answers).toBe('111100000');
    expect(pairs.map(([pattern, text]) => Number(fnmatch(pattern!, text!))).join('')).toBe(answers);
  },
);

test.skipIf(!program)(`fnmatch agrees with the C library on ${PAIRS} random pairs`, () => {
  const random = randomFrom(Date.now());
  const wrong: string[] = [];
  let matches = 0;
  for (let round = 0; round < PAIRS; round += 50_000) {
    const pairs = Array.from({ length: 50_000 }, () => randomPair(random));
    const input = Buffer.from(pairs.map(([pattern, text]) => `${pattern}\n${text}\n`).join(''), 'latin1');
    const answers = execFileSync(program!, { input, encoding: 'latin1' });
    expect(answers.length).toBe(pairs.length);
    pairs.forEach(([pattern, text], i) => {
      if (answers[i] === '1') matches++;
      if (fnmatch(pattern, text) !== (answers[i] === '1')) wrong.push(JSON.stringify([pattern, text]));
    });
  }
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(matches).toBeGreaterThan(PAIRS / 10);
});
