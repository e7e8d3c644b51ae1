import { join } from 'node:path';
import type { Options } from 'yargs';
import type { Args } from '../command-line/command.ts';
import type { LoadOptions } from '../lookup/load.ts';

/** modprobe's configuration, for commands that depend on what it adds or forbids. */
export const CONFIG_OPTION: Readonly<Record<string, Options>> = {
  config: {
    type: 'string',
    array: true,
    defaultDescription: 'PATH',
    describe:
      "Directory or file of modprobe's configuration, like modprobe -C; may be repeated. Default: this system's, or none with --modules",
  },
};

/**
 * What the option asks for. With `--modules` nothing of this system is read unless `--config` says so; without it the
 * kernel's command line (that of `--proc`, where a command has it) counts beside any `--config`, as it does for
 * modprobe -C.
 */
export function configOf(args: Args): Pick<LoadOptions, 'config' | 'commandLine'> {
  const config = args.config as string[] | undefined;
  if (args.modules !== undefined) return { config };
  return { config: config ?? 'system', commandLine: join((args.proc as string | undefined) ?? '/proc', 'cmdline') };
}
