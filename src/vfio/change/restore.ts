import { needList, needObject } from '../../arguments.ts';
import type { Evidence } from '../../driver-core/index.ts';
import type { JournalDevice } from '../journal/journal-format.ts';
import type { Machine } from '../plan/machine.ts';
import { samePlacement } from '../plan/moves.ts';
import { completePlan, moduleOf, movable, type PlanOptions, resetOf } from '../plan/plan.ts';
import type { Placement, Plan, PlannedDevice } from '../plan/plan-types.ts';
import type { MachineDevice } from '../sysfs/device.ts';

/** The placement to which to return a device. */
export interface RestoreRequest {
  readonly path: string;
  readonly to: Placement;
  /** Module of that driver, to load it where it is not registered; null for none. */
  readonly module: string | null;
  /**
   * The device was seen on that driver. Otherwise modules.alias names it, so that it matches, and its probe is not
   * known.
   */
  readonly seen?: boolean;
}

/** The plan that returns devices to a placement. Pure. Devices that the machine does not have are left out. */
export function planRestore(machine: Machine, requests: readonly RestoreRequest[], options: PlanOptions = {}): Plan {
  needObject('machine', machine, 'devices', 'groups', 'drivers');
  needList('requests', requests);
  needObject('options', options);
  const devices = requests.flatMap(({ path, to, module }): PlannedDevice[] => {
    const device = machine.devices.find((one) => one.path === path);
    return device ? [planned(machine, device, to, module)] : [];
  });
  const evidence = devices.flatMap(({ name, bus, path, after }): Evidence[] => {
    if (after.driver === null) return [];
    const known = { bus, device: name, driver: after.driver };
    const seen = requests.find((request) => request.path === path)?.seen === true;
    if (!seen) return [{ ...known, matches: true }];
    // It had the driver under an override that may have been what made it match.
    return [typeof after.override === 'string' ? { ...known, probe: 'ok' } : { ...known, matches: true, probe: 'ok' }];
  });
  return completePlan(machine, devices, { options, restoring: true, evidence });
}

function planned(machine: Machine, device: MachineDevice, to: Placement, module: string | null): PlannedDevice {
  const before: Placement = { driver: device.driver, override: device.override };
  const after: Placement = {
    driver: to.driver,
    // What cannot be read while an unbind waits does exist.
    override: device.override === undefined && !device.unbinding ? undefined : (to.override ?? null),
  };
  const { modalias, group } = device;
  const already = samePlacement(before, after);
  // The former driver of a device is known by its name or not at all.
  const beforeModule = moduleOf(machine, device);
  const reset = resetOf(machine, device);
  return { ...movable(device), modalias, group, module, vfio: false, before, beforeModule, after, already, reset };
}

/** What a journal's entry asks for, or why it no longer applies. */
export function requestOf(
  entry: JournalDevice,
  now: MachineDevice | undefined,
): RestoreRequest | { readonly gone: string } {
  if (!now) return { gone: `${entry.name} is gone, and its driver_override with it` };
  if (now.modalias !== entry.modalias)
    return { gone: `${entry.name} is another device now (${now.modalias ?? 'no modalias'}); it is not changed` };
  return {
    path: entry.path,
    to: entry.before,
    module: entry.before.driver === null ? null : entry.beforeModule,
    seen: true,
  };
}
