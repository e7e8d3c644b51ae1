import { describe, expect, test } from 'vitest';
import { ereMatches } from '../../src/config/posix-ere.ts';

describe('ereMatches', () => {
  test.each([
    ['6.1', '6.1.0-56-amd64', true],
    ['6.1', '5.6-1', true],
    ['6\\.1', '5.6-1', false],
    ['^5', '6.5.0', false],
    ['amd64$', '6.1.0-56-amd64', true],
    ['a^b', 'a^b', false],
    ['-(rt|cloud)-', '6.1.0-rt-amd64', true],
    ['[[:digit:]]{2,}-', '6.1.0-56-amd64', true],
    ['[^[:alpha:]]$', 'amd', false],
    ['[]-]', 'a-b', true],
    ['[a-]x', '-x', true],
    ['[[.-.]]', 'a-b', true],
    ['[[=a=]]', 'a', true],
    ['a{2}', 'aba', false],
    ['x{,2}y', 'xxxy', true],
    ['a||b', '', true],
    ['()', 'anything', true],
    ['a)', 'a)', true],
    ['\\w+\\W\\<amd', '56-amd64', true],
    ['d\\B', 'd', false],
    ['\\.', 'a', false],
    ['.', '', false],
  ])('ereMatches searches for %j in %j', (pattern, subject, expected) => {
    expect(ereMatches(pattern, subject)).toBe(expected);
  });

  test.each([
    '*',
    '+x',
    'a|*b',
    '^*',
    '(*)',
    '(',
    '[',
    '[a',
    '[b-a]',
    '[a-b-c]',
    '[[:no:]]',
    '[[.ab.]]',
    'a{',
    'a{}',
    'a{2,1}',
    'a{1x}',
    'a{40000}',
    '\\',
    '\\1',
    '{1}',
  ])('ereMatches gives no answer for %j, which regcomp refuses', (pattern) => {
    expect(ereMatches(pattern, 'a')).toBeUndefined();
  });

  test.each(['(a*)*b', '(a|aa)+b', '(a+a+)+b', '((a?){20}){20}b', `${'a?'.repeat(100)}${'a'.repeat(100)}b`])(
    'ereMatches answers for %j without backtracking',
    (pattern) => {
      expect(ereMatches(pattern, 'a'.repeat(255))).toBe(false);
    },
  );

  test.each(['(a)\\1', '((){30000}){30000}', '(a{1000}){1000}', 'a'.repeat(1001)])(
    'ereMatches refuses to answer for %j rather than to be slow or wrong',
    (pattern) => {
      expect(() => ereMatches(pattern, 'a'.repeat(255))).toThrow(/not supported|too long/);
    },
  );

  test('ereMatches takes 200 groups in one another, and repeats up to the 32,767 of regcomp', () => {
    const nested = (count: number) => `${'('.repeat(count)}a${')'.repeat(count)}`;
    expect(ereMatches(nested(200), 'a')).toBe(true);
    expect(ereMatches(nested(201), 'a')).toBeUndefined();
    expect(() => ereMatches('a{32767}', 'a')).toThrow(/too long/);
    expect(ereMatches('a{32768}', 'a')).toBeUndefined();
  });

  test.each([
    ['[a-a]', 'a', true],
    ['^[[:xdigit:]]+$', '09afAF', true],
    ['[[:xdigit:]]', 'gG', false],
    ['a\\>', 'a-', true],
    ['a\\>b', 'ab', false],
    ['a\\<b', 'ab', false],
  ])('ereMatches of %s in %j is %s', (pattern, subject, yes) => {
    expect(ereMatches(pattern, subject)).toBe(yes);
  });

  test('ereMatches takes 1,000 characters, and 20,000 steps of expanded repeats', () => {
    expect(ereMatches('a'.repeat(1000), 'a'.repeat(1000))).toBe(true);
    // One step for the whole, one for the repeat and one for each time.
    expect(ereMatches('a{19998}', 'a')).toBe(false);
    expect(() => ereMatches('a{19999}', 'a')).toThrow(/too long an expression/);
  });
});

test('ereMatches: anchors hold at the very start and the very end', () => {
  const all = (...pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([source, text]) => ereMatches(source, text));
  expect(all(['a$', 'a'], ['a$', 'ba'], ['$', ''])).toEqual([true, true, true]);
  expect(all(['a$', 'ab'], ['^b', 'ab'], ['^$', 'a'], ["a\\'", 'ab'], ['\\`b', 'ab'])).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
