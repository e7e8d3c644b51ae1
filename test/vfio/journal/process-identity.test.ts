import fs from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive, type ProcessIdentity, thisProcess } from '../../../src/vfio/journal/process-identity.ts';

test('thisProcess is what /proc shows', () => {
  expect(thisProcess()).toEqual({
    pid: process.pid,
    started: fs
      .readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /, '')
      .split(' ')[19],
    namespace: fs.readlinkSync('/proc/self/ns/pid'),
    boot: fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
  });
});

test.each<[what: string, change: Partial<ProcessIdentity>, alive: string]>([
  ['this process', {}, 'yes'],
  ['a process of which nothing more than its id is known', { started: '?', namespace: '?', boot: '?' }, 'yes'],
  ['an earlier process of the same id', { started: '1' }, 'no'],
  ['a process of an earlier boot', { boot: '00000000-0000-0000-0000-000000000000' }, 'no'],
  ['an earlier process of the same id in an unknown namespace', { started: '1', namespace: '?' }, 'no'],
  // Above every process id (include/linux/threads.h: PID_MAX_LIMIT).
  ['an id that no process has', { pid: 2 ** 22 + 1 }, 'no'],
  ['an id that no process has, started at an unknown time', { pid: 2 ** 22 + 1, started: '?' }, 'no'],
  ['no id: 0, a signal to which would reach this process', { pid: 0, started: '?' }, 'no'],
  ['no id: -1, a signal to which would reach every process', { pid: -1, started: '?' }, 'no'],
  ['no id: a fraction', { pid: process.pid + 0.5 }, 'no'],
  ['no id: garbage', { pid: Number.NaN }, 'no'],
])('isAlive of %s', (_what, change, alive) => {
  const me = thisProcess();
  expect(isAlive({ ...me, ...change }, me)).toBe(alive);
});

test('isAlive does not compare with what this process does not know of itself', () => {
  const me = thisProcess();
  expect(isAlive(me, { ...me, boot: '?', namespace: '?' })).toBe('yes');
});

test('isAlive does not judge a process of a PID namespace that it cannot see', () => {
  const me = thisProcess();
  const inside = { ...me, namespace: 'pid:[4026530000]' };
  expect(isAlive({ ...me, pid: 1, started: '1' }, inside)).toBe('unknown');
  const host = { ...me, namespace: 'pid:[4026531836]' };
  const elsewhere = { ...me, namespace: 'pid:[4026530001]' };
  expect(isAlive(elsewhere, host)).toBe(process.getuid?.() === 0 ? 'no' : 'unknown');
});
