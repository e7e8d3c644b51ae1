import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { takeLock } from '../../../src/vfio/journal/lock.ts';
import { isAlive, thisProcess } from '../../../src/vfio/journal/process-identity.ts';
import { bundled } from '../../support/bundle.ts';

let state: string;
let file: string;
beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), 'modalias-lock-'));
  file = path.join(state, 'lock');
});
afterEach(() => fs.rmSync(state, { recursive: true, force: true }));

const child = [process.execPath, await bundled('test/vfio/journal/lock-race.ts')] as const;

/** What a lock of this process says, with some of it changed. */
function owner(change: Partial<ReturnType<typeof thisProcess>> = {}): string {
  const { pid, started, namespace, boot } = { ...thisProcess(), ...change };
  return `${pid} ${started} ${namespace} ${boot} nonce\n`;
}

/** How often the lock is taken in a race. CI races longer than `npm test`. */
const RACES = Number(process.env.LOCK_RACES ?? 120);

/** The id of a process that has ended. */
const ended = () => spawnSync('true').pid;

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
  ['a process that was killed', () => owner({ pid: ended() })],
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
  execFileSync('mkfifo', [file]);
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

test('takeLock goes on where runs were killed while they removed a dead lock, and leaves nothing of theirs', () => {
  fs.writeFileSync(file, owner({ pid: ended() }));
  const claims = () => fs.readdirSync(state).filter((name) => name !== 'lock');
  for (let killed = 0; killed < 3; killed++) {
    const run = spawnSync(child[0], [child[1], state, 'die'], { encoding: 'utf8' });
    expect({ signal: run.signal, stderr: run.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  }
  expect(claims().length).toBeGreaterThan(1);
  takeLock(state).release();
  expect(fs.readdirSync(state)).toEqual([]);
});

test('takeLock lets one of many in at a time, also while they race for locks whose owners are dead', async () => {
  const runs = Array.from({ length: 6 }, async () => {
    const run = spawn(child[0], [child[1], state, 'race', '6', String(RACES)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    run.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const status = await new Promise((resolve) => run.on('close', resolve));
    return { status, said: JSON.parse(said) };
  });
  const ends = await Promise.all(runs);
  expect(ends.map(({ status, said }) => ({ status, met: said.met }))).toEqual(ends.map(() => ({ status: 0, met: 0 })));
  const sum = (key: string) => ends.reduce((all, { said }) => all + said[key], 0);
  // Without both of these nothing was put to the test.
  expect(sum('taken')).toBeGreaterThanOrEqual(RACES);
  expect(sum('refused')).toBeGreaterThan(0);
});

test('isAlive does not judge a process of a PID namespace that it cannot see', () => {
  const me = thisProcess();
  const inside = { ...me, namespace: 'pid:[4026530000]' };
  expect(isAlive({ ...me, pid: 1, started: '1' }, inside)).toBe('unknown');
  const host = { ...me, namespace: 'pid:[4026531836]' };
  const elsewhere = { ...me, namespace: 'pid:[4026530001]' };
  expect(isAlive(elsewhere, host)).toBe(process.getuid?.() === 0 ? 'no' : 'unknown');
});

/** Runs in a PID namespace of their own need root. */
const namespaces = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;

test.runIf(namespaces)(
  'takeLock keeps out a run of another PID namespace, whatever process has that id there',
  async () => {
    const inside = (...args: string[]) =>
      spawn('unshare', ['-pf', '--kill-child', '--mount-proc', ...child, state, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
    const holder = inside('hold');
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const text = fs.readFileSync(file, 'latin1');
    expect(text).toMatch(/^1 /);
    if (process.getuid?.() === 0 && thisProcess().namespace === 'pid:[4026531836]')
      expect(() => takeLock(state)).toThrow(/process 1 is changing devices and holds the lock/);

    const other = inside('once');
    let said = '';
    for await (const part of other.stdout) said += part;
    expect(said).toMatch(/^locked: .*process 1 of another PID namespace .* remove this file if it has$/m);
    expect(fs.readFileSync(file, 'latin1')).toBe(text);

    const gone = new Promise((resolve) => holder.on('close', resolve));
    holder.kill('SIGKILL');
    await gone;
    // Its child, which has the lock, is ended by the kernel some time after it.
    if (thisProcess().namespace === 'pid:[4026531836]')
      await vi.waitFor(() => takeLock(state).release(), { timeout: 300_000 });
  },
);
