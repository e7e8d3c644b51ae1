import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { download } from '../../scripts/debian/download.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'modalias-download-'));
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

/** Runs a shell script that counts its runs in `$n`, and answers with its last status and their number. */
function tries(script: string, pauses: readonly number[]): { status: number; runs: number } {
  const counting = `echo >> runs; n=$(wc -l < runs); ${script}`;
  const { status } = download('sh', ['-c', counting], { cwd: dir, pauses });
  return { status, runs: readFileSync(join(dir, 'runs'), 'utf8').length };
}

test('download tries again until the program succeeds', () => {
  expect(tries('[ $n = 3 ]', [0, 0, 0])).toEqual({ status: 0, runs: 3 });
  expect(console.error).toHaveBeenLastCalledWith('   sh failed (status 1); again in 0 s');
});

test('download gives the last failure when no pause is left', () => {
  expect(tries('exit $n', [0, 0])).toEqual({ status: 3, runs: 3 });
});

test('download does not try again for what is not there', () => {
  const missing = "echo 'E: Failed to fetch http://mirror/a.deb  404  Not Found' >&2; exit 100";
  expect(tries(missing, [0, 0])).toEqual({ status: 100, runs: 1 });
  expect(download(join(dir, 'none'), [], { pauses: [3600] }).status).toBe(127);
  expect(existsSync(join(dir, 'none'))).toBe(false);
});
