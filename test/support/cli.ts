import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** What a run of the built command line gave; the texts are latin1, one character a byte. */
export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line (`npm run build`) as a user would. */
export function cli(
  args: readonly string[],
  options: { input?: string; cwd?: string; env?: Readonly<Record<string, string>>; timeout?: number } = {},
): CliRun {
  const run = spawnSync(process.execPath, [resolve('dist/start.cjs'), ...args], {
    input: options.input ?? '',
    cwd: options.cwd,
    timeout: options.timeout,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  if (run.error) throw run.error;
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}
