import { type Ran, run } from './run.ts';

/** Seconds before each further try. A CI run has time, and nobody to start it again. */
const PAUSES: readonly number[] = process.env.CI === 'true' ? [5, 20, 60] : [3];

/** What apt says of a file or package that another try will not find either, and of a program that is not there. */
const LASTING = /\b404\b|Unable to locate package|has no installation candidate|was not found|ENOENT/;

/**
 * Runs a program that downloads something, and runs it again after a pause where it fails for a reason that may pass.
 */
export function download(
  command: string,
  args: readonly string[],
  options: { cwd?: string; pauses?: readonly number[] } = {},
): Ran {
  const { pauses = PAUSES, ...rest } = options;
  for (const seconds of pauses) {
    const ran = run(command, args, rest);
    if (ran.status === 0 || LASTING.test(ran.stderr)) return ran;
    const why = ran.stderr.trim().split('\n').at(-1) || `status ${ran.status}`;
    console.error(`   ${command} failed (${why}); again in ${seconds} s`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
  }
  return run(command, args, rest);
}
