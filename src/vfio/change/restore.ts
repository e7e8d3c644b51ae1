import { needList, needObject } from '../../arguments.ts';
import type { Evidence } from '../../driver-core/index.ts';
import type { JournalDevice } from '../journal/journal-format.ts';
import { functionsOf, vfsOf } from '../plan/functions.ts';
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
    if (!device) return [];
    const itself = planned(machine, device, to, module);
    const removed = itself.already || to.vfs?.functions.length !== 0 ? [] : functionsOf(machine, device);
    return [...removed.map((one) => ({ ...planned(machine, one, GONE, null), physfn: device.name })), itself];
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

/** Where a virtual function is when it does not exist. Its driver lets go of it first, and only then it is removed. */
const GONE: Placement = { driver: null, override: undefined };

function planned(machine: Machine, device: MachineDevice, to: Placement, module: string | null): PlannedDevice {
  const { vfs } = to;
  const before: Placement = {
    driver: device.driver,
    override: device.override,
    ...(vfs && { vfs: vfsOf(machine, device) }),
  };
  if (to === GONE) return { ...unmoved(machine, device), before, after: GONE, already: false };
  const after: Placement = {
    ...(vfs && { vfs }),
    driver: to.driver,
    // What cannot be read while an unbind waits does exist.
    override: device.override === undefined && !device.unbinding ? undefined : (to.override ?? null),
  };
  return { ...unmoved(machine, device), module, before, after, already: samePlacement(before, after) };
}

/** What a plan says of a device wherever it goes. */
function unmoved(machine: Machine, device: MachineDevice) {
  const { modalias, group } = device;
  // The former driver of a device is known by its name or not at all.
  const beforeModule = moduleOf(machine, device);
  const reset = resetOf(machine, device);
  return { ...movable(device), modalias, group, module: null, vfio: false, beforeModule, reset, physfn: null };
}

/**
 * What a journal's entry asks for, or why it no longer applies. Virtual functions are removed where there are not more
 * than the bind made (`made`); else somebody else made them.
 */
export function requestOf(
  entry: JournalDevice,
  now: MachineDevice | undefined,
  made = 0,
): RestoreRequest | { readonly gone: string } {
  if (!now) return { gone: `${entry.name} is gone, and its driver_override with it` };
  if (now.modalias !== entry.modalias)
    return { gone: `${entry.name} is another device now (${now.modalias ?? 'no modalias'}); it is not changed` };
  const { vfs } = entry.before;
  const count = now.sriov?.numVfs ?? 0;
  if (vfs && count > made)
    return {
      gone: `${entry.name} has ${count} virtual functions now, and a bind made ${made}: somebody else made them, so they stay; write ${vfs.autoprobe ? 1 : 0} to its sriov_drivers_autoprobe as it was before`,
    };
  return {
    path: entry.path,
    to: entry.before,
    module: entry.before.driver === null ? null : entry.beforeModule,
    seen: true,
  };
}
