import type { Options } from 'yargs';
import { latin1 } from '../binary/reader.ts';
import type { Args, TermList } from '../command-line/command.ts';
import type { KernelState } from '../driver-core/index.ts';
import { ModaliasError } from '../errors.ts';
import { readWhole } from '../files/read.ts';
import { openAliasIndex } from '../lookup/load.ts';
import { BUILT_IN_MACHINES } from '../model/machines/built-in.ts';
import { kernelState } from '../model/machines/kernel-state.ts';
import { loadMachine } from '../model/machines/load-machine.ts';
import type { Program } from '../model/script/program.ts';
import { readProgram } from '../model/script/read-program.ts';
import { knownRelease } from '../release.ts';

/** Options that select the machine and its kernel. */
export const MACHINE_OPTIONS: Readonly<Record<string, Options>> = {
  machine: {
    type: 'string',
    defaultDescription: 'MACHINE',
    describe: 'A file of modalias vfio record, a sysfs root, or a built-in machine',
  },
  modules: {
    alias: 'm',
    type: 'string',
    defaultDescription: 'PATH',
    describe:
      "Modules directory, modules.alias or modules.alias.bin that says which drivers match the machine's devices",
  },
  kernel: {
    type: 'string',
    array: true,
    defaultDescription: 'RELEASE,..',
    describe: "Use the rules of these kernel releases instead of the machine's",
  },
};

export const MACHINES_LIST: TermList = {
  title: 'Built-in machines',
  entries: Object.entries(BUILT_IN_MACHINES).map(([name, { about }]) => [name, about]),
};

/** The machine that --machine names, once for each kernel of --kernel. */
export async function machinesOf(args: Args, warn: (message: string) => void): Promise<readonly KernelState[]> {
  const index = args.modules === undefined ? undefined : openAliasIndex(args.modules as string, { expected: 'few' });
  const machine = await loadMachine(args.machine as string, {
    modulesFor: index && ((modalias) => [...new Set(index.lookup(modalias).map(({ module }) => module))]),
  });
  const releases = listOf(args.kernel);
  if (!releases) return [kernelState(machine)];
  return releases.map((text) => kernelState(machine, knownRelease(text, warn)));
}

/** The words of an option that may be repeated, each a list with commas; undefined where it is not given. */
export function listOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return (value as readonly string[]).flatMap((list) => list.split(',')).map((word) => word.trim());
}

/** Options that say how scripts are run. */
export const SCRIPT_OPTIONS: Readonly<Record<string, Options>> = {
  args: {
    type: 'string',
    defaultDescription: 'WORDS',
    describe: 'Arguments of the scripts, $1 and so on, separated by blanks',
  },
  env: {
    type: 'string',
    array: true,
    defaultDescription: 'NAME=VALUE',
    describe: 'A variable in the environment of the scripts',
  },
};

/** The programs in files: scripts and recipes. */
export function programsOf(paths: readonly string[], args: Args): Promise<readonly Program[]> {
  const words = ((args.args as string | undefined) ?? '').split(/\s+/).filter((word) => word !== '');
  const environment = Object.fromEntries(((args.env as readonly string[] | undefined) ?? []).map(variableOf));
  return Promise.all(
    paths.map(async (path) => readProgram(latin1(await readWhole(path)), path, { words, environment })),
  );
}

function variableOf(text: string): [name: string, value: string] {
  const m = /^([A-Za-z_]\w*)=(.*)$/s.exec(text);
  if (!m) throw new ModaliasError('usage', `model: --env: found '${text}', expected NAME=VALUE`);
  return [m[1]!, m[2]!];
}
