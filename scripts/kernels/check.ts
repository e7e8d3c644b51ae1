import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Kernel } from '../debian/kernel.ts';

/** What a check found wrong, and what it looked at. */
export interface CheckResult {
  readonly failures: readonly string[];
  /** The figure of the `ok` line: what was compared, how many of it. */
  readonly figure: string;
}

/**
 * A claim about this project that a real kernel can contradict. `work` is an empty folder on the kernel's file system.
 */
export interface Check {
  readonly name: string;
  run(kernel: Kernel, work: string): Promise<CheckResult>;
}

export interface CliResult {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs the built command line. */
export function cli(
  args: readonly string[],
  options: { input?: Uint8Array | string; env?: NodeJS.ProcessEnv } = {},
): CliResult {
  const { input, env } = options;
  const result = spawnSync(process.execPath, ['dist/cli.js', ...args], {
    ...(input === undefined ? {} : { input }),
    env: { ...process.env, ...env },
    maxBuffer: 1 << 30,
  });
  if (result.error) throw result.error;
  return { status: result.status ?? 128, stdout: result.stdout, stderr: result.stderr.toString('latin1') };
}

/** Like `cli`, for commands that must exit 0. */
export function mustCli(
  args: readonly string[],
  options: { input?: Uint8Array | string; env?: NodeJS.ProcessEnv } = {},
): Buffer {
  const { status, stdout, stderr } = cli(args, options);
  if (status === 0) return stdout;
  throw new Error(`modalias ${args.join(' ')}: exit ${status}: ${stderr.trim().split('\n').slice(0, 3).join(' / ')}`);
}

/** Runs a check in a folder of its own; what it throws is a failure. Prints `ok` or `FAIL`. */
export async function runCheck(check: Check, kernel: Kernel): Promise<boolean> {
  const work = mkdtempSync(path.join(kernel.folder, 'check-'));
  try {
    const { failures, figure } = await check
      .run(kernel, work)
      .catch((error: Error) => ({ failures: [error.message], figure: '' }));
    for (const failure of failures.slice(0, 10)) console.log(`FAIL ${kernel.name} ${check.name}: ${failure}`);
    if (failures.length > 10) console.log(`FAIL ${kernel.name} ${check.name}: and ${failures.length - 10} more`);
    if (failures.length === 0) console.log(`ok ${kernel.name} ${check.name}: ${figure}`);
    return failures.length === 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
