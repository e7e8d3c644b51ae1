import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFiles, writeWhole } from '../../src/files/write.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-write-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('writeWhole: text is written one byte a character and nothing else is left in the directory', async () => {
  await writeWhole(join(dir, 'a'), 'alias dmi:\xe9* m\n');
  expect([...readFileSync(join(dir, 'a'))].slice(10, 12)).toEqual([0xe9, 0x2a]);
  expect(readdirSync(dir)).toEqual(['a']);
});

test('writeWhole: an existing file keeps its mode, a symbolic link stays one', async () => {
  writeFileSync(join(dir, 'real'), 'old');
  chmodSync(join(dir, 'real'), 0o640);
  symlinkSync('real', join(dir, 'link'));
  await writeWhole(join(dir, 'link'), 'new');
  expect(readFileSync(join(dir, 'real'), 'utf8')).toBe('new');
  expect(statSync(join(dir, 'real')).mode & 0o777).toBe(0o640);
  expect(readdirSync(dir).sort()).toEqual(['link', 'real']);
});

test('writeWhole: a link to a file that is not there yet makes that file; links in a circle are refused', async () => {
  mkdirSync(join(dir, 'sub'));
  symlinkSync('sub/next', join(dir, 'link'));
  symlinkSync('new', join(dir, 'sub/next'));
  await writeWhole(join(dir, 'link'), 'x');
  expect(readFileSync(join(dir, 'sub/new'), 'utf8')).toBe('x');
  expect(readFileSync(join(dir, 'link'), 'utf8')).toBe('x');
  expect(readdirSync(join(dir, 'sub')).sort()).toEqual(['new', 'next']);
  symlinkSync('circle', join(dir, 'circle'));
  await expect(writeWhole(join(dir, 'circle'), 'x')).rejects.toMatchObject({ code: 'unwritable' });
});

test('writeWhole follows 40 links to a file that is not there yet, as the kernel does, and no more', async () => {
  for (let i = 1; i <= 41; i++) symlinkSync(`${i - 1}`, join(dir, `${i}`));
  await expect(writeWhole(join(dir, '41'), 'x')).rejects.toThrow(/too many/);
  expect(() => writeFileSync(join(dir, '41'), 'x')).toThrow('ELOOP');
  await writeWhole(join(dir, '40'), 'x');
  rmSync(join(dir, '0'));
  writeFileSync(join(dir, '40'), 'y');
  expect(readFileSync(join(dir, '0'), 'utf8')).toBe('y');
});

test.each(['/dev/fd/', '/proc/self/fd/'])(
  'writeWhole: a file that is open already (%sN) is not replaced',
  async (fds) => {
    const open = openSync(join(dir, 'log'), 'w');
    writeSync(open, 'before ');
    await writeWhole(`${fds}${open}`, 'x');
    writeSync(open, ' after');
    closeSync(open);
    expect(readFileSync(join(dir, 'log'), 'utf8')).toBe('before x after');
  },
);

test('writeWhole: a device is written in place', async () => {
  await writeWhole('/dev/null', 'x');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

test.each([
  ['a directory', (d: string) => d, 'is a directory'],
  ['a missing directory', (d: string) => join(d, 'no', 'a'), 'no such file or directory'],
])('writeWhole: %s is refused as unwritable', async (_, path, reason) => {
  await expect(writeWhole(path(dir), 'x')).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining(reason),
  });
  expect(readdirSync(dir)).toEqual([]);
});

test('writeFiles: when one target cannot be written no other has changed', async () => {
  writeFileSync(join(dir, 'a'), 'old a');
  await expect(
    writeFiles([
      { path: join(dir, 'a'), data: 'new a' },
      { path: join(dir, 'new'), data: 'b' },
      { path: join(dir, 'missing', 'b'), data: 'b' },
    ]),
  ).rejects.toMatchObject({ code: 'unwritable' });
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('old a');
  expect(readdirSync(dir)).toEqual(['a']);
});

/**
 * Makes a directory of the target's name as soon as its temporary file is there, which is before any rename: that of
 * this target fails.
 */
function turnIntoDirectory(name: string): void {
  if (readdirSync(dir).some((entry) => entry.startsWith(`.${name}.`))) mkdirSync(join(dir, name));
  else setImmediate(turnIntoDirectory, name);
}

test('writeFiles: when a later rename fails the earlier ones are undone, and what comes after is not begun', async () => {
  writeFileSync(join(dir, 'a'), 'old a');
  writeFileSync(join(dir, 'z'), 'old z');
  const before = statSync(join(dir, 'a')).ino;
  setImmediate(turnIntoDirectory, 'late');
  const files = ['a', 'new', 'late', 'z'].map((name) => ({ path: join(dir, name), data: `new ${name}` }));
  await expect(writeFiles(files)).rejects.toMatchObject({
    code: 'unwritable',
    place: { file: join(dir, 'late') },
    cause: { syscall: 'rename', code: 'EISDIR' },
  });
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('old a');
  expect(statSync(join(dir, 'a')).ino).toBe(before);
  expect(readFileSync(join(dir, 'z'), 'utf8')).toBe('old z');
  expect(readdirSync(dir).sort()).toEqual(['a', 'late', 'z']);
});

test('writeFiles: several files are replaced together', async () => {
  writeFileSync(join(dir, 'a'), 'old a');
  await writeFiles([
    { path: join(dir, 'a'), data: 'A' },
    { path: join(dir, 'b'), data: Uint8Array.of(0, 255) },
  ]);
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('A');
  expect([...readFileSync(join(dir, 'b'))]).toEqual([0, 255]);
  expect(readdirSync(dir).sort()).toEqual(['a', 'b']);
});
