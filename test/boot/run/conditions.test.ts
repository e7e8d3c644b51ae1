import { expect, test } from 'vitest';
import { testAnswer } from '../../../src/boot/run/conditions.ts';
import { memoryModules, memoryStage } from '../memory-stage.ts';

const stage = memoryStage(memoryModules({}), { 'etc/full': 'x', 'etc/empty': '' });

test.each([
  ['-e /etc/empty', 'yes'],
  ['-s /etc/empty', 'no'],
  ['-s /etc/full', 'yes'],
  ['-s /etc/none', 'no'],
  ['-d /etc', 'yes'],
  ['-d /etc/full', 'no'],
  ['-e /run/x', 'unknown'],
  ['-O /etc/full', 'unknown'],
  ['-n x', 'yes'],
  ['-z x', 'no'],
  ['x = x', 'yes'],
  ['x != x', 'no'],
  ['2 -gt 2', 'no'],
  ['2 -ge 2', 'yes'],
  ['2 -lt 2', 'no'],
  ['2 -le 2', 'yes'],
  ['10 -gt 9', 'yes'],
  ['x -gt 1', 'unknown'],
  ['! -e /etc/full', 'no'],
  ['! -e /run/x', 'unknown'],
  ['!', 'yes'],
  ['x', 'yes'],
  ['-e /etc/none -o -e /etc/full', 'yes'],
  ['-e /etc/none -a -e /run/x', 'no'],
  ['-e /etc/none -o -e /run/x', 'unknown'],
])('testAnswer: [ %s ] is %s', (words, answer) => {
  expect(testAnswer(stage, words.split(' '))).toBe(answer);
});
