import fs from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
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

describe('isAlive and thisProcess with a /proc of another machine', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** What /proc shows: of each process its state, start time, namespace and its ids in the namespaces that it is in. */
  function proc(files: Readonly<Record<string, string>>): void {
    const read = (at: unknown) => {
      const text = files[String(at).slice('/proc/'.length)];
      if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      return text;
    };
    vi.spyOn(fs, 'readFileSync').mockImplementation(read as typeof fs.readFileSync);
    vi.spyOn(fs, 'readlinkSync').mockImplementation(read as typeof fs.readlinkSync);
    const names = () => [...new Set(Object.keys(files).map((file) => file.split('/')[0]!))];
    vi.spyOn(fs, 'readdirSync').mockImplementation(names as unknown as typeof fs.readdirSync);
  }

  const stat = (state: string, started: string) => `7 (a) b) ${state} ${'0 '.repeat(18)}${started} 0`;
  const inside: ProcessIdentity = { pid: 31, started: '900', namespace: 'pid:[5]', boot: 'b' };
  const outside: ProcessIdentity = { pid: 1000, started: '1', namespace: 'pid:[6]', boot: 'b' };
  /** A process of the namespace with the id 4242 here and 31 there. */
  const shown = (name = '4242', change: Readonly<Record<string, string | undefined>> = {}) => {
    const files = {
      'ns/pid': 'pid:[5]',
      status: 'Name:\tx\nOldNSpid:\t4242\t99\nNSpid:\t4242\t31\nThreads:\t1\n',
      stat: stat('S', '900'),
      ...change,
    };
    return Object.fromEntries(
      Object.entries(files).flatMap(([file, text]) => (text === undefined ? [] : [[`${name}/${file}`, text]])),
    );
  };

  test('thisProcess says what it cannot know by a question mark', () => {
    proc({});
    expect(thisProcess()).toEqual({ pid: process.pid, started: '?', namespace: '?', boot: '?' });
    proc({ 'sys/kernel/random/boot_id': '\n', [`${process.pid}/stat`]: '7 (a) S' });
    expect(thisProcess()).toMatchObject({ started: '?', boot: '?' });
  });

  test.each<[what: string, files: Readonly<Record<string, string>>, other: Partial<ProcessIdentity>, alive: string]>([
    ['is listed under its id there', shown(), {}, 'yes'],
    ['is listed, started at an unknown time', shown(), { started: '?' }, 'yes'],
    ['is listed after others', { ...shown('7', { 'ns/pid': 'pid:[8]' }), ...shown() }, {}, 'yes'],
    ['has another id there', shown(), { pid: 4242 }, 'unknown'],
    ['has an id there that begins like it', shown(), { pid: 3 }, 'unknown'],
    ['started at another time', shown(), { started: '901' }, 'unknown'],
    ['is in another namespace', shown('4242', { 'ns/pid': 'pid:[9]' }), {}, 'unknown'],
    ['has ended and is a zombie', shown('4242', { stat: stat('Z', '900') }), { started: '?' }, 'unknown'],
    ['ends while it is looked at', shown('4242', { stat: undefined }), { started: '?' }, 'unknown'],
    ['has no status to read', shown('4242', { status: undefined }), {}, 'unknown'],
    ['is no process: a file', { ...shown('12a'), ...shown('a12') }, {}, 'unknown'],
  ])('isAlive of a process of another namespace that %s', (_what, files, other, alive) => {
    proc(files);
    expect(isAlive({ ...inside, ...other }, outside)).toBe(alive);
  });

  test.each<[what: string, files: Readonly<Record<string, string>>, other: Partial<ProcessIdentity>, alive: string]>([
    ['runs', { '31/stat': stat('S', '900') }, {}, 'yes'],
    ['shows no time at which it started', { '31/stat': '31 (x) S 1' }, {}, 'yes'],
    ['is a zombie', { '31/stat': stat('Z', '900') }, {}, 'no'],
    ['is a zombie, started at an unknown time', { '31/stat': stat('Z', '900') }, { started: '?' }, 'no'],
  ])('isAlive of a process of the same namespace that %s', (_what, files, other, alive) => {
    proc(files);
    expect(isAlive({ ...inside, ...other }, { ...outside, namespace: 'pid:[5]' })).toBe(alive);
  });

  test.each<[what: string, code: string | null, alive: string]>([
    ['takes a signal', null, 'yes'],
    ['is of another user', 'EPERM', 'yes'],
    ['is not there', 'ESRCH', 'no'],
  ])('isAlive of a process that /proc hides and that %s', (_what, code, alive) => {
    proc({});
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      if (code !== null) throw Object.assign(new Error(code), { code });
      return true;
    });
    expect(isAlive(inside, { ...outside, namespace: 'pid:[5]' })).toBe(alive);
    expect(kill.mock.calls).toEqual([[31, 0]]);
  });
});
