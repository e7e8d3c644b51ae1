import type { JournalDevice } from '../journal/journal-format.ts';
import type { Machine } from '../plan/machine.ts';
import { removedWith } from '../plan/removed.ts';
import { readNumVfs } from '../sysfs/sriov.ts';
import type { Tree } from '../sysfs/tree.ts';

/** A journal's entry with how many virtual functions the device's driver will remove as it lets go of it. */
export function withLost(machine: Machine, device: JournalDevice): JournalDevice {
  if (device.before.driver === device.after.driver) return device;
  const lostVfs = removedWith(machine, device.path).filter(({ sriov }) => sriov?.physfn === device.name).length;
  return lostVfs === 0 ? device : { ...device, lostVfs };
}

/**
 * Of virtual functions that went away with their driver, how to make them again. Nothing makes them by itself: who used
 * them may have others by now.
 */
export function lostFunctions(sysfs: Tree, { name, path, before, lostVfs = 0 }: JournalDevice): string[] {
  if (lostVfs === 0 || readNumVfs(sysfs, path) > 0) return [];
  const again = `echo ${lostVfs} > ${sysfs.root}/bus/pci/devices/${name}/sriov_numvfs`;
  return [`${name} had ${lostVfs} virtual functions, which ${before.driver} removed; to make them again: ${again}`];
}
