import { needObject, needText } from '../../arguments.ts';
import { type FoundJournal, isStale, readJournals } from '../journal/journal.ts';
import { functionPaths, type JournalState } from '../journal/journal-format.ts';
import { lockOwner } from '../journal/lock.ts';
import { samePlacement } from '../plan/moves.ts';
import type { Placement } from '../plan/plan-types.ts';
import { isVfioByFact, vfioBuses } from '../sysfs/buses.ts';
import { type Device, isUnbinding, readDevice } from '../sysfs/device.ts';
import { driverLike } from '../sysfs/model.ts';
import { type MachineRoots, readBoot } from '../sysfs/roots.ts';
import { holdersOf } from '../uses/device-nodes.ts';
import { readNodes, readOpenFiles } from '../uses/holders.ts';
import { currentPlacement } from './placements.ts';

/** A device that is bound to a VFIO driver. */
export interface BoundDevice {
  readonly name: string;
  readonly bus: string;
  readonly driver: string;
  readonly override: string | null;
  readonly group: string | null;
  /** Whether a journal knows how to restore it. */
  readonly journalled: boolean;
  /** Processes that hold it, in words. */
  readonly heldBy: readonly string[];
}

/** A driver_override that names a driver other than the device's, and that no journal explains. */
export interface StrayOverride {
  readonly name: string;
  readonly bus: string;
  readonly override: string;
  readonly driver: string | null;
}

export interface OpenJournal {
  readonly file: string;
  readonly state: JournalState | 'stale';
  readonly devices: readonly {
    readonly name: string;
    readonly before: Placement;
    readonly now: Placement;
    /** It is where it was: nothing to do. */
    readonly back: boolean;
    /** It is gone: nothing can be done. */
    readonly gone: boolean;
    /** Its unbind waits for a process that holds it. */
    readonly unbinding: boolean;
  }[];
}

export interface Status {
  readonly version: 1;
  /** Id of the process that is changing devices now, so that the rest is soon out of date. Null for none. */
  readonly running: number | null;
  readonly bound: readonly BoundDevice[];
  readonly stray: readonly StrayOverride[];
  readonly journals: readonly OpenJournal[];
}

/** Looks at every device of the buses that VFIO knows, and at the journals. */
export function readStatus(roots: MachineRoots, state: string): Status {
  needObject('roots', roots, 'sysfs', 'proc');
  needText('state', state);
  const { sysfs } = roots;
  const boot = readBoot(roots.proc);
  const found = readJournals(state);
  const known = new Set(
    found
      .filter((one) => !isStale(one, boot))
      .flatMap(({ devices }) => devices.flatMap((one) => [one.path, ...functionPaths(one)])),
  );
  const all = Object.keys(vfioBuses).flatMap((bus) =>
    sysfs.list(`bus/${bus}/devices`).flatMap((name): Device[] => {
      const path = sysfs.real(`bus/${bus}/devices/${name}`);
      return path?.startsWith('devices/') ? [readDevice(sysfs, path)] : [];
    }),
  );
  const bound = all.filter((device) => isVfio(roots, device));
  const nodes = readNodes(roots, bound);
  const processes = nodes.size === 0 ? [] : readOpenFiles(roots.proc, (file) => nodes.has(file), nodes).processes;
  const holders = holdersOf(processes, nodes);
  return {
    version: 1,
    running: lockOwner(state),
    bound: bound.map((device) => ({
      name: device.name,
      bus: device.bus!,
      driver: device.driver!,
      override: device.override ?? null,
      group: device.group,
      journalled: known.has(device.path),
      heldBy: holders.filter((use) => use.device === device.name).map(({ text }) => text),
    })),
    stray: all.flatMap(({ name, bus, override, driver, path }) =>
      typeof override === 'string' && override !== driver && !known.has(path)
        ? { name, bus: bus!, override, driver }
        : [],
    ),
    journals: found.map((journal) => describe(roots, journal, isStale(journal, boot))),
  };
}

function isVfio({ sysfs }: MachineRoots, { bus, driver, path }: Device): boolean {
  if (bus === null || driver === null) return false;
  return isVfioByFact(bus, driver) || driverLike(bus, driver, sysfs.exists(`${path}/vfio-dev`)).vfio;
}

function describe({ sysfs }: MachineRoots, journal: FoundJournal, stale: boolean): OpenJournal {
  return {
    file: journal.file,
    state: stale ? 'stale' : journal.state,
    devices: journal.devices.map(({ name, path, before, after }) => {
      const now = currentPlacement(sysfs, { path, before, after });
      return {
        name,
        before,
        now,
        back: samePlacement(now, before),
        gone: !sysfs.exists(path),
        unbinding: isUnbinding(sysfs, path),
      };
    }),
  };
}
