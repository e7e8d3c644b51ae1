import type { Device } from '../sysfs/device.ts';
import type { MachineRoots } from '../sysfs/roots.ts';
import { readMountedDevices } from './block-devices.ts';
import { deviceNodes } from './device-nodes.ts';
import { disks } from './disks.ts';
import { displays } from './displays.ts';
import type { NodeOwners, OpenProcess } from './holders.ts';
import { input } from './input.ts';
import { readMounts } from './mounts.ts';
import { network } from './network.ts';
import type { Use, UseKind } from './use.ts';

/** Every kind of use, in the order in which they are reported. */
const KINDS: readonly UseKind[] = [disks, network, displays, input, deviceNodes];

/**
 * Who uses the devices (none of them a bridge): mounted file systems and swap on them, arrays, volumes and pools that
 * they are part of, routes and connections through them, the console and the keyboard, processes with their files open.
 */
export function readUses(
  roots: MachineRoots,
  devices: readonly Device[],
  targets: readonly Device[],
  nodes: NodeOwners,
  processes: readonly OpenProcess[],
): Use[] {
  const at = (path: string, kind: Use['kind'], text: string) => {
    const device = owner(devices, path);
    return device ? [{ device: device.name, kind, text }] : [];
  };
  const mounts = readMounts(roots.proc);
  const mounted = readMountedDevices(roots, mounts);
  const context = { roots, devices, targets, nodes, processes, mounts, mounted, at };
  return KINDS.flatMap((kind) => kind(context));
}

/** The innermost of the devices that contain what is at a sysfs path. */
function owner(devices: readonly Device[], path: string): Device | undefined {
  return devices
    .filter((device) => path.startsWith(`${device.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
