import fs from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { Options } from 'yargs';
import type { Args } from '../command-line/command.ts';
import { ModaliasError } from '../errors.ts';
import type { AliasIndex } from '../lookup/alias-index.ts';
import type { LoadOptions } from '../lookup/load.ts';
import { RANKS, type Rank } from '../match/match.ts';
import { knownRelease } from '../release.ts';
import type { ChangeContext } from '../vfio/change/bind.ts';
import type { ResolveContext } from '../vfio/resolve/resolve.ts';
import { type MachineRoots, readRelease } from '../vfio/sysfs/roots.ts';
import { Tree } from '../vfio/sysfs/tree.ts';

/** Options that select the machine. */
export const ROOT_OPTIONS: Readonly<Record<string, Options>> = {
  sysfs: {
    type: 'string',
    default: '/sys',
    defaultDescription: 'ROOT',
    describe: 'Read (and write) this sysfs instead of /sys',
  },
  proc: { type: 'string', default: '/proc', defaultDescription: 'ROOT', describe: 'Read this proc instead of /proc' },
  kernel: {
    type: 'string',
    defaultDescription: 'RELEASE',
    describe: "Use the rules of this kernel release, such as 6.12 or 6.12.9, instead of the running kernel's",
  },
  json: { type: 'boolean', describe: 'Print JSON' },
};

export const MODULES_OPTION: Readonly<Record<string, Options>> = {
  modules: {
    alias: 'm',
    type: 'string',
    defaultDescription: 'PATH',
    describe: "Modules directory, modules.alias or modules.alias.bin (default: the kernel's under /lib/modules)",
  },
  rank: { choices: RANKS, default: 'specific', describe: 'Rule that picks the best of several matches' },
};

export const STATE_OPTION: Readonly<Record<string, Options>> = {
  state: {
    type: 'string',
    default: '/run/modalias',
    defaultDescription: 'DIR',
    describe: 'Directory of the lock and the journals',
  },
};

export const CHANGE_OPTIONS: Readonly<Record<string, Options>> = {
  ...STATE_OPTION,
  timeout: {
    type: 'string',
    default: '30',
    defaultDescription: 'SECONDS',
    describe: 'Limit in seconds on a single write, modprobe or wait for virtual functions',
  },
  'allow-in-use': {
    type: 'boolean',
    describe:
      'Also move devices in use: mounted, held open, with a route or connection, the console or the only keyboard',
  },
  'dry-run': { type: 'boolean', describe: 'Print the plan and write nothing' },
};

/**
 * The roots that the options name. `onNewer` is called if --kernel is newer than all known rules; plans report that
 * themselves.
 */
export function rootsOf(args: Args, onNewer: (message: string) => void = () => {}): MachineRoots {
  for (const name of ['sysfs', 'proc', 'state', 'modules', 'driver', 'kernel'])
    if (args[name] === '') throw new ModaliasError('usage', `--${name} is given without a value`);
  if (args.kernel !== undefined) knownRelease(args.kernel as string, onNewer);
  const roots = { sysfs: new Tree(args.sysfs as string), proc: new Tree(args.proc as string) };
  return args.kernel === undefined ? roots : { ...roots, release: args.kernel as string };
}

/** Where drivers are looked up: aliases and configuration are read on first use. */
export function resolveContextOf(
  args: Args,
  roots: MachineRoots,
  config: Pick<LoadOptions, 'config' | 'commandLine'> = {},
): ResolveContext {
  const path = (args.modules as string | undefined) ?? defaultModules(roots);
  let aliases: Promise<AliasIndex> | undefined;
  return {
    sysfs: roots.sysfs,
    aliases: () => {
      aliases ??= import('../lookup/load.ts').then(({ openAliasIndex }) =>
        openAliasIndex(path, { expected: 'few', ...config }),
      );
      return aliases;
    },
    modules: modulesDirectory(path),
    rank: (args.rank as Rank | undefined) ?? 'specific',
  };
}

/** The modules of the kernel that proc names; with --proc it may be another machine's. */
function defaultModules(roots: MachineRoots): string {
  const { text } = readRelease(roots);
  return join('/lib/modules', text === null || text.includes('/') ? release() : text);
}

export async function changeContextOf(args: Args, roots: MachineRoots): Promise<ChangeContext> {
  const seconds = /^\d+(?:\.\d+)?$/.test(args.timeout as string) ? Number(args.timeout) : 0;
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw new ModaliasError(
      'usage',
      `--timeout '${args.timeout}' is not a number of seconds; expected more than 0 and at most 86400`,
    );
  }
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
  const { sysfsHands } = await import('../vfio/change/sysfs-hands.ts');
  return {
    roots,
    hands: sysfsHands(roots.sysfs, { seconds }),
    state: args.state as string,
    signal: interrupt.signal,
    seconds,
  };
}

/** The modules directory that -m names: itself, or the one that holds the alias file. Null if there is none. */
function modulesDirectory(at: string): string | null {
  try {
    return fs.statSync(at).isDirectory() ? at : dirname(at);
  } catch {
    return null;
  }
}
