import type { Options } from 'yargs';
import type { Args } from '../command-line/command.ts';
import { ModaliasError } from '../errors.ts';

const MOST = 64;

/** The option of commands that read many modules. It affects the run time, never the output. */
export const WORKERS_OPTION: Options = {
  type: 'number',
  defaultDescription: 'N',
  describe: 'Number of modules to read in parallel; does not affect the output',
};

/** The number of workers asked for, undefined if none was. Throws `usage` unless it is a whole number from 1 to 64. */
export function workerCount(args: Args): number | undefined {
  const count = args.workers as number | undefined;
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= MOST))
    throw new ModaliasError('usage', `--workers: found ${count}, expected a whole number from 1 to ${MOST}`);
  return count;
}
