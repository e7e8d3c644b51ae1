import { ModaliasError } from '../../errors.ts';
import { type FoundJournal, firstEntry, isStale, readJournals } from '../journal/journal.ts';
import { functionPaths } from '../journal/journal-format.ts';
import { readMachine } from '../plan/machine.ts';
import type { PlanOptions } from '../plan/plan.ts';
import type { Plan, Warning } from '../plan/plan-types.ts';
import { withProblems } from '../plan/warnings.ts';
import { type Device, readDevice } from '../sysfs/device.ts';
import { findDevice } from '../sysfs/find-device.ts';
import { type MachineRoots, readBoot } from '../sysfs/roots.ts';
import { lostFunctions } from './lost-functions.ts';
import { planRestore, type RestoreRequest, requestOf } from './restore.ts';

/** The target of a device without a journal. `to` is null if not known; the notes are for the user. */
export interface Native {
  readonly to: RestoreRequest | null;
  readonly notes: readonly string[];
}

/** Null if nothing is known about the device. */
export type NativePlacement = (device: Device) => Promise<Native | null>;

/** A restore before anything is done. */
export interface PlannedRestore {
  readonly plan: Plan;
  /** Notes for the user: journals of another boot, devices that are gone, devices without a journal. */
  readonly notes: readonly string[];
  /** Paths of devices whose former driver is not known; they are not changed. */
  readonly withoutNative: readonly string[];
  /** Journals of this boot, the newest first. */
  readonly journals: readonly FoundJournal[];
  /** Journals of another boot, which no longer apply. */
  readonly stale: readonly FoundJournal[];
  /** Paths of devices that are gone or were replaced by others. */
  readonly gone: readonly string[];
  /** What the kernel calls this boot; null where it does not tell. */
  readonly boot: string | null;
}

/**
 * The plan that returns devices to their placement before the first journalled run that moved them; `all` means every
 * device of every journal. A device without a journal goes where `native` says. Writes nothing. Throws
 * `state-directory` and `damaged-journal`.
 */
export async function readRestorePlan(
  roots: MachineRoots,
  state: string,
  targets: readonly Pick<Device, 'path'>[] | 'all',
  native: NativePlacement,
  options: PlanOptions = {},
): Promise<PlannedRestore> {
  const boot = readBoot(roots.proc);
  const found = readJournals(state);
  const stale = found.filter((journal) => isStale(journal, boot));
  const journals = found.filter((journal) => !stale.includes(journal));
  const notes = stale.map(({ file }) => `${file} is of an earlier boot, so its devices are free; a restore removes it`);
  const paths = targets === 'all' ? journalled(journals) : [...new Set(targets.map(({ path }) => path))];
  if (paths.length === 0 && notes.length === 0) notes.push('no journal lists a device; there is nothing to restore');
  const made = new Map(paths.map((path) => [path, journals.flatMap(({ devices }) => madeOf(devices, path))]));
  // A virtual function goes away with what the plan does to its physical one.
  const removed = new Set([...made.values()].flat());
  const read = [...paths, ...removed].filter((path) => roots.sysfs.real(path) === path);
  const machine = readMachine(
    roots,
    read.map((path) => readDevice(roots.sysfs, path)),
  );
  const requests: RestoreRequest[] = [];
  const withoutNative: string[] = [];
  const gone: string[] = [];
  const problems: Warning[] = [];
  for (const path of paths) {
    if (removed.has(path)) continue;
    const now = machine.devices.find((device) => device.path === path);
    const entry = firstEntry(journals, path);
    if (entry) {
      const request = requestOf(entry, now, new Set(made.get(path)).size);
      if ('gone' in request) {
        gone.push(path);
        notes.push(request.gone);
      } else requests.push(request);
      if (!('gone' in request)) notes.push(...lostFunctions(roots.sysfs, entry));
      continue;
    }
    const physfn = journals.flatMap(({ devices }) => devices.filter((one) => functionPaths(one).includes(path)))[0];
    if (now && physfn) {
      problems.push(partOf(now.name, physfn.name));
      continue;
    }
    const answer = now ? await native(now) : null;
    notes.push(...(answer?.notes ?? []));
    if (answer?.to) requests.push(answer.to);
    else withoutNative.push(path);
  }
  const plan = withProblems(planRestore(machine, requests, options), problems);
  return { plan, notes, withoutNative, journals, stale, gone, boot };
}

/** Paths of the virtual functions that journals say were made of a device, the newest first. */
function madeOf(devices: FoundJournal['devices'], path: string): string[] {
  return devices.filter((one) => one.path === path).flatMap(functionPaths);
}

function partOf(about: string, physfn: string): Warning {
  const message = `a bind made it of ${physfn}, and the kernel removes all virtual functions at once: modalias vfio restore ${physfn}`;
  return { code: 'vfs-enabled', about, message, blocks: 'always' };
}

/** Devices of the journals, the last that was moved first. */
function journalled(journals: readonly FoundJournal[]): string[] {
  return [...new Set(journals.flatMap(({ devices }) => [...devices].reverse().map(({ path }) => path)))];
}

/** A device to restore; it may be gone. */
export interface RestoreTarget extends Pick<Device, 'path'> {
  /** Said to the user, as in `Found`. */
  readonly note?: string;
}

/**
 * The device that a word names, as `findDevice` has it; where that finds none or several, the one of that name in a
 * journal, which may be unplugged since. Throws what `findDevice` and `readJournals` do.
 */
export function restoreTarget({ sysfs }: MachineRoots, state: string, word: string): RestoreTarget {
  try {
    const { device, note } = findDevice(sysfs, word);
    return note === undefined ? device : { path: device.path, note };
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    const known = readJournals(state).flatMap(({ devices }) => devices.find(({ name }) => name === word) ?? []);
    if (known[0] === undefined) throw error;
    return { path: known[0].path };
  }
}
