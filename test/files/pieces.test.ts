import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readWhole } from '../../src/files/read.ts';
import { readIfThere } from '../../src/files/read-sync.ts';

let dir: string;
let pipe: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-pieces-'));
  pipe = join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
});
afterEach(() => rmSync(dir, { recursive: true }));

describe.each([
  ['readWhole', readWhole],
  ['readIfThere', async (path: string) => readIfThere(path)],
])('readWhole, readIfThere: %s of a named pipe', (_, read) => {
  /** The script runs: however long a loaded machine takes to start it, the reader waits only for what it does. */
  const writer = async (script: string) => {
    const { stdout } = spawn('sh', ['-c', `echo; ${script}`], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(stdout, 'data');
  };

  test('gives what its writer writes, with pauses, from its first byte to its last', async () => {
    await writer('sleep 0.2; { printf a; sleep 0.3; head -c 300000 /dev/zero; printf b; } > pipe');
    const bytes = Buffer.from((await read(pipe))!);
    expect([bytes.length, bytes.at(0), bytes.at(-1)]).toEqual([300_002, 0x61, 0x62]);
  });

  test('waits for a writer that writes nothing, and ends with it', async () => {
    await writer('sleep 1.5 > pipe');
    const start = Date.now();
    expect((await read(pipe))!.length).toBe(0);
    expect(Date.now() - start).toBeGreaterThan(1200);
  });

  test('ends after a second without a writer, with what to do', async () => {
    await expect(read(pipe)).rejects.toMatchObject({
      code: 'not-a-file',
      place: { file: pipe },
      message: `${pipe}: is a named pipe that no process writes to; start its writer first, or name a file`,
    });
  });

  test('a socket is an error that says so', async () => {
    const server = createServer().listen(join(dir, 'socket'));
    await new Promise((done) => server.once('listening', done));
    try {
      await expect(read(join(dir, 'socket'))).rejects.toMatchObject({
        code: 'unreadable',
        message: expect.stringContaining('is a socket'),
      });
    } finally {
      server.close();
    }
  });
});

const NO_WRITER = /^modalias: error: \S*pipe: is a named pipe that no process writes to; [^\n]*\n$/;
const NO_DIRECTORY = /^modalias: error: .*directory.*\n$/;

test('readWhole: no command waits for the writer of a named pipe without a word', async () => {
  mkdirSync(join(dir, 'tree/kernel'), { recursive: true });
  writeFileSync(join(dir, 'tree/modules.alias'), 'alias pci:* m\n');
  writeFileSync(join(dir, 'tree/kernel/a.ko'), '');
  writeFileSync(join(dir, 'tables.json'), '{"module":"m"}');
  const commands: readonly (readonly [line: string, stderr: RegExp])[] = [
    ['generate pipe', NO_WRITER],
    ['generate --check pipe tables.json', NO_WRITER],
    ['extract pipe', NO_WRITER],
    ['lookup -m pipe x', NO_WRITER],
    ['lookup -m tree --config pipe x', NO_WRITER],
    ['explain -m pipe pci:x', NO_WRITER],
    ['diff pipe tree', NO_WRITER],
    ['diff tree pipe', NO_WRITER],
    ['diff --devices pipe tree tree', NO_WRITER],
    ['build --depmod-config pipe tree', NO_WRITER],
    ['verify --depmod-config pipe tree', NO_WRITER],
    ['vfio groups --sysfs pipe', NO_DIRECTORY],
    ['verify pipe', NO_DIRECTORY],
    ['build pipe', NO_DIRECTORY],
  ];
  const start = resolve('dist/start.cjs');
  const ended = commands.map(async ([line, words]) => {
    const run = promisify(execFile)(process.execPath, [start, ...line.split(' ')], { cwd: dir, timeout: 300_000 });
    const { code, stdout, stderr } = await run.then(
      (done) => ({ code: 0, ...done }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect
      .soft({ line, code, stdout, stderr })
      .toEqual({ line, code: 2, stdout: '', stderr: expect.stringMatching(words) });
  });
  await Promise.all(ended);
});

test("readWhole reads what the shell's <(..) names", () => {
  const start = join(process.cwd(), 'dist/start.cjs');
  const tables = `{"module":"m","tables":[{"bus":"pci","name":"t","rows":[{"vendor":1}]}]}`;
  const run = (script: string) =>
    execFileSync('bash', ['-c', script, 'bash', process.execPath, start, tables], { cwd: dir, encoding: 'utf8' });
  const alias = 'pci:v00000001d*sv*sd*bc*sc*i*';
  expect(run('"$1" "$2" generate <(printf %s "$3")')).toContain(`alias ${alias} m\n`);
  expect(run('"$1" "$2" lookup -m <(sleep 0.2; "$1" "$2" generate <(printf %s "$3")) pci:v00000001dsvsdbcsci')).toBe(
    'm\n',
  );
  expect(run('"$1" "$2" diff <(printf "alias a:b m\\n") <(printf "alias a:b m\\n")')).toContain('no difference');
});
