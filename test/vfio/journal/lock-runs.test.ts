import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { takeLock } from '../../../src/vfio/journal/lock.ts';
import { thisProcess } from '../../../src/vfio/journal/process-identity.ts';
import { bundled } from '../../support/bundle.ts';

let state: string;
let file: string;
beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), 'modalias-lock-'));
  file = path.join(state, 'lock');
});
afterEach(() => fs.rmSync(state, { recursive: true, force: true }));

/** How often the lock is taken in a race. CI races longer than `npm test`. */
const RACES = Number(process.env.LOCK_RACES ?? 50);

const child = [process.execPath, await bundled('test/vfio/journal/lock-race.ts')] as const;

test('takeLock goes on where runs were killed while they removed a dead lock, and leaves nothing of theirs', () => {
  const { started, namespace, boot } = thisProcess();
  const { pid } = spawnSync('true');
  fs.writeFileSync(file, `${pid} ${started} ${namespace} ${boot} nonce\n`);
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
