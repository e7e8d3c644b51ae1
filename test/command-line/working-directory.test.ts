import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

test('a deleted working directory is said in one line, with exit status 2', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-gone-'));
  const line = `cd '${folder}' && rmdir '${folder}' && '${process.execPath}' '${resolve('dist/cli.js')}' lookup x`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr: 'modalias: error: the working directory was deleted; change to one that exists and try again\n',
  });
});
