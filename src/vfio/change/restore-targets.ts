import { ModaliasError } from '../../errors.ts';
import { readJournals } from '../journal/journal.ts';
import type { Device } from '../sysfs/device.ts';
import { findDevice } from '../sysfs/find-device.ts';
import type { MachineRoots } from '../sysfs/roots.ts';

/** A device that shall be restored; it may be one that is not there any more. */
export interface RestoreTarget extends Pick<Device, 'path'> {
  /** Said to the user, as in `Found`. */
  readonly note?: string;
}

/**
 * The device that a word names, as `findDevice` has it; where that finds none or several, the one of that name in a journal, which may be
 * unplugged since. Throws what `findDevice` and `readJournals` do.
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
