import type { Device } from './device.ts';
import { holdersOf, type NodeOwners, type Use } from './holders.ts';
import { readMountedDevices } from './mounted.ts';
import type { OpenProcess } from './open-files.ts';
import type { MachineRoots } from './roots.ts';
import { readDefaultRoutes } from './routes.ts';

/** Who uses the devices (none of them a bridge): mounted file systems and swap on them, the default route through them, processes with their files open. */
export function readUses(
  roots: MachineRoots,
  devices: readonly Device[],
  nodes: NodeOwners,
  processes: readonly OpenProcess[],
): Use[] {
  const belongs = (path: string) => owner(devices, path);
  return [
    ...readMountedDevices(roots).flatMap(({ path, kind, text }) => to(belongs(path), kind, text)),
    ...readDefaultRoutes(roots).flatMap(({ path, text }) => to(belongs(path), 'route', text)),
    ...holdersOf(processes, nodes),
  ];
}

function to(device: Device | undefined, kind: Use['kind'], text: string): Use[] {
  return device ? [{ device: device.name, kind, text }] : [];
}

/** The innermost of the devices that a sysfs path lies in. */
function owner(devices: readonly Device[], path: string): Device | undefined {
  return devices
    .filter((device) => path === device.path || path.startsWith(`${device.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
