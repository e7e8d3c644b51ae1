import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lockOwner, takeLock } from '../../../src/vfio/journal/lock.ts';
import { thisProcess } from '../../../src/vfio/journal/process-identity.ts';
import { makeNamedPipe } from '../../support/named-pipe.ts';

let state: string;
let file: string;
beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), 'modalias-lock-'));
  file = path.join(state, 'lock');
});
afterEach(() => fs.rmSync(state, { recursive: true, force: true }));

/** What a lock of this process says, with some of it changed. */
function owner(change: Partial<ReturnType<typeof thisProcess>> = {}): string {
  const { pid, started, namespace, boot } = { ...thisProcess(), ...change };
  return `${pid} ${started} ${namespace} ${boot} nonce\n`;
}

/** Above every process id (include/linux/threads.h: PID_MAX_LIMIT). */
const NO_PROCESS = 2 ** 22 + 1;

test('takeLock lets one run in, and the next when it is released', () => {
  const lock = takeLock(state);
  expect(() => takeLock(state)).toThrow(`process ${process.pid} is changing devices`);
  lock.release();
  lock.release();
  takeLock(state).release();
  expect(fs.readdirSync(state)).toEqual([]);
});

test('takeLock that is released twice leaves the lock of the next run alone', () => {
  const lock = takeLock(state);
  lock.release();
  const next = takeLock(state);
  lock.release();
  expect(() => takeLock(state)).toThrow(/holds the lock/);
  next.release();
});

test.each([
  ['a process that was killed', () => owner({ pid: NO_PROCESS })],
  ['another process with the id that this one has now', () => owner({ started: '1' })],
  ['a process of an earlier boot', () => owner({ boot: '00000000-0000-0000-0000-000000000000' })],
])('takeLock takes over the lock of %s', (_whose, text) => {
  fs.writeFileSync(file, text());
  takeLock(state).release();
  expect(fs.readdirSync(state)).toEqual([]);
});

test.each(['', 'garbage\n', '-1 5\n', '0 0\n', '\0\0\0'])(
  'takeLock takes over a lock with no sense in it: %j',
  (text) => {
    fs.writeFileSync(file, text);
    takeLock(state).release();
  },
);

test('takeLock does not take a directory or a named pipe for a lock, nor wait for it', () => {
  fs.mkdirSync(file);
  expect(() => takeLock(state)).toThrow(/lock: this is not a regular file, so it is not a lock; move it away/);
  fs.rmdirSync(file);
  makeNamedPipe(file);
  expect(() => takeLock(state)).toThrow(/this is not a regular file/);
  expect(fs.readdirSync(state)).toEqual(['lock']);
});

test('takeLock leaves nothing in a directory whose disk is full', () => {
  const writeFile = vi.spyOn(fs, 'writeFileSync').mockImplementationOnce((at) => {
    fs.closeSync(fs.openSync(at as string, 'wx'));
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
  expect(() => takeLock(state)).toThrow(/cannot be written \(ENOSPC/);
  writeFile.mockRestore();
  expect(fs.readdirSync(state)).toEqual([]);
});

test('takeLock says what to do on a file system without hard links, and leaves nothing there', () => {
  const link = vi.spyOn(fs, 'linkSync').mockImplementationOnce(() => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  });
  expect(() => takeLock(state)).toThrow(/cannot create a lock here \(EPERM.*with --state/);
  link.mockRestore();
  expect(fs.readdirSync(state)).toEqual([]);
});

test('takeLock removes what killed runs left beside the lock, and nothing that may be in use', () => {
  const left = {
    'lock.dead': owner({ pid: NO_PROCESS }),
    'lock.written': '',
    'lock.alive': owner(),
    'block.dead': owner({ pid: NO_PROCESS }),
  };
  for (const [name, text] of Object.entries(left)) fs.writeFileSync(path.join(state, name), text);
  takeLock(state).release();
  expect(fs.readdirSync(state).sort()).toEqual(['block.dead', 'lock.alive', 'lock.written']);
});

test('takeLock and lockOwner take an owner that cannot be seen from here for alive', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  fs.writeFileSync(file, owner({ pid: 4711, namespace: 'pid:[4026530001]' }));
  expect(() => takeLock(state)).toThrow(
    /process 4711 of another PID namespace \(a container, or the host\) holds the lock/,
  );
  expect(lockOwner(state)).toBe(4711);
  vi.restoreAllMocks();
  expect(fs.readFileSync(file, 'latin1')).toMatch(/^4711 /);
});

test('lockOwner names another process that holds the lock, and none where that has ended or it is this one', () => {
  expect(lockOwner(state)).toBeNull();
  fs.writeFileSync(file, owner());
  expect(lockOwner(state)).toBeNull();
  fs.writeFileSync(file, owner({ pid: NO_PROCESS }));
  expect(lockOwner(state)).toBeNull();
  const started = fs
    .readFileSync(`/proc/${process.ppid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ')[19]!;
  fs.writeFileSync(file, owner({ pid: process.ppid, started }));
  expect(lockOwner(state)).toBe(process.ppid);
  expect(() => takeLock(state)).toThrow(`process ${process.ppid} is changing devices and holds the lock`);
});
