import { expect, test } from 'vitest';
import type { ChangeClass } from '../../src/packaging/change-classes.ts';
import type { Change } from '../../src/packaging/diff/change.ts';
import { builtinRemarks } from '../../src/report/builtin-remarks.ts';
import { side } from '../packaging/diff/side.ts';

const change = (name: ChangeClass, ...modules: readonly string[]) => ({ class: name, modules }) as unknown as Change;
const changes = [
  change('lost', 'b', 'a'),
  change('generic', 'a'),
  change('lost', 'a', 'other'),
  change('moved', 'a'),
  change('gained', 'a'),
  change('joined', 'other'),
];
/** A side with these built-in modules, and patterns of built-in drivers. */
const built = (names: readonly string[] | undefined, ...patterns: readonly string[]) => ({
  ...side([], patterns),
  builtinNames: names && new Set(names),
});
const told = (old: ReturnType<typeof built>, now: ReturnType<typeof built>) =>
  builtinRemarks([old, now], changes).map(
    ({ count, message, examples }) => `${count} ${message.split(':')[0]} (${examples})`,
  );

test('builtinRemarks: losses whose modules are all built in now, and gains whose modules all were', () => {
  const [none, some] = [built([]), built(['a', 'b'])];
  expect(told(none, some)).toEqual(['2 lost, generic, dropped, but the module is built in now (a,b)']);
  expect(told(some, none)).toEqual(['1 gained, specific, joined, but the module was built in (a)']);
  expect(told(some, some)).toHaveLength(2);
  expect(told(none, none)).toEqual([]);
});

test('builtinRemarks: nothing where the kernel records what built-in drivers match, or does not list them', () => {
  const [recorded, other] = [built(['a', 'b'], 'pci:v*d*sv*sd*bc02sc*i* x'), built(['a', 'b'], 'crypto-x x')];
  expect([told(built([]), recorded), told(built([]), built(undefined))]).toEqual([[], []]);
  expect(told(built([]), other)).toHaveLength(1);
});
