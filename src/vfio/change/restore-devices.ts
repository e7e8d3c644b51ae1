import { needFunction, needList, needObject } from '../../arguments.ts';
import { beginJournal, continueJournal, type FoundJournal, type Journal, readJournals } from '../journal/journal.ts';
import type { JournalState } from '../journal/journal-format.ts';
import { takeLock } from '../journal/lock.ts';
import type { PlanOptions } from '../plan/plan.ts';
import type { Device } from '../sysfs/device.ts';
import { applyPlan } from './apply.ts';
import { type Change, type ChangeContext, journalDevices } from './bind.ts';
import { type NativePlacement, type PlannedRestore, readRestorePlan } from './restore-plan.ts';

/** The outcome of a restore, or of its dry run. */
export interface Restored extends Change {
  /** Notes for the user: journals of another boot, devices that are gone, devices without a journal. */
  readonly notes: readonly string[];
  /** Paths of devices whose former driver is not known; they are not changed. */
  readonly withoutNative: readonly string[];
}

/**
 * The plan that `restoreDevices` would apply, without taking the lock or writing. Throws what `readRestorePlan` does.
 */
export async function planRestoreDevices(
  context: Pick<ChangeContext, 'roots' | 'state'>,
  targets: readonly Pick<Device, 'path'>[] | 'all',
  native: NativePlacement,
  options: PlanOptions = {},
): Promise<Restored> {
  needObject('context', context, 'roots', 'state');
  if (targets !== 'all') needList('targets', targets, 'path');
  needFunction('native', native);
  needObject('options', options);
  const { plan, notes, withoutNative } = await readRestorePlan(context.roots, context.state, targets, native, options);
  return { plan, result: null, notes, withoutNative };
}

/** Applies the plan of `readRestorePlan`, under the lock and journalled. Throws `locked` and the errors of that. */
export async function restoreDevices(
  context: ChangeContext,
  targets: readonly Pick<Device, 'path'>[] | 'all',
  native: NativePlacement,
  options: PlanOptions = {},
): Promise<Restored> {
  needObject('context', context, 'roots', 'hands', 'state');
  if (targets !== 'all') needList('targets', targets, 'path');
  needFunction('native', native);
  needObject('options', options);
  const lock = takeLock(context.state);
  try {
    const planned = await readRestorePlan(context.roots, context.state, targets, native, options);
    const { plan, notes, withoutNative, journals } = planned;
    for (const { file } of planned.stale) continueJournal(file).remove();
    markRestored(journals, planned.gone);
    if (!plan.runnable) return { plan, result: null, notes, withoutNative };
    const done = plan.devices.filter(({ already }) => already).map(({ path }) => path);
    markRestored(journals, done);
    if (done.length === plan.devices.length) return { plan, result: null, notes, withoutNative };
    return { ...(await carryOut(context, planned)), notes, withoutNative };
  } finally {
    lock.release();
  }
}

async function carryOut(context: ChangeContext, { plan, journals, boot }: PlannedRestore): Promise<Change> {
  const moved = plan.devices.flatMap(({ already, path }) => (already ? [] : path));
  const known = journals.find(({ devices }) => devices.some(({ path }) => moved.includes(path)));
  const journal = known ? continueJournal(known.file) : beginJournal(context.state, boot, journalDevices(plan));
  try {
    const result = await applyPlan(plan, {
      ...context,
      sysfs: context.roots.sysfs,
      journal: known ? forRestore(journal, known.state) : journal,
    });
    if (result.state === 'done') markRestored(journals, moved);
    if (!known && result.state !== 'incomplete') journal.remove();
    return { plan, result };
  } finally {
    journal.close();
  }
}

/**
 * A restore that ended leaves the state of the bind's journal unchanged, as each device has its own line. Until then
 * the restore counts as interrupted.
 */
function forRestore(journal: Journal, before: JournalState): Journal {
  return {
    ...journal,
    add(line) {
      if (line.kind !== 'end' || line.state === 'incomplete') journal.add(line);
      else if (before !== 'interrupted') journal.add({ kind: 'end', state: before });
    },
  };
}

/** Removes devices from every journal that lists them; a journal without devices is deleted. */
function markRestored(journals: readonly FoundJournal[], paths: readonly string[]): void {
  for (const found of journals) {
    const mine = found.devices.filter(({ path }) => paths.includes(path));
    if (mine.length === 0) continue;
    const journal = continueJournal(found.file);
    for (const { path } of mine) journal.add({ kind: 'restored', path });
    journal.close();
    if (!readJournals(found.file.slice(0, found.file.lastIndexOf('/'))).some(({ file }) => file === found.file))
      journal.remove();
  }
}
