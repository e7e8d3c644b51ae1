import { needList, needObject } from '../../arguments.ts';
import type { Evidence } from '../../driver-core/index.ts';
import { isVfioByFact } from '../sysfs/buses.ts';
import type { MachineDevice } from '../sysfs/device.ts';
import { driverLike } from '../sysfs/model.ts';
import { planFunctions } from './functions.ts';
import type { Machine } from './machine.ts';
import { type Movable, moveSteps, rollbackSteps } from './moves.ts';
import type { Placement, Plan, PlannedDevice, Step, Warning } from './plan-types.ts';
import { predict } from './predict.ts';
import { planWarnings, withProblems } from './warnings.ts';

/** The new driver of one device. */
export interface BindRequest {
  /** The device's path below the sysfs root, as the machine has it. */
  readonly path: string;
  /** The driver's name, as written to driver_override. */
  readonly driver: string;
  /** Module to load if the driver is not registered yet; null for none. */
  readonly module: string | null;
  /**
   * The driver registers its devices with VFIO. Used if it is neither registered nor known by name. Default: it does
   * not.
   */
  readonly vfio?: boolean;
  /** Make so many virtual functions of the device and bind these, not the device itself. */
  readonly vfs?: number;
}

export interface PlanOptions {
  /** Move devices that are in use (mounted, default route, boot display, held open) too. */
  readonly allowInUse?: boolean;
}

/**
 * The plan that moves devices to their VFIO drivers: the writes in order, their rollback, the kernel's predicted
 * responses, and what prevents it. Pure: nothing is read or written. Devices that the machine does not have are left
 * out.
 */
export function planBind(machine: Machine, requests: readonly BindRequest[], options: PlanOptions = {}): Plan {
  needObject('machine', machine, 'devices', 'groups', 'drivers');
  needList('requests', requests);
  needObject('options', options);
  const requested = new Map(requests.map((request) => [request.path, request]));
  const chosen = [...requested.values()].flatMap((request) => {
    const device = machine.devices.find(({ path }) => path === request.path);
    return device ? { device, request } : [];
  });
  const taken = new Set(machine.groupIds);
  const problems: Warning[] = [];
  const devices = chosen.flatMap(({ device, request }) => {
    if (request.vfs === undefined) return planDevice(machine, device, request);
    const made = planFunctions(machine, device, request.vfs, taken, (one) => planDevice(machine, one, request));
    problems.push(...made.problems);
    return made.devices;
  });
  return withProblems(completePlan(machine, devices, { options, restoring: false, evidence: [] }), problems);
}

interface PlanContext {
  readonly options: PlanOptions;
  readonly restoring: boolean;
  /** What is known about the new drivers of devices. */
  readonly evidence: readonly Evidence[];
}

/** A plan from the moves of its devices: shared by binding and restoring. */
export function completePlan(
  machine: Machine,
  devices: readonly PlannedDevice[],
  { options, restoring, evidence }: PlanContext,
): Plan {
  const moved = devices.filter((device) => !device.already);
  const modules = moduleSteps(machine, devices);
  const steps = [...modules, ...moved.flatMap((device) => moveSteps(device, device.before, device.after))];
  const predicted = predict(machine, steps, evidence, devices);
  const warnings = planWarnings(machine, devices, steps, predicted, {
    allowInUse: options.allowInUse ?? false,
    restoring,
  });
  return {
    version: 1,
    kernel: machine.kernel,
    devices,
    group: machine.groups.find(({ id }) => id === devices[0]?.group) ?? null,
    groups: machine.groups,
    steps,
    rollback: rollbackSteps(moved),
    predicted,
    warnings,
    runnable: warnings.every(({ blocks }) => blocks === null),
  };
}

function planDevice(
  machine: Machine,
  device: MachineDevice,
  { driver, module, vfio = false }: BindRequest,
): PlannedDevice {
  const before: Placement = { driver: device.driver, override: device.override };
  const already = device.driver === driver;
  const override = device.override === undefined ? undefined : driver;
  const bus = device.bus ?? '';
  const registered = machine.drivers.find((one) => one.bus === bus && one.name === driver);
  return {
    ...movable(device),
    modalias: device.modalias,
    group: device.group,
    module,
    vfio: isVfioByFact(bus, driver) || driverLike(bus, driver, vfio || registered?.vfio === true).vfio,
    before,
    beforeModule: moduleOf(machine, device),
    after: already ? before : { driver, override },
    already,
    reset: resetOf(machine, device),
    physfn: null,
  };
}

/** Module of the driver that a device has; null where it is built in, or there is none. */
export function moduleOf(machine: Machine, { bus, driver }: MachineDevice): string | null {
  return machine.drivers.find((one) => one.bus === bus && one.name === driver)?.module ?? null;
}

/** How a device that is asked for is reset. */
export function resetOf({ cards }: Machine, { name }: MachineDevice): PlannedDevice['reset'] {
  return cards.find(({ device }) => device === name)?.reset ?? null;
}

export function movable({ name, bus, path }: MachineDevice): Movable {
  return { name, bus: bus ?? '', path };
}

/** Modules whose drivers are not registered yet, each once. */
function moduleSteps(machine: Machine, devices: readonly PlannedDevice[]): Step[] {
  const steps = new Map<string, Step>();
  for (const { already, bus, module, vfio, after } of devices) {
    if (already || module === null || after.driver === null) continue;
    if (machine.drivers.some((driver) => driver.bus === bus && driver.name === after.driver)) continue;
    steps.set(`${module} ${after.driver}`, { op: 'modprobe', module, bus, driver: after.driver, vfio });
  }
  return [...steps.values()];
}
