import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Tree } from '../../src/vfio/sysfs/tree.ts';
import { buildRoot, type FakeRoot, type MachineDescription, readMachine } from '../fake-root.ts';

export interface TestRoot extends FakeRoot {
  readonly roots: { readonly sysfs: Tree; readonly proc: Tree };
}

/** Memory where there is some: thousands of small files and synced journal lines are slow on a disk. */
const scratch = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

/** A fake root of a recorded machine that is gone after the test, or when the caller runs what it is given. */
export function machineRoot(
  machine: string | MachineDescription,
  atEnd: (remove: () => void) => void = onTestFinished,
): TestRoot {
  const directory = fs.mkdtempSync(path.join(scratch, 'modalias-machine-'));
  atEnd(() => fs.rmSync(directory, { recursive: true, force: true }));
  const root = buildRoot(typeof machine === 'string' ? readMachine(machine) : machine, directory);
  return { ...root, roots: { sysfs: new Tree(root.sysfs), proc: new Tree(root.proc) } };
}
