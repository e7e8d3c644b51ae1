import { AssertionError } from 'node:assert';
import { expect, test } from 'vitest';
import * as asserts from '../../src/matchers/assert.ts';

const LINE = 'alias spi:one acme';

test('assertResolves and its fellows hold where the matchers pass', () => {
  asserts.assertResolves(LINE, 'spi:one');
  asserts.assertResolves(LINE, 'spi:one', 'acme');
  asserts.assertNotResolves(LINE, 'spi:two');
  asserts.assertMatchesModalias(['spi:one'], 'spi:one');
  asserts.assertCovers(LINE, ['spi:one']);
  asserts.assertSameAliases(LINE, LINE);
});

test.each<[string, () => void, RegExp]>([
  ['assertResolves', () => asserts.assertResolves(LINE, 'spi:one', 'other'), /resolve to other, found acme\n/],
  ['assertNotResolves', () => asserts.assertNotResolves(LINE, 'spi:one'), /not to resolve to a module, found acme\n/],
  ['assertMatchesModalias', () => asserts.assertMatchesModalias('spi:one', 'spi:two'), /a pattern to match spi:two\n/],
  ['assertCovers', () => asserts.assertCovers(LINE, 'spi:two'), /found 1 not covered:\n {2}spi:two\n/],
  ['assertSameAliases', () => asserts.assertSameAliases(LINE, 'spi:two'), /1 missing \(-\) and 1 more \(\+\)/],
])('assertResolves and its fellows: %s fails with an AssertionError that says why', (operator, run, message) => {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AssertionError);
  expect(thrown).toMatchObject({ operator, message: expect.stringMatching(message) });
});
