import { systemReason } from '../../files/reasons.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalLine } from '../journal/journal-format.ts';
import { bindTarget, isNeeded, overrideWritten, samePlacement } from '../plan/moves.ts';
import type { MoveStep, Placement, Plan, PlannedDevice, Step } from '../plan/plan-types.ts';
import { isUnbinding, readOverride } from '../sysfs/device.ts';
import type { Tree } from '../sysfs/tree.ts';
import { bindingHint, DONE, type Hands, type Outcome, outcomeText } from './hands.ts';

/** A step that did not do what it should. */
export interface Failure {
  readonly step: Step;
  /** What happened, what it means and what to do. */
  readonly message: string;
  /** The kernel had not answered in time; it may still act. */
  readonly pending: boolean;
}

/** A device that is not where it was before the plan. */
export interface Leftover {
  readonly name: string;
  readonly path: string;
  readonly now: Placement;
  readonly before: Placement;
  /** An unbind of it waits for a process that holds it. */
  readonly unbinding: boolean;
}

export interface ApplyResult {
  /** `done`: the plan is carried out. `rolled-back`: it failed and all is as before. `incomplete`: it failed and that failed too. */
  readonly state: 'done' | 'rolled-back' | 'incomplete';
  /** Steps that were taken, of the plan. */
  readonly taken: number;
  readonly failure: Failure | null;
  /** What failed while rolling back. */
  readonly rollbackFailures: readonly Failure[];
  /** Devices that are left in between; empty unless the state is `incomplete`. */
  readonly left: readonly Leftover[];
  /** Names of devices that were unplugged meanwhile: their driver_override went with them, and nothing is left to take back. */
  readonly gone: readonly string[];
}

export interface ApplyOptions {
  readonly sysfs: Tree;
  readonly hands: Hands;
  /** Gets a line, synced, before each step. */
  readonly journal: Journal;
  /** When it aborts, the step that runs is the last; what was done is taken back. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each step, for the terminal. */
  readonly progress?: ((step: Step) => void) | undefined;
}

/** What a run knows beside its options. */
interface Run extends ApplyOptions {
  /** The last override that was written to a device, by its name. */
  readonly written: Map<string, string | null>;
}

/**
 * Carries out a plan, as one transaction: the driver link is read back after the writes of each device; after the first failure the
 * plan's rollback takes back what was done. Never throws for what the kernel answers.
 */
export async function applyPlan(
  plan: Pick<Plan, 'devices' | 'steps' | 'rollback'>,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { journal, sysfs } = options;
  const moved = plan.devices.filter(({ already }) => !already);
  const changed = moved.find((device) => !samePlacement(readPlacement(sysfs, device.path), device.before));
  if (changed) {
    // Nothing was begun, so what somebody else did meanwhile is not taken back.
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
  // Without this line status would take the run for an interrupted one.
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

/** Adds a line; the reason in words where the disk does not take it. */
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

/** Without its line in the journal no step is taken. */
function recordStep(step: Step, journal: Journal): Failure | null {
  return unrecorded(step, journal, { kind: 'step', step });
}

function unrecorded(step: Step, journal: Journal, line: JournalLine): Failure | null {
  const reason = record(journal, line);
  if (reason === null) return null;
  return { step, message: `the journal ${journal.file} cannot be written: ${reason}`, pending: false };
}

/** Takes one step and looks at what came of it. Null where all is well. */
async function takeStep(step: Step, { sysfs, hands, journal, progress, written }: Run): Promise<Failure | null> {
  progress?.(step);
  const failed = (message: string, pending = false): Failure => ({ step, message, pending });
  if (step.op === 'verify') {
    const driver = sysfs.linkName(step.path) ?? null;
    if (driver === step.driver) return null;
    return failed(
      `${step.device} should be bound to ${step.driver ?? 'no driver'} now, but is bound to ${driver ?? 'none'}`,
    );
  }
  const outcome = step.op === 'write' ? await write(step, sysfs, hands) : await hands.modprobe(step.module);
  record(journal, { kind: 'outcome', outcome: outcomeText(outcome) });
  if (step.op === 'modprobe') {
    if (outcome.kind !== 'ok') return failed(`modprobe ${step.module}: ${outcomeText(outcome)}`);
    sysfs.forget();
    if (sysfs.exists(`bus/${step.bus}/drivers/${step.driver}`)) return null;
    return failed(`module ${step.module} is loaded, but registered no driver '${step.driver}' on bus '${step.bus}'`);
  }
  if (outcome.kind === 'ok') {
    const override = overrideWritten(step);
    if (override !== undefined) written.set(step.device, override);
    return null;
  }
  const hint =
    outcome.kind === 'timeout'
      ? 'the kernel is still at it: a process may hold the device'
      : bindingHint(step.path, outcome.errno);
  return failed(
    `writing ${JSON.stringify(step.data)} to ${sysfs.root}/${step.path}: ${outcomeText(outcome)}${hint === null ? '' : `; ${hint}`}`,
    outcome.kind === 'timeout',
  );
}

/**
 * One write. A device that loading the module has bound already, perhaps while this looked (dd.c:__driver_attach_async_helper), need not
 * be bound again, which would be EBUSY, before 5.14 ENODEV.
 */
async function write(step: Extract<Step, { op: 'write' }>, sysfs: Tree, hands: Hands): Promise<Outcome> {
  const driver = bindTarget(step);
  const link = `${step.path.split('/', 2).join('/')}/devices/${step.device}/driver`;
  const already = () => sysfs.linkName(link) === driver;
  if (already()) return DONE;
  const outcome = await hands.write(step.path, step.data);
  return outcome.kind === 'failed' && BOUND.has(outcome.errno) && already() ? DONE : outcome;
}

/** What a bind of a device gives that has a driver (drivers/base/bus.c:bind_store). */
const BOUND: ReadonlySet<string | null> = new Set(['EBUSY', 'ENODEV']);

/** How often the rollback is gone through: what failed may succeed once the others are back. */
const ATTEMPTS = 2;

/**
 * Takes the steps of a plan's rollback that have an effect, in their order, whatever happens to single devices. One whose write is still
 * pending is left to the kernel. After a failed write nothing more is done to the device in that attempt: without its old override it
 * would end without a driver.
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

/** Whether there is something to take back of a device, and the kernel is not still at it. */
function isMoved(sysfs: Tree, device: PlannedDevice, pending: readonly Failure[]): boolean {
  if (pending.some(({ step }) => isOf(step, device)) || !sysfs.exists(device.path)) return false;
  return !samePlacement(readPlacement(sysfs, device.path), device.before);
}

/** Where a device is now. */
export function readPlacement(sysfs: Tree, path: string): Placement {
  return { driver: sysfs.linkName(`${path}/driver`) ?? null, override: readOverride(sysfs, path) };
}

/** Whether a step is one of a device's own: names are unique on a bus only. */
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
  const message = `${device.name} is not as it was when the plan was made; make a new plan`;
  return {
    step: steps[0] ?? { op: 'verify', device: device.name, path: `${device.path}/driver`, driver: null },
    message,
    pending: false,
  };
}
