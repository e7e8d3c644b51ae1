import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'modalias-output-'));
const modules = join(folder, 'modules.alias');
const module = 'm'.repeat(60);
writeFileSync(modules, `alias a* ${module}\n`);
const lookup = ['dist/cli.js', 'lookup', '-m', modules, '-'];
/** Keys whose answers are more than a pipe holds. */
const many = 'ab\n'.repeat(20_000);

afterAll(() => rmSync(folder, { recursive: true }));

test('print: a pipe that another program set not to block gets everything, however slow its reader', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const file = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const child = spawn(process.execPath, lookup, { stdio: ['pipe', file, 'inherit'] });
  const ended = once(child, 'close');
  const reader = new Socket({ fd: file, readable: true, writable: false }); // this sets O_NONBLOCK for the child too
  reader.pause();
  child.stdin!.end(many);
  await Promise.race([ended, setTimeout(2000)]);
  let read = '';
  reader.on('data', (bytes) => {
    read += bytes;
  });
  reader.resume();
  expect(await ended).toEqual([0, null]);
  while (read.length < 20_000 * 61) await once(reader, 'data');
  expect(read).toBe(`${module}\n`.repeat(20_000));
  reader.destroy();
});

test('print: a reader that leaves ends the program silently, a full disk with exit status 2', () => {
  const input = many;
  const line = (command: string) =>
    spawnSync('sh', ['-c', command, process.execPath, ...lookup], { input, encoding: 'utf8' });
  expect(line('"$0" "$@" | head -n 1')).toMatchObject({ stdout: `${module}\n`, stderr: '', status: 0 });
  const full = line('"$0" "$@" > /dev/full');
  expect(full.stderr).toMatch(/^modalias: cannot write to standard output: no space left[^\n]*\n$/);
  expect(full.status).toBe(2);
});

test('standardError: where nobody reads diagnostics the exit status is 2', () => {
  const closed = openSync('/dev/full', 'w');
  const run = spawnSync(process.execPath, ['dist/cli.js', 'lookup'], { stdio: ['ignore', 'ignore', closed] });
  closeSync(closed);
  expect(run.status).toBe(2);
});
