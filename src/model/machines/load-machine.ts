import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { needText } from '../../arguments.ts';
import { ModaliasError } from '../../errors.ts';
import { readWhole } from '../../files/read.ts';
import { didYouMean } from '../../nearest.ts';
import { Tree } from '../../vfio/sysfs/tree.ts';
import { IDENTITIES, type Identity } from './anonymous.ts';
import { BUILT_IN_MACHINES } from './built-in.ts';
import type { MachineDescription } from './description.ts';
import { parseMachine } from './read-description.ts';
import { recordMachine } from './record.ts';

/** How a machine is found. */
export interface MachineOptions {
  /** proc of a machine that is given as its sysfs; by default `proc` beside it. */
  readonly proc?: string | undefined;
  /** The modules that the kernel's own files name for a modalias. Default: what the machine says. */
  readonly modulesFor?: ((modalias: string) => readonly string[]) | undefined;
}

/**
 * The machine of a name: a built-in one, a file that `modalias vfio record` wrote, or a directory that is a sysfs (or
 * holds one as `sys`). Throws `usage` for anything else, and what reading a file throws.
 */
export async function loadMachine(
  name: string,
  { proc, modulesFor }: MachineOptions = {},
): Promise<MachineDescription> {
  needText('name', name);
  const built = Object.hasOwn(BUILT_IN_MACHINES, name) ? BUILT_IN_MACHINES[name]!.machine : undefined;
  const machine = built ?? (await machineAt(name, proc));
  if (!modulesFor) return machine;
  const modaliases = new Set(
    machine.devices.flatMap(({ bus, attributes = {} }) => (bus.includes('/') ? [] : (attributes.modalias ?? []))),
  );
  return { ...machine, aliases: Object.fromEntries([...modaliases].map((one) => [one, [...modulesFor(one)]])) };
}

async function machineAt(path: string, proc: string | undefined): Promise<MachineDescription> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat && path !== '-') {
    const names = Object.keys(BUILT_IN_MACHINES);
    throw new ModaliasError(
      'usage',
      `--machine: '${path}' is neither a file nor a directory nor one of ${names.join(', ')}${didYouMean(path, names)}`,
    );
  }
  if (!stat?.isDirectory()) return parseMachine((await readWhole(path)).toString(), path);
  const sysfs = existsSync(join(path, 'sys/bus')) ? join(path, 'sys') : path;
  if (!existsSync(join(sysfs, 'bus')))
    throw new ModaliasError('no-root', 'expected a sysfs, or a directory with sys and proc in it', { file: path });
  return recordMachine(
    { sysfs: new Tree(sysfs), proc: new Tree(proc ?? join(sysfs, '../proc')) },
    { name: path, keep: new Set(Object.keys(IDENTITIES) as Identity[]) },
  );
}
