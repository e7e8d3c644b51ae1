import { spawnSync } from 'node:child_process';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The machine lacks what a script needs: says so and exits 2, which says nothing about the project. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program in the C locale and waits; its output is read as latin1. A program that is not there is status 127.
 */
export function run(command: string, args: readonly string[], options: { cwd?: string; input?: string } = {}): Ran {
  const result = spawnSync(command, args, {
    ...options,
    encoding: 'latin1',
    maxBuffer: 1 << 30,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  });
  const stderr = result.error ? result.error.message : result.stderr;
  return { status: result.status ?? (result.error ? 127 : 128), stdout: result.stdout ?? '', stderr };
}

/** Like `run`, for programs that must succeed. */
export function mustRun(
  command: string,
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
): string {
  const { status, stdout, stderr } = run(command, args, options);
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: exit ${status}: ${stderr.trim().split('\n').slice(-3).join(' / ')}`);
}

/** The options of a script; where they are not as it has them it says so and exits 2. */
export function scriptOptions<T extends NonNullable<ParseArgsConfig['options']>>(name: string, options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`);
    process.exit(2);
  }
}

/** Counts from the call on: gives the time since, as `12 s`. */
export function stopwatch(): () => string {
  const started = Date.now();
  return () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
}

/**
 * Runs the steps of a script, which give whether all went well, or the exit status: prints what it could not do, and
 * exits 2 where the machine is at fault.
 */
export async function script(main: () => Promise<boolean | number>): Promise<void> {
  try {
    const outcome = await main();
    process.exitCode = typeof outcome === 'number' ? outcome : outcome ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    console.error(`cannot run: ${error.message}`);
    process.exitCode = 2;
  }
}
