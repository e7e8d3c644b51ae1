import type { Args } from '../command-line/command.ts';
import { printDiagnostics } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { type FoundJournal, howItEnded, readUnfinished } from '../vfio/journal/journal.ts';
import { lockOwner } from '../vfio/journal/lock.ts';
import { readMachine } from '../vfio/plan/machine.ts';
import { planBind } from '../vfio/plan/plan.ts';
import type { Plan } from '../vfio/plan/plan-types.ts';
import { type Prepared, prepareBind } from '../vfio/plan/prepare.ts';
import { withProblems } from '../vfio/plan/warnings.ts';
import { type PciIds, parseIds } from '../vfio/sysfs/pci-ids.ts';
import { type MachineRoots, readBoot } from '../vfio/sysfs/roots.ts';
import { resolveContextOf } from './vfio-options.ts';

/** The plan for devices and drivers; refused if a device has no driver. */
export function makePlan(args: Args, roots: MachineRoots, { targets, requests, problems }: Prepared): Plan {
  const plan = planBind(readMachine(roots, targets), requests, { allowInUse: args.allowInUse === true });
  return withProblems(plan, problems);
}

/**
 * The devices and drivers that the arguments ask for. Reports how the arguments were understood, and whether an earlier
 * run was interrupted.
 */
export async function prepareArguments(args: Args, roots: MachineRoots): Promise<Prepared> {
  offerRestore(roots, args.state as string);
  const driver = args.driver as string | undefined;
  const vfs = vfsOf(args);
  const prepared = await prepareBind(roots, resolveContextOf(args, roots), args.device as string[], {
    wholeGroup: args.wholeGroup === true,
    allFunctions: args.allFunctions === true,
    allowInUse: args.allowInUse === true,
    ids: idsOf(args),
    ...(vfs === undefined ? {} : { vfs }),
    ...(driver === undefined ? {} : { driver }),
  });
  printDiagnostics(prepared.notes.map((message) => ({ code: 'device', severity: 'note', message })));
  return prepared;
}

/** How many virtual functions --vfs asks for; they are made of the named devices alone. */
function vfsOf(args: Args): number | undefined {
  const word = args.vfs as string | undefined;
  if (word === undefined) return undefined;
  const count = /^[1-9]\d{0,4}$/.test(word) ? Number(word) : 0;
  if (count === 0 || count > 0xffff)
    throw new ModaliasError('usage', `found --vfs '${word}', expected a number from 1 to 65535`);
  for (const option of ['wholeGroup', 'allFunctions'])
    if (args[option] === true) {
      const name = option.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
      throw new ModaliasError('usage', `--vfs makes functions of the devices that are named; leave --${name} out`);
    }
  return count;
}

/** What --id says that the devices have to be; as many as there are devices, or one for all. */
function idsOf(args: Args): Partial<PciIds>[] {
  const words = (args.id as string[] | undefined) ?? [];
  const devices = (args.device as string[]).length;
  if (words.length > 1 && words.length !== devices)
    throw new ModaliasError('usage', `found ${words.length} --id for ${devices} devices, expected one for each or one`);
  return words.map((word) => {
    const ids = parseIds(word);
    if (ids) return ids;
    const expected = 'expected VENDOR:DEVICE or VENDOR:DEVICE:SUBVENDOR:SUBDEVICE, four hexadecimal digits each';
    throw new ModaliasError('usage', `found --id '${word}', ${expected}`);
  });
}

/**
 * Reports an earlier run that was interrupted, a run in progress, or a damaged journal. A directory that this user may
 * not read is ignored.
 */
function offerRestore(roots: MachineRoots, state: string): void {
  let unfinished: readonly FoundJournal[] = [];
  try {
    unfinished = readUnfinished(state, readBoot(roots.proc));
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    if (error.code === 'state-directory') return;
    printDiagnostics(error.problems.map((problem) => ({ ...problem, severity: 'warning' })));
  }
  const running = unfinished.length === 0 ? null : lockOwner(state);
  if (running !== null) {
    const message = `process ${running} is changing devices now; the output may be out of date when it ends`;
    printDiagnostics([{ code: 'running', severity: 'warning', message }]);
    return;
  }
  printDiagnostics(
    unfinished.map((journal) => ({
      code: 'unfinished',
      severity: 'warning',
      file: journal.file,
      message: `an earlier run ${howItEnded(journal)}; restore its devices with: modalias vfio restore ${journal.devices.map(({ name }) => name).join(' ')}`,
    })),
  );
}
