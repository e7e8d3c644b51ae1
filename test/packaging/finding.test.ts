import { describe, expect, test } from 'vitest';
import { type Cause, fewOrOne, findingsOf, findingsOfNote, type Item } from '../../src/packaging/finding.ts';

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

test('findingsOfNote counts what is noted with its examples, or makes each example a finding of its own', () => {
  const note = { rule: 'no-text', count: 5, message: 'm', examples: ['a', 'b'] } as const;
  const told = (...args: Parameters<typeof findingsOfNote>) =>
    findingsOfNote(...args).map(({ severity, count, message }) => `${severity} ${count} ${message}`);
  expect(told(note, 'error')).toEqual(['error 5 m: a; b (and 3 more)']);
  expect(told({ ...note, count: 2 }, 'warning')).toEqual(['warning 2 m: a; b']);
  expect(told(note, 'error', true)).toEqual(['error 1 m: a', 'error 1 m: b']);
  const bare = { ...note, examples: [] };
  expect([told(bare, 'note'), told(bare, 'note', true)]).toEqual([['note 5 m'], ['note 5 m']]);
  const [first, second] = findingsOfNote(note, 'error', true);
  expect(new Set([first, second, findingsOfNote(note, 'error')[0]].map((one) => one!.fingerprint)).size).toBe(3);
});

test('findingsOf counts one other item in the singular, and says nothing of others that have no name', () => {
  const message = (cause: Partial<Cause>) => findingsOf([{ ...one, advice: undefined, ...cause } as Cause])[0]!.message;
  expect(message({ items: one.items.slice(0, 2) })).toBe('no x (and 1 more such alias)');
  expect(message({ items: one.items.slice(0, 2), others: 'of them' })).toBe('no x (and 1 more of them)');
  expect(message({ others: undefined as never })).toBe('no x (and 2 more)');
  expect(message({ summary: 'all of it' })).toBe('all of it');
});

test('findingsOf tells findings apart by rule, module and alias, else by the name of their file and by their key', () => {
  const print = (item: Partial<Item>) =>
    findingsOf([{ rule: 'missing-list', items: [{ message: 'm', ...item }] }])[0]!.fingerprint;
  const base = print({ file: '/a/x' });
  expect([print({ file: '/b/x', line: 7 }), print({ file: '/a/x', table: 't', row: 3 })]).toEqual([base, base]);
  expect(print({ file: '/a/y' })).not.toBe(base);
  expect(print({ file: '/a/x', key: '' })).not.toBe(base);
  expect(print({ file: '/a/x', module: 'm' })).toBe(print({ file: '/a/y', module: 'm' }));
  expect(print({ file: '/a/x', alias: 'm' })).toBe(print({ file: '/a/y', alias: 'm' }));
  expect(print({ module: 'm' })).not.toBe(print({ alias: 'm' }));
  expect(base).toMatch(/^[0-9a-f]{16}$/);
});
