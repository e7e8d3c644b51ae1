import { release } from 'node:os';
import { join } from 'node:path';
import type { Options } from 'yargs';
import { ModaliasError } from '../errors.ts';
import { loadAliasIndex } from '../match/load.ts';
import type { ChangeContext } from '../vfio/bind.ts';
import { modulesDirectory } from '../vfio/modules-directory.ts';
import type { ResolveContext } from '../vfio/resolve.ts';
import { type MachineRoots, readRelease } from '../vfio/roots.ts';
import { sysfsHands } from '../vfio/sysfs-hands.ts';
import { Tree } from '../vfio/tree.ts';
import type { Args } from './command.ts';

/** Options that say which machine is meant. */
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
    describe: "Go by this kernel's rules instead of the running one's",
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
};

export const STATE_OPTION: Readonly<Record<string, Options>> = {
  state: {
    type: 'string',
    default: '/run/modalias',
    defaultDescription: 'DIR',
    describe: 'Where the lock and the journals are',
  },
};

export const CHANGE_OPTIONS: Readonly<Record<string, Options>> = {
  ...STATE_OPTION,
  timeout: {
    type: 'string',
    default: '30',
    defaultDescription: 'SECONDS',
    describe: 'Wait at most this long for one write or one modprobe',
  },
  'allow-in-use': {
    type: 'boolean',
    describe: 'Move devices that are mounted, held open, the default route or the boot display too',
  },
  'dry-run': { type: 'boolean', describe: 'Print the plan and write nothing' },
};

export function rootsOf(args: Args): MachineRoots {
  const roots = { sysfs: new Tree(args.sysfs as string), proc: new Tree(args.proc as string) };
  return args.kernel === undefined ? roots : { ...roots, kernel: args.kernel as string };
}

/** Where drivers are looked up: the aliases are read when first asked for. */
export function resolveContextOf(args: Args, roots: MachineRoots): ResolveContext {
  const path = (args.modules as string | undefined) ?? join('/lib/modules', readRelease(roots).text ?? release());
  let aliases: ReturnType<typeof loadAliasIndex> | undefined;
  return {
    sysfs: roots.sysfs,
    aliases: () => {
      aliases ??= loadAliasIndex(path);
      return aliases;
    },
    modules: modulesDirectory(path),
  };
}

export function changeContextOf(args: Args, roots: MachineRoots): ChangeContext {
  const seconds = Number(args.timeout);
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw new ModaliasError(
      'usage',
      `--timeout ${args.timeout} is no number of seconds; wanted more than 0 and at most 86400`,
    );
  }
  return { roots, hands: sysfsHands(roots.sysfs, { seconds }), state: args.state as string };
}
