import type { Options } from 'yargs';
import type { Args } from '../command-line/command.ts';
import { printDiagnostics } from '../command-line/output.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { statIfThere } from '../files/read-sync.ts';
import type { AliasIndex } from '../lookup/alias-index.ts';
import type { Expected } from '../lookup/alias-source.ts';
import { openAliasIndex, runningModules } from '../lookup/load.ts';
import { RANKS } from '../match/match.ts';
import { CONFIG_OPTION, configOf } from './config-option.ts';
import { RELEASE_OPTION, withPackageProgress } from './package-inputs.ts';

/** Options of the commands that look up modaliases. */
export const MATCHING_OPTIONS: Readonly<Record<string, Options>> = {
  modules: {
    alias: 'm',
    type: 'string',
    array: true,
    defaultDescription: 'PATH',
    describe:
      "Modules directory, modules.alias, modules.alias.bin or package; directories and packages may be repeated and are laid over each other, the last on top. Default: the running kernel's directory",
  },
  release: RELEASE_OPTION,
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
export async function openFor(args: Args, expected: Expected): Promise<AliasIndex> {
  const inputs = (args.modules as readonly string[] | undefined) ?? [runningModules()];
  const release = args.release as string | undefined;
  if (inputs.includes('')) throw new ModaliasError('usage', '--modules is given without a value');
  const diagnose = (diagnostic: Diagnostic) => printDiagnostics([diagnostic]);
  const options = { expected, diagnose, ...configOf(args) };
  if (inputs.length === 1 && release === undefined && !mayBePackage(inputs[0]!))
    try {
      return openAliasIndex(inputs[0]!, options);
    } catch (error) {
      // On the system itself, modprobe finds nothing before depmod has run.
      if (args.modules === undefined || !(error instanceof ModaliasError) || error.code !== 'no-index') throw error;
    }
  const { loadAliasIndex } = await import('../packaging/load-aliases.ts');
  return withPackageProgress((onRead) => loadAliasIndex(inputs, { ...options, packagedRelease: release, onRead }));
}

/** Whether a path may be a package, so that it is worth loading what reads packages. */
function mayBePackage(path: string): boolean {
  return !/\.(?:alias|bin)$/.test(path) && (statIfThere(path)?.isFile() ?? false);
}
