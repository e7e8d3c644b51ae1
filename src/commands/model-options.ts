import type { Options } from 'yargs';
import type { Args, TermList } from '../command-line/command.ts';
import type { KernelState } from '../driver-core/index.ts';
import { ModaliasError } from '../errors.ts';
import { readWhole } from '../files/read.ts';
import { BUILT_IN_MACHINES } from '../model/machines/built-in.ts';
import { kernelState } from '../model/machines/kernel-state.ts';
import { loadMachine } from '../model/machines/load-machine.ts';
import type { Program } from '../model/script/program.ts';
import { parseRecipe, recipeProgram } from '../model/script/recipe.ts';
import { knownRelease } from '../release.ts';

/** Options that select the machine and its kernel. */
export const MACHINE_OPTIONS: Readonly<Record<string, Options>> = {
  machine: {
    type: 'string',
    demandOption: true,
    defaultDescription: 'MACHINE',
    describe: 'A file of modalias vfio record, a sysfs root, or a built-in machine',
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
  const machine = await loadMachine(args.machine as string);
  const releases = listOf(args.kernel);
  if (!releases) return [kernelState(machine)];
  return releases.map((text) => kernelState(machine, knownRelease(text, warn)));
}

/** The words of an option that may be repeated, each a list with commas; undefined where it is not given. */
export function listOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return (value as readonly string[]).flatMap((list) => list.split(',')).map((word) => word.trim());
}

/** The programs in files: recipes. */
export function programsOf(paths: readonly string[]): Promise<readonly Program[]> {
  return Promise.all(paths.map(programOf));
}

async function programOf(path: string): Promise<Program> {
  const text = (await readWhole(path)).toString();
  if (/^\s*\{/.test(text)) return recipeProgram(parseRecipe(text, path));
  throw new ModaliasError('bad-json', 'expected a recipe, which is a JSON object', { file: path });
}
