import type { Journal } from '../journal/journal.ts';
import type { JournalLine } from '../journal/journal-format.ts';
import { isNeeded, samePlacement } from '../plan/moves.ts';
import type { MoveStep, Plan, PlannedDevice, Step } from '../plan/plan-types.ts';
import type { Tree } from '../sysfs/tree.ts';
import { currentPlacement, goneOf, isMoved, isOf, type Leftover, leftover } from './placements.ts';
import { type ApplyOptions, type Failure, type Run, record, takeStep } from './take-step.ts';

export interface ApplyResult {
  /**
   * `done`: the plan was applied. `rolled-back`: it failed and was rolled back. `incomplete`: rolling it back failed
   * too.
   */
  readonly state: 'done' | 'rolled-back' | 'incomplete';
  /** Steps of the plan that were run. */
  readonly taken: number;
  readonly failure: Failure | null;
  /** What failed while rolling back. */
  readonly rollbackFailures: readonly Failure[];
  /** Devices that are left half-way; empty unless the state is `incomplete`. */
  readonly left: readonly Leftover[];
  /**
   * Names of devices that were unplugged meanwhile: their driver_override is gone too, so there is nothing to roll
   * back.
   */
  readonly gone: readonly string[];
}

/**
 * Applies a plan as one transaction: the driver link is read back after the writes of each device; after the first
 * failure the plan's rollback undoes what was done. Never throws for an error from the kernel.
 */
export async function applyPlan(
  plan: Pick<Plan, 'devices' | 'steps' | 'rollback'>,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { journal, sysfs } = options;
  const moved = plan.devices.filter(({ already }) => !already);
  const tooLate = (changed: PlannedDevice, taken: number): ApplyResult => {
    // Nothing was moved, so what somebody else did meanwhile is not rolled back.
    record(journal, { kind: 'end', state: 'rolled-back' });
    const failure = outdated(changed, plan.steps);
    return { state: 'rolled-back', taken, failure, rollbackFailures: [], left: [], gone: goneOf(sysfs, moved) };
  };
  const changed = moved.find((device) => !samePlacement(currentPlacement(sysfs, device), device.before));
  if (changed) return tooLate(changed, 0);
  const run: Run = { ...options, written: new Map(), foreign: new Set() };
  let failure: Failure | null = null;
  let taken = 0;
  const modules = plan.steps.filter(({ op }) => op === 'modprobe').length;
  for (const step of plan.steps) {
    // Loading a module takes long enough for udev to load the native one, as at boot.
    const taker = taken > 0 && taken === modules ? moved.find((device) => isTaken(sysfs, device)) : undefined;
    if (taker) return tooLate(taker, taken);
    failure = stopped(step, options.signal) ?? recordStep(step, journal) ?? (await takeStep(step, run));
    taken++;
    if (failure) break;
  }
  // Without this line, status would report the run as interrupted.
  failure ??= plan.steps.length === 0 ? null : unrecorded(plan.steps.at(-1)!, journal, { kind: 'end', state: 'bound' });
  if (!failure) {
    return { state: 'done', taken, failure: null, rollbackFailures: [], left: [], gone: [] };
  }
  record(journal, { kind: 'rollback' });
  const rollbackFailures = await rollBack(plan.rollback, moved, failure, run);
  const pending = [failure, ...rollbackFailures].filter((one) => one.pending);
  const left = moved.flatMap((device) => leftover(run, device, pending));
  const state = left.length === 0 && pending.length === 0 ? 'rolled-back' : 'incomplete';
  record(journal, { kind: 'end', state });
  return { state, taken, failure, rollbackFailures, left, gone: goneOf(sysfs, moved) };
}

/** Whether a device that is there got another driver or override than those before and after the plan. */
function isTaken(sysfs: Tree, device: PlannedDevice): boolean {
  const { path, before, after } = device;
  if (!sysfs.exists(path)) return false;
  const now = currentPlacement(sysfs, device);
  return !samePlacement(now, before) && !samePlacement(now, { ...before, driver: after.driver });
}

function stopped(step: Step, signal?: AbortSignal): Failure | null {
  return signal?.aborted ? { step, message: 'stopped by a signal', pending: false } : null;
}

/** No step is run without its line in the journal. */
function recordStep(step: Step, journal: Journal): Failure | null {
  return unrecorded(step, journal, { kind: 'step', step });
}

function unrecorded(step: Step, journal: Journal, line: JournalLine): Failure | null {
  const reason = record(journal, line);
  if (reason === null) return null;
  return { step, message: `the journal ${journal.file} cannot be written: ${reason}`, pending: false };
}

/** How often the rollback is tried: a failed step may succeed once the others are done. */
const ATTEMPTS = 2;

/**
 * Runs the steps of a plan's rollback that have an effect, in order, even if single devices fail. One whose write is
 * still pending is left to the kernel. A failed write ends that attempt for its device, which would else
 * lose its driver with its override.
 */
async function rollBack(
  rollback: readonly MoveStep[],
  devices: readonly PlannedDevice[],
  first: Failure,
  run: Run,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const pending = () => [first, ...failures].filter((one) => one.pending);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const moved = devices.filter((device) => isMoved(run.sysfs, device, pending(), devices));
    const failed = new Set<PlannedDevice>();
    for (const step of rollback) {
      const device = devices.find((one) => isOf(step, one));
      if (!device || failed.has(device) || !run.sysfs.exists(device.path)) continue;
      // A virtual function may be there again since the attempt began.
      if (!moved.includes(device) && !(device.physfn !== null && isMoved(run.sysfs, device, pending(), devices)))
        continue;
      if (run.foreign.has(device.name) && isOfFunctions(step)) continue;
      if (!isNeeded(step, currentPlacement(run.sysfs, device), device.before)) continue;
      recordStep(step, run.journal);
      const failure = await takeStep(step, run);
      if (!failure) continue;
      failures.push(failure);
      failed.add(device);
    }
  }
  return failures;
}

/** Whether a step makes or removes virtual functions, or waits for that. */
function isOfFunctions(step: MoveStep): boolean {
  return step.op === 'functions' || (step.op === 'write' && step.path.endsWith('/sriov_numvfs'));
}

function outdated(device: PlannedDevice, steps: readonly Step[]): Failure {
  const message = `${device.name} has changed since the plan was made; make a new plan`;
  return {
    step: steps[0] ?? { op: 'verify', device: device.name, path: `${device.path}/driver`, driver: null },
    message,
    pending: false,
    outdated: true,
  };
}
