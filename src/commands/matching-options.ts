import type { Options } from 'yargs';
import type { Args } from '../command-line/command.ts';
import { printDiagnostics } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import type { AliasIndex } from '../lookup/alias-index.ts';
import type { Expected } from '../lookup/alias-source.ts';
import { openAliasIndex, runningModules } from '../lookup/load.ts';
import { RANKS } from '../match/match.ts';
import { CONFIG_OPTION, configOf } from './config-option.ts';

/** Options of the commands that look up modaliases. */
export const MATCHING_OPTIONS: Readonly<Record<string, Options>> = {
  modules: {
    alias: 'm',
    type: 'string',
    defaultDescription: 'PATH',
    describe: "Modules directory, modules.alias or modules.alias.bin; default: the running kernel's directory",
  },
  ...CONFIG_OPTION,
  prefix: { type: 'string', defaultDescription: 'NAME', describe: 'Look for override aliases, such as vfio' },
  rank: { choices: RANKS, default: 'specific', describe: 'Rule that picks the best match' },
};

/** Where to read the modalias of a device that is given by its address. */
export const SYSFS_OPTION: Readonly<Record<string, Options>> = {
  sysfs: {
    type: 'string',
    default: '/sys',
    defaultDescription: 'ROOT',
    describe: 'Find devices in this sysfs instead of /sys',
  },
};

/** Opens what the options name. With `--modules` nothing of this system is read unless `--config` says so. */
export function openFor(args: Args, expected: Expected): AliasIndex {
  const modules = args.modules as string | undefined;
  if (modules === '') throw new ModaliasError('usage', '--modules is given without a value');
  return openAliasIndex(modules ?? runningModules(), {
    expected,
    diagnose: (diagnostic) => printDiagnostics([diagnostic]),
    ...configOf(args),
  });
}
