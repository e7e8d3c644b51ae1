import { describe, expect, test } from 'vitest';
import { type Cause, fewOrOne, findingsOf, type Item } from '../../src/packaging/finding.ts';

const item = (module: string, alias: string, line = 1): Item => ({
  module,
  alias,
  file: '/a/modules.alias',
  line,
  message: `no ${alias}`,
});
const one: Cause = {
  rule: 'missing-in-text',
  items: [item('a', 'x'), item('a', 'y'), item('b', 'x')],
  others: 'such aliases',
  advice: 'do it',
};

test('fewOrOne gives three items a cause each, and more a single one that counts them', () => {
  const items = ['w', 'x', 'y', 'z'].map((alias) => item('a', alias));
  expect(fewOrOne('missing-in-text', items.slice(0, 3)).map((cause) => cause.items)).toEqual(
    items.slice(0, 3).map((one) => [one]),
  );
  expect(fewOrOne('missing-in-text', items)).toEqual([{ rule: 'missing-in-text', items, others: 'such aliases' }]);
});

describe('findingsOf', () => {
  test('findingsOf gives one finding a cause with the number of what it stands for, or one for each', () => {
    expect(findingsOf([one])).toMatchObject([
      {
        rule: 'missing-in-text',
        severity: 'error',
        alias: 'x',
        count: 3,
        message: 'no x (and 2 more such aliases); do it',
      },
    ]);
    expect(findingsOf([one], true).map(({ module, alias, count, message }) => [module, alias, count, message])).toEqual(
      [
        ['a', 'x', 1, 'no x; do it'],
        ['a', 'y', 1, 'no y; do it'],
        ['b', 'x', 1, 'no x; do it'],
      ],
    );
  });

  test('findingsOf gives a fingerprint that depends on rule, module and alias, neither on line nor on place', () => {
    const of = (cause: Partial<Cause>, where: Partial<Item> = {}) =>
      findingsOf([{ ...one, ...cause, items: [{ ...item('a', 'x'), ...where }] }])[0]!.fingerprint;
    const base = of({});
    expect(base).toMatch(/^[0-9a-f]{16}$/);
    expect([of({}, { line: 9 }), of({}, { file: '/elsewhere/modules.alias' }), of({}, { message: 'm' })]).toEqual([
      base,
      base,
      base,
    ]);
    const moved = ['/a/one.ko', '/b/two.ko'].map((file) => of({}, { alias: null, file }));
    expect(moved[0]).toBe(moved[1]);
    const others = [of({ rule: 'extra-in-text' }), of({}, { module: 'b' }), of({}, { alias: 'y' })];
    expect(new Set([base, ...others]).size).toBe(4);
  });
});

test('findingsOf gives items that have a rule of their own that rule, where each is a finding', () => {
  const items = [{ ...item('a', 'x'), rule: 'extra-in-text' as const }, item('a', 'y')];
  const rules = (all: boolean) => findingsOf([{ rule: 'stale-index', items }], all).map(({ rule }) => rule);
  expect([rules(true), rules(false)]).toEqual([['extra-in-text', 'stale-index'], ['stale-index']]);
});
