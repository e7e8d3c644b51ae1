import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDepmodConfigFiles } from '../../src/config/depmod-config-files.ts';
import { readIfThere, readInDirectory } from '../../src/files/read-sync.ts';
import { cli } from '../support/cli.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-read-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const pipeAt = (path: string) => execFileSync('mkfifo', [join(dir, path)]);

describe('readInDirectory', () => {
  test('readInDirectory gives the bytes of a file, none for /dev/null, undefined where there is no file', () => {
    writeFileSync(join(dir, 'a'), 'x');
    symlinkSync('/dev/null', join(dir, 'masked'));
    expect(readInDirectory(join(dir, 'a'))?.toString()).toBe('x');
    expect(readInDirectory(join(dir, 'masked'))?.length).toBe(0);
    expect(readInDirectory(join(dir, 'b'))).toBeUndefined();
  });

  test('readInDirectory refuses a named pipe without waiting for its writer', () => {
    pipeAt('modules.alias');
    expect(() => readInDirectory(join(dir, 'modules.alias'))).toThrow(/modules\.alias: is a named pipe; expected a/);
  });

  test.each([readInDirectory, readIfThere])('%o stops at a device that never ends after a mebibyte', (read) => {
    expect(() => read('/dev/zero')).toThrow('/dev/zero: larger than the limit of 1048576 bytes');
  });
});

test('readDepmodConfigFiles goes on without a named pipe of a directory', () => {
  pipeAt('a.conf');
  expect(readDepmodConfigFiles([dir])).toMatchObject({
    files: [],
    diagnostics: [{ code: 'unreadable', message: expect.stringContaining('is a named pipe') }],
  });
});

describe('readInDirectory: a named pipe among the files of a modules directory', () => {
  test.each(['modules.alias', 'modules.alias.bin', 'modules.order', 'modules.builtin.modinfo'])(
    'verify and build refuse %s at once',
    (name) => {
      mkdirSync(join(dir, 'kernel'));
      writeFileSync(join(dir, 'kernel/a.ko'), '');
      pipeAt(name);
      const commands = name.startsWith('modules.alias') ? ['verify'] : ['verify', 'build'];
      for (const command of commands)
        expect(cli([command, dir, '--depmod-config', 'none'])).toMatchObject({
          status: 2,
          stderr: expect.stringContaining(`${name}: is a named pipe; expected a regular file`),
        });
    },
  );

  test.each(['modules.alias', 'modules.alias.bin', 'modules.dep.bin'])('lookup refuses %s at once', (name) => {
    if (name === 'modules.dep.bin') writeFileSync(join(dir, 'modules.alias'), 'alias pci:* m\n');
    pipeAt(name);
    expect(cli(['lookup', '-m', dir, 'e1000e'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${name}: is a named pipe`),
    });
  });
});

test.each([
  'lookup -m FILE/x pci:x',
  'explain -m FILE/x pci:x',
  'diff FILE/x FILE/y',
  'verify FILE/x',
  'lint FILE/x',
  'build FILE/x',
  'extract FILE/x',
])('readInDirectory: a path through a file cannot be read: %s', (command) => {
  writeFileSync(join(dir, 'file'), '');
  const { status, stderr } = cli(command.replaceAll('FILE', join(dir, 'file')).split(' '));
  expect([status, stderr.split('\n')[0]]).toEqual([
    2,
    expect.stringMatching(
      /^modalias: error: .*file\/[xy]: cannot (read|search for modules): a part of the path is not/,
    ),
  ]);
});

test('readInDirectory refuses a socket in the place of a file', async () => {
  const server = createServer().listen(join(dir, 's'));
  await once(server, 'listening');
  try {
    expect(() => readInDirectory(join(dir, 's'))).toThrow('s: cannot read: is a socket, or a device that is not there');
  } finally {
    server.close();
  }
});
