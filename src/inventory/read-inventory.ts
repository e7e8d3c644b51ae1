import { needText } from '../arguments.ts';
import type { Diagnostic } from '../errors.ts';
import { type KnownDevice, knownDevice } from './known-device.ts';
import { readMentions } from './read-mentions.ts';

/** The devices of one or more machines. */
export interface Inventory {
  /** Each once. */
  readonly devices: readonly KnownDevice[];
  /** What could not be read, as a warning. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads an inventory: a sysfs root (/sys, a copy of it, or a root file system that has one), a recorded machine, a file
 * with modaliases or what lspci, lsusb and `udevadm info -e` print (`-` for standard input), or a directory of these.
 * Throws `unreadable`, `line-too-long`, and `no-devices` where it names none.
 */
export async function readInventory(path: string): Promise<Inventory> {
  needText('path', path);
  const devices = new Map<string, KnownDevice>();
  const onDevice = ({ modalias }: { readonly modalias: string }) => {
    if (!devices.has(modalias)) devices.set(modalias, knownDevice(modalias));
  };
  const diagnostics = await readMentions(path, { onDevice });
  return { devices: [...devices.values()], diagnostics };
}
