import { needList, needObject } from '../../arguments.ts';
import { ModaliasError } from '../../errors.ts';
import { beginJournal, howItEnded, readUnfinished } from '../journal/journal.ts';
import { functionPaths, type JournalDevice } from '../journal/journal-format.ts';
import { lockOwner, takeLock } from '../journal/lock.ts';
import { readMachine } from '../plan/machine.ts';
import { type BindRequest, type PlanOptions, planBind } from '../plan/plan.ts';
import type { Plan, Step } from '../plan/plan-types.ts';
import type { Device } from '../sysfs/device.ts';
import { type MachineRoots, readBoot } from '../sysfs/roots.ts';
import { type ApplyResult, applyPlan } from './apply.ts';
import type { Hands } from './hands.ts';
import { lostFunctions, withLost } from './lost-functions.ts';

/** What a change to the machine needs. */
export interface ChangeContext {
  readonly roots: MachineRoots;
  readonly hands: Hands;
  /** Directory of the lock and the journals. */
  readonly state: string;
  /** On abort, the current step is the last; what was done is rolled back. Default: never. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each step. Default: none. */
  readonly progress?: ((step: Step) => void) | undefined;
  /** Longest wait for virtual functions to appear or go away. Default: 30. */
  readonly seconds?: number | undefined;
}

/** The outcome of a change. `result` is null if there was nothing to do, or the plan is blocked and was not begun. */
export interface Change {
  readonly plan: Plan;
  readonly result: ApplyResult | null;
  /** What rolling back does not bring back: virtual functions that a driver removed. Absent for nothing. */
  readonly lost?: readonly string[];
}

/**
 * The plan that `bindDevices` would apply, without taking the lock or writing. Throws the same errors except `locked`.
 */
export function planBindDevices(
  context: Pick<ChangeContext, 'roots' | 'state'>,
  targets: readonly Device[],
  requests: readonly BindRequest[],
  options: PlanOptions = {},
): Change {
  needObject('context', context, 'roots', 'state');
  const { roots, state } = context;
  needList('targets', targets, 'path');
  needList('requests', requests);
  needObject('options', options);
  refuseUnfinished(state, targets, readBoot(roots.proc));
  return { plan: planBind(readMachine(roots, targets), requests, options), result: null };
}

/**
 * Binds devices as one transaction: under the lock, journalled, all or nothing. A plan that is not runnable is not
 * begun; one that somebody else overtakes before it has moved a device is made again. Throws `locked`,
 * `state-directory`, and `unfinished` if an earlier run left one of the devices half-way.
 */
export async function bindDevices(
  context: ChangeContext,
  targets: readonly Device[],
  requests: readonly BindRequest[],
  options: PlanOptions = {},
): Promise<Change> {
  needObject('context', context, 'roots', 'hands', 'state');
  needList('targets', targets, 'path');
  needList('requests', requests);
  needObject('options', options);
  const { roots, state } = context;
  const lock = takeLock(state);
  try {
    const boot = readBoot(roots.proc);
    refuseUnfinished(state, targets, boot);
    for (let attempt = 1; ; attempt++) {
      const change = await bindOnce(context, boot, targets, requests, options);
      if (attempt === ATTEMPTS || !change.result?.failure?.outdated) return change;
      roots.sysfs.forget();
    }
  } finally {
    lock.release();
  }
}

/** How often a plan is made where somebody else moves the devices before it is run: at boot udev binds one by one. */
const ATTEMPTS = 5;

async function bindOnce(
  context: ChangeContext,
  boot: string | null,
  targets: readonly Device[],
  requests: readonly BindRequest[],
  options: PlanOptions,
): Promise<Change> {
  const { roots, hands, state } = context;
  const machine = readMachine(roots, targets);
  const plan = planBind(machine, requests, options);
  if (!plan.runnable || plan.devices.every(({ already }) => already)) return { plan, result: null };
  const devices = journalDevices(plan).map((device) => withLost(machine, device));
  const journal = beginJournal(state, boot, devices);
  try {
    const result = await applyPlan(plan, { ...context, sysfs: roots.sysfs, hands, journal });
    if (result.state === 'done') return { plan, result };
    if (result.state === 'rolled-back') journal.remove();
    return { plan, result, lost: devices.flatMap((device) => lostFunctions(roots.sysfs, device)) };
  } finally {
    journal.close();
  }
}

/** The journal's entries for the devices that a plan moves; a virtual function is in that of its physical one. */
export function journalDevices(plan: Plan): JournalDevice[] {
  return plan.devices.flatMap(({ name, bus, path, modalias, before, beforeModule, after, already, physfn }) =>
    already || physfn !== null ? [] : { name, bus, path, modalias, before, beforeModule, after },
  );
}

function refuseUnfinished(state: string, targets: readonly Device[], boot: string | null): void {
  for (const journal of readUnfinished(state, boot)) {
    const mine = journal.devices.find((device) =>
      [device.path, ...functionPaths(device)].some((path) => targets.some((target) => target.path === path)),
    );
    if (!mine) continue;
    const other = lockOwner(state);
    if (other !== null)
      throw new ModaliasError('unfinished', `process ${other} is moving devices now; wait for it to end`, {
        file: journal.file,
      });
    throw new ModaliasError(
      'unfinished',
      `an earlier run that moved ${mine.name} ${howItEnded(journal)}; restore it first: modalias vfio restore ${mine.name}`,
      { file: journal.file },
    );
  }
}
