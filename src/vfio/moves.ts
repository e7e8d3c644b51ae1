import type { Placement, Step } from './plan-types.ts';

/** A device that is moved: where it is in sysfs, and its bus. */
export interface Movable {
  readonly name: string;
  readonly bus: string;
  readonly path: string;
}

/**
 * The writes that bring a device from one placement to another. The override comes first, so that between unbind and bind no
 * driver but the wanted one may take the device; "\n" clears it, for an empty write changes nothing (dd.c:driver_set_override). `bind`
 * gives the reason when it fails; drivers_probe does not and is never used.
 */
export function moveSteps(device: Movable, from: Placement, to: Placement): Step[] {
  const at = `bus/${device.bus}/devices/${device.name}`;
  const steps: Step[] = [];
  const write = (path: string, data: string) => steps.push({ op: 'write', device: device.name, path, data });
  if (to.override !== undefined && from.override !== to.override) {
    write(`${at}/driver_override`, `${to.override ?? ''}\n`);
  }
  if (from.driver !== to.driver) {
    if (from.driver !== null) write(`bus/${device.bus}/drivers/${from.driver}/unbind`, device.name);
    if (to.driver !== null) write(`bus/${device.bus}/drivers/${to.driver}/bind`, device.name);
  }
  steps.push({ op: 'verify', device: device.name, path: `${at}/driver`, driver: to.driver });
  return steps;
}

/** Whether nothing has to be written. */
export function samePlacement(a: Placement, b: Placement): boolean {
  return a.driver === b.driver && a.override === b.override;
}
