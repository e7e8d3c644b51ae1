import { setTimeout as sleep } from 'node:timers/promises';
import { systemReason } from '../../files/reasons.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalLine } from '../journal/journal-format.ts';
import { bindTarget, overrideWritten } from '../plan/moves.ts';
import type { Step } from '../plan/plan-types.ts';
import { readVfs } from '../sysfs/sriov.ts';
import type { Tree } from '../sysfs/tree.ts';
import { bindingHint, DONE, type Hands, type Outcome, outcomeText } from './hands.ts';

/** A step that failed. */
export interface Failure {
  readonly step: Step;
  /** What happened, what it means and what to do. */
  readonly message: string;
  /** The kernel did not respond in time; it may still act. */
  readonly pending: boolean;
  /** Somebody else moved the device after the plan was made, and the run has moved nothing: another plan may do. */
  readonly outdated?: true;
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
  /** Longest wait for virtual functions to appear or go away. Default: 30. */
  readonly seconds?: number | undefined;
}

/** The state of a run besides its options. */
export interface Run extends ApplyOptions {
  /** The last override that was written to a device, by its name. */
  readonly written: Map<string, string | null>;
  /** Names of devices whose virtual functions somebody else made: the kernel said EBUSY to the run's own. */
  readonly foreign: Set<string>;
}

/** Adds a line; returns the reason in words if the write fails. */
export function record(journal: Journal, line: JournalLine): string | null {
  try {
    journal.add(line);
    return null;
  } catch (error) {
    return systemReason(error);
  }
}

/** Runs one step and checks its outcome. Null on success. */
export async function takeStep(step: Step, run: Run): Promise<Failure | null> {
  const { sysfs, hands, journal, progress, written } = run;
  progress?.(step);
  const failed = (message: string, pending = false): Failure => ({ step, message, pending });
  if (step.op === 'verify') {
    const driver = sysfs.linkName(step.path) ?? null;
    if (driver === step.driver) return null;
    return failed(
      `expected ${step.device} to be bound to ${step.driver ?? 'no driver'}, but it is bound to ${driver ?? 'none'}`,
    );
  }
  if (step.op === 'functions') {
    const message = await awaitFunctions(step, run);
    return message === null ? null : failed(message);
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
  const isFunctions = step.path.endsWith('/sriov_numvfs');
  if (isFunctions && outcome.kind === 'failed' && outcome.errno === 'EBUSY') run.foreign.add(step.device);
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

/**
 * Waits until the virtfn links of a device lead to what is expected; returns what is wrong then. Most drivers have made
 * their functions when the write returns (drivers/pci/iov.c:sriov_enable).
 */
async function awaitFunctions(
  { device, path, functions }: Extract<Step, { op: 'functions' }>,
  { sysfs, signal, seconds = 30 }: Run,
): Promise<string | null> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    sysfs.forget();
    const found = readVfs(sysfs, sysfs.real(path) ?? path).functions;
    if (found.join() === functions.join()) return null;
    if (signal?.aborted) return 'stopped by a signal';
    const list = (names: readonly string[]) => names.join(', ') || 'none';
    if (performance.now() >= until)
      return `expected the virtual functions of ${device} within ${seconds} s: ${list(functions)}; found ${list(found)}${found.length === functions.length ? '; make them by a write to sriov_numvfs and bind them by their names' : ''}`;
    await sleep(20);
  }
}
