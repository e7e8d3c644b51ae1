import { expect, test } from 'vitest';
import type { Answer } from '../../../src/packaging/coverage/answer.ts';
import { stepper } from '../../../src/packaging/coverage/step.ts';
import { kernel } from './kernels.ts';

const answer = (text: string): Answer => {
  const [state, ...modules] = text.split(' ');
  return { state: state as Answer['state'], modules, package: null };
};
const three = [kernel('a', []), kernel('b', []), kernel('c', [])];
const steps = (...texts: string[]) =>
  stepper(three)(texts.map(answer)).map(({ class: name, from, to }) => `${from}-${to} ${name}`);

test.each([
  ['module x', 'none', 'lost'],
  ['builtin x', 'none', 'lost'],
  ['generic x', 'none', 'lost'],
  ['module x y', 'generic y', 'generic'],
  ['generic y', 'module x y', 'specific'],
  ['none', 'module x', 'gained'],
  ['none', 'generic x', 'gained'],
  ['module x', 'unknown', 'unknown'],
  ['module x y', 'module x', 'dropped'],
  ['module x', 'module x y', 'joined'],
  ['module x', 'module y', 'moved'],
  ['module x y', 'module x z', 'moved'],
  ['module x', 'builtin x', 'builtin'],
  ['builtin x', 'module x', 'loadable'],
  ['generic x', 'generic y', 'moved'],
  ['generic x y', 'generic x', 'dropped'],
])('stepper: from %s to %s is %s', (before, after, name) => {
  expect(steps(before, after)).toEqual([`0-1 ${name}`]);
});

test.each([
  ['module x', 'module x'],
  ['module x y', 'module y x'],
  ['none', 'none'],
  ['none', 'unknown'],
  ['unknown', 'none'],
  ['unknown', 'module x'],
])('stepper: from %s to %s nothing changes', (before, after) => {
  expect(steps(before, after)).toEqual([]);
});

test('stepper: what is not known is skipped, from the last kernel that is known', () => {
  expect(steps('module x', 'unknown', 'none')).toEqual(['0-1 unknown', '0-2 lost']);
  expect(steps('module x', 'unknown', 'module x')).toEqual(['0-1 unknown']);
  expect(steps('module x', 'unknown', 'unknown')).toEqual(['0-1 unknown']);
  expect(steps('module x', 'none', 'module x')).toEqual(['0-1 lost', '1-2 gained']);
});

test('stepper: a module that comes from another package is reported, a package renamed is not', () => {
  const packed = (name: string, packages: Record<string, string>) =>
    kernel(name, ['i2c:x x', 'i2c:y y', 'i2c:z z'], { packages });
  const old = packed('old', { x: 'modules-6.1', y: 'modules-6.1', z: 'extra-6.1' });
  const moved = packed('new', { x: 'extra-6.2', y: 'modules-6.2', z: 'extra-6.2' });
  const renamed = packed('new', { x: 'core-6.2', y: 'core-6.2', z: 'extra-6.2' });
  const same = [answer('module x'), answer('module x')];
  expect(stepper([old, moved])(same)).toEqual([{ class: 'package', from: 0, to: 1 }]);
  expect(stepper([old, renamed])(same)).toEqual([]);
});
