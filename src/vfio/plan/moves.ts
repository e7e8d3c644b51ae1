import { makeDriver } from '../../driver-core/index.ts';
import type { Placement, Step } from './plan-types.ts';

/** A device that is moved: where it is in sysfs, and its bus. */
export interface Movable {
  readonly name: string;
  readonly bus: string;
  readonly path: string;
}

/**
 * The writes that bring a device from one placement to another. The override comes first, so that between unbind and bind no
 * driver but the wanted one may take the device; "\n" clears it, for an empty write changes nothing (dd.c:driver_set_override). Where
 * the override that is wanted would keep the wanted driver out, it names that driver until it is bound. `bind` gives the reason when it
 * fails; drivers_probe does not and is never used.
 */
export function moveSteps(device: Movable, from: Placement, to: Placement): Step[] {
  const at = `bus/${device.bus}/devices/${device.name}`;
  const steps: Step[] = [];
  const write = (path: string, data: string) => steps.push({ op: 'write', device: device.name, path, data });
  let override = from.override;
  const setOverride = (wanted: string | null | undefined) => {
    if (wanted === undefined || wanted === override) return;
    write(`${at}/driver_override`, `${wanted ?? ''}\n`);
    override = wanted;
  };
  if (from.driver !== to.driver) {
    setOverride(keptOut(device.bus, to) ? to.driver : to.override);
    if (from.driver !== null) write(`bus/${device.bus}/drivers/${from.driver}/unbind`, device.name);
    if (to.driver !== null) write(`bus/${device.bus}/drivers/${to.driver}/bind`, device.name);
  }
  setOverride(to.override);
  steps.push({ op: 'verify', device: device.name, path: `${at}/driver`, driver: to.driver });
  return steps;
}

/**
 * Whether a driver could not be bound under its placement's override: another driver is named there, or none is and the driver has no
 * row that matches without. A bound device keeps its driver whatever is written to its override afterwards, so such placements exist.
 */
function keptOut(bus: string, { driver, override }: Placement): boolean {
  if (driver === null || override === undefined || override === driver) return false;
  if (override !== null) return true;
  const { vfio, ids } = makeDriver(bus, driver);
  return vfio || ids === null || (ids !== 'unknown' && ids.every((row) => row.override_only !== 0));
}

/** The driver whose `bind` a step writes; null for any other step. */
export function bindTarget(step: Step): string | null {
  return step.op === 'write' ? (/^bus\/[^/]+\/drivers\/([^/]+)\/bind$/.exec(step.path)?.[1] ?? null) : null;
}

/** Whether nothing has to be written. */
export function samePlacement(a: Placement, b: Placement): boolean {
  return a.driver === b.driver && a.override === b.override;
}
