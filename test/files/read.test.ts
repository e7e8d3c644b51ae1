import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readWhole } from '../../src/files/read.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-read-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('readWhole: returns the bytes of a file, none for an empty one', async () => {
  writeFileSync(join(dir, 'a'), Uint8Array.of(1, 0, 255));
  writeFileSync(join(dir, 'empty'), '');
  expect([...(await readWhole(join(dir, 'a')))]).toEqual([1, 0, 255]);
  expect((await readWhole(join(dir, 'empty'))).length).toBe(0);
});

test.each([
  ['a missing file', 'no/such', 'unreadable', 'no such file'],
  ['a directory', '.', 'unreadable', 'is a directory'],
])('readWhole: %s is an error that names the path', async (_, path, code, reason) => {
  await expect(readWhole(path)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(reason),
    place: { file: path },
  });
});

test('readWhole: a file that never ends is stopped at the limit', async () => {
  await expect(readWhole('/dev/zero', 1_000_000)).rejects.toMatchObject({ code: 'too-big' });
});

test('readWhole: - is standard input', () => {
  const script = `import('./src/files/read.ts').then(async (m) => console.log((await m.readWhole('-')).toString()))`;
  expect(execFileSync('node_modules/.bin/tsx', ['-e', script], { input: 'hello', encoding: 'utf8' })).toBe('hello\n');
  expect(spawnSync('node_modules/.bin/tsx', ['-e', script], { input: '' }).status).toBe(0);
});

test('readWhole: a directory on standard input is an error', () => {
  const script = `import('./src/files/read.ts').then((m) => m.readWhole('-')).catch((e) => console.log(e.message))`;
  const directory = openSync(dir, 'r');
  try {
    const run = spawnSync('node_modules/.bin/tsx', ['-e', script], {
      stdio: [directory, 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    expect(run.stdout).toBe('<stdin>: cannot read: is a directory; name a file\n');
  } finally {
    closeSync(directory);
  }
});

test('readWhole: an input whose first bytes are of no use is refused before more of it is read', async () => {
  const seen: number[] = [];
  const check = (head: Buffer) => {
    seen.push(head.length);
    throw new Error('no use');
  };
  await expect(readWhole('/dev/zero', undefined, { size: 4, check })).rejects.toThrow('no use');
  writeFileSync(join(dir, 'short'), 'ab');
  await expect(readWhole(join(dir, 'short'), undefined, { size: 4, check })).rejects.toThrow('no use');
  expect(seen[0]).toBeLessThanOrEqual(256 * 1024);
  expect(seen[1]).toBe(2);
});
