import {
  type Evidence,
  type GroupFile,
  groupViability,
  type KernelEvent,
  type KernelState,
  step as kernelStep,
  makeKernel,
  possibleDrivers,
  resultWord,
} from '../../driver-core/index.ts';
import type { MachineDevice } from '../sysfs/device.ts';
import { driverLike, modelDevice } from '../sysfs/model.ts';
import type { Machine } from './machine.ts';
import { bindTarget } from './moves.ts';
import type { Plan, Prediction, Step } from './plan-types.ts';

/** For what is not known about the processes that hold groups: they have as little open as possible, or as much. */
type Holding = 'least' | 'most';

/**
 * A machine as the driver-core model expects it. Drivers' id tables are not read; that a device is bound to its driver
 * is evidence that both would agree again.
 */
function kernelState(
  machine: Machine,
  steps: readonly Step[],
  seen: readonly Evidence[],
  holding: Holding,
): KernelState {
  const coming = steps.flatMap((step) => (step.op === 'modprobe' ? step : []));
  return makeKernel(machine.release, {
    buses: machine.buses,
    modules: coming.map(({ module, bus, driver, vfio }) => ({
      name: module,
      loaded: false,
      depends: [],
      drivers: [driverLike(bus, driver, vfio, { module })],
    })),
    drivers: machine.drivers.map(({ bus, name, module, vfio, bindable }) =>
      driverLike(bus, name, vfio, { module, suppressBind: !bindable }),
    ),
    devices: machine.devices.flatMap((device) => (device.bus === null ? [] : modelDevice(device, device.bus))),
    groups: machine.groups.map(({ id, type, members, reserved }) => ({
      id,
      bus: members[0]?.bus ?? 'pci',
      type: type ?? 'unknown',
      direct: reserved.some((region) => region.type === 'direct'),
      file: groupFile(machine, id, holding),
    })),
    evidence: [...machine.devices.flatMap(evidence), ...seen],
    noiommu: machine.noiommu,
    disableDenylist: machine.disableDenylist,
  });
}

function groupFile(machine: Machine, group: string, holding: Holding): GroupFile | null {
  const holders = machine.holders.filter((one) => one.group === group);
  if (holders.length === 0) return null;
  const most = holding === 'most';
  const container = holders.some(({ owns }) => owns === 'yes' || (most && owns === 'unknown'));
  return {
    by: holders.map(({ by }) => by).join(' and '),
    container,
    iommu: container,
    devices: holders.flatMap(({ devices, perhaps }) => (most ? [...devices, ...perhaps] : devices)),
  };
}

function evidence(device: MachineDevice): Evidence[] {
  if (device.bus === null || device.driver === null) return [];
  const seen = { bus: device.bus, driver: device.driver, device: device.name, probe: 'ok' as const };
  return [typeof device.override === 'string' ? seen : { ...seen, matches: true }];
}

/** What the model predicts for a plan. */
type Predicted = Plan['predicted'];

/**
 * Runs the steps in the model: what each would return, and what is bound where afterwards. As in a real run, nothing
 * follows a step that fails or does not return. `seen` adds to what the machine shows of its drivers. If it is not
 * known what a process holds, only what is true in either case is predicted.
 */
export function predict(machine: Machine, steps: readonly Step[], seen: readonly Evidence[]): Predicted {
  const predictWith = (holding: Holding) => predictSteps(kernelState(machine, steps, seen, holding), machine, steps);
  const least = predictWith('least');
  const unsure = machine.holders.some(({ perhaps, owns }) => perhaps.length > 0 || owns === 'unknown');
  return unsure ? agreed(least, predictWith('most'), machine) : least;
}

function predictSteps(start: KernelState, machine: Machine, steps: readonly Step[]): Predicted {
  let state = start;
  const results: Prediction[] = [];
  for (const [index, step] of steps.entries()) {
    if (results.some(({ result }) => result !== 'ok' && result !== 'unknown')) {
      results.push({ step: index, result: 'not-taken', rule: null, text: 'an earlier step ends the run' });
      continue;
    }
    const event = eventOf(step);
    if (event === null || hasAlready(state, step)) {
      results.push({ step: index, ...(event === null ? verified(state, step) : ALREADY) });
      continue;
    }
    const { state: next, result, trace } = kernelStep(state, event);
    const last = trace.at(-1);
    results.push({ step: index, result: resultWord(result), rule: last?.rule ?? null, text: last?.text ?? null });
    state = next;
  }
  const names = new Set(steps.flatMap((step) => (step.op === 'modprobe' ? [] : step.device)));
  return {
    steps: results,
    devices: machine.devices
      .filter((device) => names.has(device.name))
      .map(({ name }) => ({ name, driver: driverOf(state, name) })),
    groups: machine.groups.map(({ id }) => ({ id, ...groupViability(state, id) })),
  };
}

const ALREADY = { result: 'ok', rule: 'drivers/base/bus.c:bus_add_driver', text: 'bound when the module was loaded' };

/** A bind is not written if loading the module has bound the device: it would be EBUSY. */
function hasAlready(state: KernelState, step: Step): boolean {
  const driver = bindTarget(step);
  return step.op === 'write' && driver !== null && driverOf(state, step.device) === driver;
}

/** What is true whatever the holders have open. The rest is unknown; viability does not depend on them. */
function agreed(least: Predicted, most: Predicted, { holders }: Machine): Predicted {
  const text = `it depends on what ${[...new Set(holders.map(({ by }) => by))].join(' and ')} has open`;
  return {
    steps: least.steps.map((one, index) => {
      const other = most.steps[index]!;
      return one.result === other.result ? one : { step: index, result: 'unknown', rule: other.rule, text };
    }),
    devices: least.devices.map((one, index) =>
      one.driver === most.devices[index]!.driver ? one : { name: one.name, driver: 'unknown' },
    ),
    groups: least.groups.map((one, index) =>
      one.viable === most.groups[index]!.viable ? one : { ...one, viable: 'unknown' },
    ),
  };
}

function eventOf(step: Step): KernelEvent | null {
  if (step.op === 'write') return { kind: 'write', path: step.path, data: step.data };
  return step.op === 'modprobe' ? { kind: 'load', module: step.module } : null;
}

function verified(state: KernelState, step: Step): Omit<Prediction, 'step'> {
  if (step.op !== 'verify') return { result: 'ok', rule: null, text: null };
  const driver = driverOf(state, step.device);
  const result =
    driver === 'unknown' && step.driver !== 'unknown' ? 'unknown' : driver === step.driver ? 'ok' : 'failed';
  return { result, rule: null, text: `the driver link leads to ${driver ?? 'none'}` };
}

function driverOf(state: KernelState, name: string): string | null {
  const device = state.devices.find((one) => one.name === name && one.present);
  const possible = possibleDrivers(device?.driver ?? null);
  return possible.length === 1 ? possible[0]! : 'unknown';
}
