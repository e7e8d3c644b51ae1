import { expect, test } from 'vitest';
import { answerWords } from '../../../src/report/coverage/coverage-json.ts';

test('answerWords names five modules that an answer depends on, or four and how many others there are', () => {
  const of = (count: number) => {
    const depends = Array.from({ length: count }, (_, i) => `m${i}`);
    return answerWords({ state: 'unknown', modules: [], depends, package: null } as Parameters<typeof answerWords>[0]);
  };
  expect(of(5)).toBe('unknown (m0, m1, m2, m3, m4)');
  expect(of(6)).toBe('unknown (m0, m1, m2, m3 or 2 others)');
});
