import { applyPlan } from './apply.ts';
import { type Change, type ChangeContext, isStale, journalDevices } from './bind.ts';
import { type Device, readDevice } from './device.ts';
import { beginJournal, continueJournal, type FoundJournal, type Journal, readJournals } from './journal.ts';
import type { JournalState } from './journal-format.ts';
import { takeLock } from './lock.ts';
import { type Machine, readMachine } from './machine.ts';
import type { PlanOptions } from './plan.ts';
import type { Plan } from './plan-types.ts';
import { planRestore, type RestoreRequest, requestOf } from './restore.ts';
import { readBoot } from './roots.ts';

export interface Restored extends Change {
  /** Said to the user: journals of another boot, devices that are gone, devices without a journal. */
  readonly notes: readonly string[];
  /** Devices of which nothing tells where they belong; they are left alone. */
  readonly homeless: readonly string[];
}

/** Where a device without a journal shall go; null where that is not known. */
export type NativePlacement = (device: Device) => Promise<RestoreRequest | null>;

/**
 * Brings devices back to where they were before the first journalled run that moved them; `all` takes every device of every journal. A
 * device that no journal knows goes where `native` says. Throws `locked` and `state-directory`.
 */
export async function restoreDevices(
  context: ChangeContext,
  targets: readonly Device[] | 'all',
  native: NativePlacement,
  options: PlanOptions = {},
): Promise<Restored> {
  const { roots, state } = context;
  const lock = takeLock(state);
  try {
    const boot = readBoot(roots.proc);
    const notes: string[] = [];
    const homeless: string[] = [];
    const journals: FoundJournal[] = [];
    for (const journal of readJournals(state)) {
      if (!isStale(journal, boot)) journals.push(journal);
      else {
        continueJournal(journal.file).remove();
        notes.push(`${journal.file} was of another boot, after which its devices are free again; it is removed`);
      }
    }
    const paths = targets === 'all' ? journalled(journals) : targets.map(({ path }) => path);
    const devices = paths.flatMap((path) => (roots.sysfs.real(path) === path ? readDevice(roots.sysfs, path) : []));
    const machine = readMachine(roots, devices);
    const requests: RestoreRequest[] = [];
    for (const path of paths) {
      const request = await requestFor(path, journals, machine, native);
      if (request === null) homeless.push(path);
      else if ('gone' in request) {
        notes.push(request.gone);
        markRestored(journals, [path]);
      } else requests.push(request);
    }
    const plan = planRestore(machine, requests, options);
    if (!plan.runnable) return { plan, result: null, notes, homeless };
    const done = plan.devices.filter(({ already }) => already).map(({ path }) => path);
    markRestored(journals, done);
    if (done.length === plan.devices.length) return { plan, result: null, notes, homeless };
    return { ...(await carryOut(context, plan, machine, journals, boot)), notes, homeless };
  } finally {
    lock.release();
  }
}

/** Devices of the journals, the last that was moved first. */
function journalled(journals: readonly FoundJournal[]): string[] {
  return [...new Set(journals.flatMap(({ devices }) => [...devices].reverse().map(({ path }) => path)))];
}

async function requestFor(
  path: string,
  journals: readonly FoundJournal[],
  machine: Machine,
  native: NativePlacement,
): Promise<RestoreRequest | { readonly gone: string } | null> {
  const now = machine.devices.find((device) => device.path === path);
  // The oldest entry: where the device was before anything was done to it.
  const entry = journals.flatMap(({ devices }) => devices.filter((device) => device.path === path)).at(-1);
  if (entry) return requestOf(entry, now);
  return now ? native(now) : null;
}

async function carryOut(
  context: ChangeContext,
  plan: Plan,
  machine: Machine,
  journals: readonly FoundJournal[],
  boot: string | null,
): Promise<Change> {
  const moved = plan.devices.flatMap(({ already, path }) => (already ? [] : path));
  const known = journals.find(({ devices }) => devices.some(({ path }) => moved.includes(path)));
  const journal = known
    ? continueJournal(known.file)
    : beginJournal(context.state, boot, journalDevices(machine, plan));
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
 * In the journal of a bind, a restore that ended leaves the state that the journal had, for what is done is told device by device. Until
 * then the restore counts as interrupted.
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

/** Takes devices out of every journal that knows them; a journal without devices is removed. */
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
