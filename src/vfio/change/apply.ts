import { systemReason } from '../../files/reasons.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalLine } from '../journal/journal-format.ts';
import { bindTarget, isNeeded, overrideWritten, samePlacement } from '../plan/moves.ts';
import type { MoveStep, Placement, Plan, PlannedDevice, Step } from '../plan/plan-types.ts';
import { isUnbinding, readOverride } from '../sysfs/device.ts';
import type { Tree } from '../sysfs/tree.ts';
import { bindingHint, DONE, type Hands, type Outcome, outcomeText } from './hands.ts';

/** A step that failed. */
export interface Failure {
  readonly step: Step;
  /** What happened, what it means and what to do. */
  readonly message: string;
  /** The kernel did not respond in time; it may still act. */
  readonly pending: boolean;
}

/** A device that is not where it was before the plan. */
export interface Leftover {
  readonly name: string;
  readonly path: string;
  readonly now: Placement;
  readonly before: Placement;
  /** Its unbind waits for a process that holds it. */
  readonly unbinding: boolean;
}

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

export interface ApplyOptions {
  readonly sysfs: Tree;
  readonly hands: Hands;
  /** Receives a line, synced, before each step. */
  readonly journal: Journal;
  /** On abort, the current step is the last; what was done is rolled back. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each step, for the terminal. */
  readonly progress?: ((step: Step) => void) | undefined;
}

/** The state of a run besides its options. */
interface Run extends ApplyOptions {
  /** The last override that was written to a device, by its name. */
  readonly written: Map<string, string | null>;
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
  const changed = moved.find((device) => !samePlacement(readPlacement(sysfs, device.path), device.before));
  if (changed) {
    // Nothing was begun, so what somebody else did meanwhile is not rolled back.
    record(journal, { kind: 'end', state: 'rolled-back' });
    const failure = outdated(changed, plan.steps);
    return { state: 'rolled-back', taken: 0, failure, rollbackFailures: [], left: [], gone: goneOf(sysfs, moved) };
  }
  const run: Run = { ...options, written: new Map() };
  let failure: Failure | null = null;
  let taken = 0;
  for (const step of plan.steps) {
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

function goneOf(sysfs: Tree, devices: readonly PlannedDevice[]): string[] {
  return devices.flatMap(({ name, path }) => (sysfs.exists(path) ? [] : name));
}

/** Adds a line; returns the reason in words if the write fails. */
function record(journal: Journal, line: JournalLine): string | null {
  try {
    journal.add(line);
    return null;
  } catch (error) {
    return systemReason(error);
  }
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

/** Runs one step and checks its outcome. Null on success. */
async function takeStep(step: Step, { sysfs, hands, journal, progress, written }: Run): Promise<Failure | null> {
  progress?.(step);
  const failed = (message: string, pending = false): Failure => ({ step, message, pending });
  if (step.op === 'verify') {
    const driver = sysfs.linkName(step.path) ?? null;
    if (driver === step.driver) return null;
    return failed(
      `expected ${step.device} to be bound to ${step.driver ?? 'no driver'}, but it is bound to ${driver ?? 'none'}`,
    );
  }
  const outcome = step.op === 'write' ? await write(step, sysfs, hands) : await hands.modprobe(step.module);
  record(journal, { kind: 'outcome', outcome: outcomeText(outcome) });
  if (step.op === 'modprobe') {
    if (outcome.kind !== 'ok') return failed(`modprobe ${step.module}: ${outcomeText(outcome)}`);
    sysfs.forget();
    if (sysfs.exists(`bus/${step.bus}/drivers/${step.driver}`)) return null;
    return failed(`module ${step.module} is loaded, but did not register driver '${step.driver}' on bus '${step.bus}'`);
  }
  if (outcome.kind === 'ok') {
    const override = overrideWritten(step);
    if (override !== undefined) written.set(step.device, override);
    return null;
  }
  const hint =
    outcome.kind === 'timeout'
      ? 'the kernel has not finished: a process may hold the device'
      : bindingHint(step.path, outcome.errno);
  return failed(
    `writing ${JSON.stringify(step.data)} to ${sysfs.root}/${step.path}: ${outcomeText(outcome)}${hint === null ? '' : `; ${hint}`}`,
    outcome.kind === 'timeout',
  );
}

/** One write; no `bind` for a device that the loaded module bound itself (dd.c:__driver_attach_async_helper). */
async function write(step: Extract<Step, { op: 'write' }>, sysfs: Tree, hands: Hands): Promise<Outcome> {
  const driver = bindTarget(step);
  const link = `${step.path.split('/', 2).join('/')}/devices/${step.device}/driver`;
  const already = () => sysfs.linkName(link) === driver;
  if (already()) return DONE;
  const outcome = await hands.write(step.path, step.data);
  return outcome.kind === 'failed' && BOUND.has(outcome.errno) && already() ? DONE : outcome;
}

/** The error of a bind if the device has a driver (drivers/base/bus.c:bind_store). */
const BOUND: ReadonlySet<string | null> = new Set(['EBUSY', 'ENODEV']);

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
    const moved = devices.filter((device) => isMoved(run.sysfs, device, pending()));
    const failed = new Set<PlannedDevice>();
    for (const step of rollback) {
      const device = moved.find((one) => isOf(step, one));
      if (!device || failed.has(device) || !run.sysfs.exists(device.path)) continue;
      if (!isNeeded(step, readPlacement(run.sysfs, device.path), device.before)) continue;
      recordStep(step, run.journal);
      const failure = await takeStep(step, run);
      if (!failure) continue;
      failures.push(failure);
      failed.add(device);
    }
  }
  return failures;
}

/** Whether a device has something to roll back and no pending write. */
function isMoved(sysfs: Tree, device: PlannedDevice, pending: readonly Failure[]): boolean {
  if (pending.some(({ step }) => isOf(step, device)) || !sysfs.exists(device.path)) return false;
  return !samePlacement(readPlacement(sysfs, device.path), device.before);
}

/** Where a device is now. */
export function readPlacement(sysfs: Tree, path: string): Placement {
  return { driver: sysfs.linkName(`${path}/driver`) ?? null, override: readOverride(sysfs, path) };
}

/** Whether a step belongs to a device: names are unique on a bus only. */
function isOf(step: Step, { name, bus }: PlannedDevice): boolean {
  return step.op !== 'modprobe' && step.device === name && step.path.startsWith(`bus/${bus}/`);
}

/** The override of a device whose write is pending is not read: on 6.1 that would wait for the same lock. */
function leftover({ sysfs, written }: Run, device: PlannedDevice, pending: readonly Failure[]): Leftover[] {
  const { name, path, before } = device;
  if (!sysfs.exists(path)) return [];
  const unread = (): Placement => ({
    driver: sysfs.linkName(`${path}/driver`) ?? null,
    override: written.has(name) ? written.get(name) : before.override,
  });
  const now = pending.some(({ step }) => isOf(step, device)) ? unread() : readPlacement(sysfs, path);
  return samePlacement(now, before) ? [] : [{ name, path, now, before, unbinding: isUnbinding(sysfs, path) }];
}

function outdated(device: PlannedDevice, steps: readonly Step[]): Failure {
  const message = `${device.name} has changed since the plan was made; make a new plan`;
  return {
    step: steps[0] ?? { op: 'verify', device: device.name, path: `${device.path}/driver`, driver: null },
    message,
    pending: false,
  };
}
