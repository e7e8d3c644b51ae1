import { ModaliasError } from '../errors.ts';
import { type FoundJournal, readJournals } from '../vfio/journal.ts';
import { readMachine } from '../vfio/machine.ts';
import { planBind } from '../vfio/plan.ts';
import type { Plan } from '../vfio/plan-types.ts';
import { type Prepared, prepareBind } from '../vfio/prepare.ts';
import type { MachineRoots } from '../vfio/roots.ts';
import type { Args } from './command.ts';
import { printDiagnostics } from './output.ts';
import { resolveContextOf } from './vfio-options.ts';

/** The plan that the arguments ask for; null, and said why, where a device has no driver. */
export async function makePlan(args: Args, roots: MachineRoots): Promise<Plan | null> {
  const prepared = await prepareArguments(args, roots);
  if (prepared === null) return null;
  const machine = readMachine(roots, prepared.targets);
  return planBind(machine, prepared.requests, { allowInUse: args.allowInUse === true });
}

/** The devices and drivers that the arguments ask for; null, and said why, where a device has no driver. */
export async function prepareArguments(args: Args, roots: MachineRoots): Promise<Prepared | null> {
  offerRestore(args.state as string);
  const driver = args.driver as string | undefined;
  const prepared = await prepareBind(roots, resolveContextOf(args, roots), args.device as string[], {
    wholeGroup: args.wholeGroup === true,
    ...(driver === undefined ? {} : { driver }),
  });
  printDiagnostics(prepared.notes.map((message) => ({ code: 'device', severity: 'note', message })));
  printDiagnostics(prepared.problems.map((message) => ({ code: 'no-driver', severity: 'error', message })));
  return prepared.problems.length > 0 ? null : prepared;
}

/** Says that an earlier run was cut short. Journals that this user may not read are root's business. */
function offerRestore(state: string): void {
  let unfinished: readonly FoundJournal[] = [];
  try {
    unfinished = readJournals(state).filter((journal) => journal.state !== 'bound');
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
  }
  printDiagnostics(
    unfinished.map(({ file, state: how, devices }) => ({
      code: 'unfinished',
      severity: 'warning',
      file,
      message: `an earlier run ${how === 'interrupted' ? 'was interrupted' : 'could not be rolled back'}; bring its devices back with: modalias vfio restore ${devices.map(({ name }) => name).join(' ')}`,
    })),
  );
}
