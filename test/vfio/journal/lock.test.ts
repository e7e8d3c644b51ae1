import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ModaliasError } from '../../../src/errors.ts';
import { lockOwner, makeStateDirectory, takeLock } from '../../../src/vfio/journal/lock.ts';
import { thisProcess } from '../../../src/vfio/journal/process-identity.ts';
import { makeNamedPipe } from '../../support/named-pipe.ts';

let state: string;
let file: string;
beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), 'modalias-lock-'));
  file = path.join(state, 'lock');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(state, { recursive: true, force: true });
});

/** The error that taking the lock ends with. */
function refusal(): Pick<ModaliasError, 'code' | 'place' | 'cause'> {
  try {
    takeLock(state);
  } catch (error) {
    if (error instanceof ModaliasError) return error;
    throw error;
  }
  throw new Error('expected the lock to be refused');
}

/** An error as node:fs throws it. */
const systemError = (code: string) => Object.assign(new Error(`${code}: as the system says`), { code });

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
  expect(refusal()).toMatchObject({ code: 'state-directory', place: { file } });
  expect(() => takeLock(state)).toThrow(/this is not a regular file/);
  expect(fs.readdirSync(state)).toEqual(['lock']);
});

test.each([
  ['ENOSPC', true],
  ['EDQUOT', true],
  ['ENOSPC', false],
])('takeLock leaves nothing in a directory whose disk is full: %s, the name fits: %j', (code, named) => {
  vi.spyOn(fs, 'writeFileSync').mockImplementationOnce((at) => {
    if (named) fs.closeSync(fs.openSync(at as string, 'wx'));
    throw systemError(code);
  });
  expect(() => takeLock(state)).toThrow(new RegExp(`cannot be written \\(${code}.*--state`));
  expect(fs.readdirSync(state)).toEqual([]);
});

test('takeLock writes to no file that is there already, and leaves it alone', () => {
  const { writeFileSync } = fs;
  vi.spyOn(fs, 'writeFileSync').mockImplementationOnce((at, ...rest) => {
    writeFileSync(at, 'of another');
    writeFileSync(at, ...rest);
  });
  expect(refusal()).toMatchObject({ code: 'state-directory', place: { file: state }, cause: { code: 'EEXIST' } });
  const [left] = fs.readdirSync(state);
  expect(fs.readFileSync(path.join(state, left!), 'latin1')).toBe('of another');
});

test('takeLock gives up a lock that is taken and gone at every look', () => {
  vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
  const link = vi.spyOn(fs, 'linkSync').mockImplementation((from) => {
    // What another run cleans up is no error either.
    fs.rmSync(from, { force: true });
    throw systemError('EEXIST');
  });
  expect(refusal()).toMatchObject({
    code: 'locked',
    message: expect.stringContaining('the lock is contended; try again'),
    place: { file },
  });
  expect(link).toHaveBeenCalledTimes(200);
});

/** The name under which a run claims the right to remove the dead lock with this text. */
const claimOf = (text: string) => `${file}.${createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16)}`;

test('takeLock leaves a dead lock to a living run that has claimed it', () => {
  const wait = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
  const dead = 'garb\xe9ge\n';
  fs.writeFileSync(file, dead, 'latin1');
  fs.writeFileSync(claimOf(dead), owner());
  expect(refusal()).toMatchObject({ code: 'locked' });
  expect(wait).toHaveBeenCalledTimes(200);
  expect([fs.readFileSync(file, 'latin1'), fs.readFileSync(claimOf(dead), 'latin1')]).toEqual([dead, owner()]);
});

test('takeLock takes over a dead lock that a killed run had claimed', () => {
  fs.writeFileSync(file, 'garbage\n');
  fs.writeFileSync(claimOf('garbage\n'), owner({ pid: NO_PROCESS }));
  takeLock(state).release();
  expect(fs.readdirSync(state)).toEqual([]);
});

test('takeLock does not mind that its claim is swept away once the dead lock is gone', () => {
  fs.writeFileSync(file, 'garbage\n');
  const { rmSync } = fs;
  vi.spyOn(fs, 'rmSync').mockImplementationOnce((at, options) => {
    rmSync(at, options);
    rmSync(claimOf('garbage\n'));
  });
  takeLock(state).release();
  expect(fs.readdirSync(state)).toEqual([]);
});

/** Lets a file vanish as soon as it has been read. */
function vanishesWhenRead(vanishing: string): void {
  const read = fs.readFileSync as (at: fs.PathOrFileDescriptor, ...rest: unknown[]) => string;
  vi.spyOn(fs, 'readFileSync').mockImplementation((at, ...rest) => {
    const text = read(at, ...rest);
    if (at === vanishing) fs.rmSync(at);
    return text;
  });
}

test('takeLock does not mind that another run sweeps at the same time, or removes the lock', () => {
  const left = path.join(state, 'lock.dead');
  fs.writeFileSync(left, owner({ pid: NO_PROCESS }));
  vanishesWhenRead(left);
  const lock = takeLock(state);
  vi.restoreAllMocks();
  vanishesWhenRead(file);
  lock.release();
  vi.restoreAllMocks();
  expect(fs.readdirSync(state)).toEqual([]);
});

test('makeStateDirectory makes a directory that all may read, once, and its parent never', () => {
  const mkdir = vi.spyOn(fs, 'mkdirSync');
  const made = path.join(state, 'made');
  makeStateDirectory(made);
  makeStateDirectory(made);
  expect(mkdir).toHaveBeenCalledWith(made, { mode: 0o755 });
  expect(() => makeStateDirectory(path.join(state, 'none/made'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test('takeLock says what to do on a file system without hard links, and leaves nothing there', () => {
  const fault = () => {
    throw systemError('EPERM');
  };
  vi.spyOn(fs, 'linkSync').mockImplementationOnce(fault).mockImplementationOnce(fault);
  expect(() => takeLock(state)).toThrow(/cannot create a lock here \(EPERM.*with --state/);
  expect(refusal()).toMatchObject({ code: 'state-directory', place: { file }, cause: { code: 'EPERM' } });
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
  expect(refusal()).toMatchObject({ code: 'locked', place: { file } });
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
  // As former versions wrote it, without what makes each lock unique, or the id alone.
  fs.writeFileSync(file, owner({ pid: process.ppid, started }).replace(' nonce', ''));
  expect(lockOwner(state)).toBe(process.ppid);
  fs.writeFileSync(file, `${process.ppid}\n`);
  expect(lockOwner(state)).toBe(process.ppid);
  fs.writeFileSync(file, owner({ pid: process.ppid, started }));
  expect(() => takeLock(state)).toThrow(`process ${process.ppid} is changing devices and holds the lock`);
});
