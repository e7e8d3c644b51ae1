import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'modalias-gone-'));
afterAll(() => rmSync(root, { recursive: true }));
const aliases = join(root, 'modules.alias');
writeFileSync(aliases, 'alias pci:* m\n');
writeFileSync(join(root, 'ids.json'), '{"module":"m"}');

/** Runs the program in a directory that is deleted before it starts. */
function inDeleted(...args: readonly string[]) {
  const line = 'mkdir "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"';
  const gone = join(root, 'gone');
  const run = spawnSync('sh', ['-c', line, 'sh', gone, process.execPath, resolve('dist/start.cjs'), ...args], {
    encoding: 'utf8',
    input: 'pci:x\n',
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

test('workingDirectoryIsGone: it prevents nothing that does not need it', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(inDeleted('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  for (const args of [['--help'], ['lookup', '--help'], ['help', 'vfio', 'bind']])
    expect(inDeleted(...args)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('modalias') });
  expect(inDeleted('lookup', '-m', aliases, '-')).toEqual({ status: 0, stdout: 'm\n', stderr: '' });
  expect(inDeleted('generate', join(root, 'ids.json'))).toMatchObject({ status: 0, stderr: '' });
  expect(inDeleted('diff', aliases, aliases)).toMatchObject({ status: 0, stderr: '' });
});

test.each([
  ['lookup', '-m', 'modules.alias', 'x'],
  ['generate', 'ids.json'],
  ['generate', join(root, 'ids.json'), '-o', 'out'],
  ['verify', '.'],
  ['build', 'tree'],
  ['extract', 'a.ko'],
])('workingDirectoryIsGone: it is named where a path needs it: %s %s %s %s', (...args) => {
  const { status, stdout, stderr } = inDeleted(...args.filter((arg) => arg !== undefined));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(
    /^modalias: error: .*\nmodalias: note: the working directory was deleted; only paths that begin with \/ can be found\n$/,
  );
});
