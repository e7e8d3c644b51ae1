import type { MachineDevice } from './device.ts';
import type { JournalDevice } from './journal-format.ts';
import type { Machine } from './machine.ts';
import { samePlacement } from './moves.ts';
import { completePlan, moduleSteps, movable, type PlanOptions } from './plan.ts';
import type { Placement, Plan, PlannedDevice } from './plan-types.ts';

/** Where one device shall be brought back to. */
export interface RestoreRequest {
  readonly path: string;
  readonly to: Placement;
  /** Module of that driver, to load it where it is not registered; null for none. */
  readonly module: string | null;
}

/** The plan that brings devices back to a placement. Pure. Devices that are not in the machine are left out. */
export function planRestore(machine: Machine, requests: readonly RestoreRequest[], options: PlanOptions = {}): Plan {
  const devices = requests.flatMap(({ path, to, module }): PlannedDevice[] => {
    const device = machine.devices.find((one) => one.path === path);
    return device ? [planned(device, to, module)] : [];
  });
  return completePlan(machine, devices, moduleSteps(machine, devices), options, true);
}

function planned(device: MachineDevice, to: Placement, module: string | null): PlannedDevice {
  const before: Placement = { driver: device.driver, override: device.override };
  const after: Placement = {
    driver: to.driver,
    override: device.override === undefined ? undefined : (to.override ?? null),
  };
  const { modalias, group } = device;
  return { ...movable(device), modalias, group, module, before, after, already: samePlacement(before, after) };
}

/** What a journal's entry asks for, or why it asks for nothing any more. */
export function requestOf(
  entry: JournalDevice,
  now: MachineDevice | undefined,
): RestoreRequest | { readonly gone: string } {
  if (!now) return { gone: `${entry.name} is not there any more; its driver_override went with it` };
  if (now.modalias !== entry.modalias)
    return { gone: `${entry.name} is another device now (${now.modalias ?? 'no modalias'}); it is left alone` };
  return { path: entry.path, to: entry.before, module: entry.before.driver === null ? null : entry.beforeModule };
}
