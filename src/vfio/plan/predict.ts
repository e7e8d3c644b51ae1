import {
  type Evidence,
  type GroupFile,
  groupViability,
  type KernelEvent,
  type KernelState,
  step as kernelStep,
  type Device as ModelDevice,
  makeDriver,
  makeKernel,
  possibleDrivers,
  resultWord,
} from '../../driver-core/index.ts';
import type { MachineDevice } from '../sysfs/device.ts';
import { driverLike, modelDevice } from '../sysfs/model.ts';
import { isMade } from './functions.ts';
import type { Machine } from './machine.ts';
import { bindTarget } from './moves.ts';
import type { Plan, PlannedDevice, Prediction, Step } from './plan-types.ts';

/**
 * A machine as the driver-core model expects it. Drivers' id tables are not read; that a device is bound to its driver
 * is evidence that both would agree again. Where it is not known what processes hold of the groups, they have as much
 * open as possible (`most`), or as little.
 */
function kernelState(
  machine: Machine,
  made: readonly PlannedDevice[],
  steps: readonly Step[],
  seen: readonly Evidence[],
  most: boolean,
): KernelState {
  const known = new Set(machine.groups.map(({ id }) => id));
  const newGroups = new Set(made.flatMap(({ group }) => (group === null || known.has(group) ? [] : group)));
  const coming = steps.flatMap((step) => (step.op === 'modprobe' ? step : []));
  return makeKernel(machine.release, {
    buses: machine.buses,
    modules: coming.map(({ module, bus, driver, vfio }) => ({
      name: module,
      loaded: false,
      depends: [],
      drivers: [driverLike(bus, driver, vfio)],
    })),
    drivers: machine.drivers.map(({ bus, name, vfio, bindable }) =>
      driverLike(bus, name, vfio, { suppressBind: !bindable }),
    ),
    devices: [
      ...machine.devices.flatMap((device) =>
        device.bus === null ? [] : { ...modelDevice(device, device.bus), parent: parentOf(machine, device) },
      ),
      ...made.map(unmade),
    ],
    groups: [
      ...machine.groups.map(({ id }) => ({ ...CLOSED, id, file: groupFile(machine, id, most) })),
      ...[...newGroups].map((id) => ({ ...CLOSED, id, file: null })),
    ],
    evidence: [...machine.devices.flatMap(evidence), ...seen],
    noiommu: machine.noiommu,
    disableDenylist: machine.disableDenylist,
  });
}

/** A virtual function before it is made: the model takes it over when it makes it. */
function unmade({ name, bus, path, modalias, group, physfn }: PlannedDevice): ModelDevice {
  const sriov = { numVfs: 0, vfsAutoprobe: true, physfn, capability: null };
  const device = { name, bus, path, modalias, group, driver: null, class: null, override: null, sriov };
  const model = modelDevice({ ...device, bridge: false, bootDisplay: false, unbinding: false }, bus);
  return { ...model, plugged: false, present: false, matchReady: false };
}

// Stryker disable next-line all: they matter to who opens the group, which no step of a plan does
const CLOSED = { bus: 'pci', type: 'unknown', direct: false };

/** The innermost device that one is behind on the same bus. */
function parentOf({ devices }: Machine, { bus, path }: MachineDevice): string | null {
  const around = devices.filter((one) => one.bus === bus && path.startsWith(`${one.path}/`));
  return around.sort((a, b) => b.path.length - a.path.length)[0]?.name ?? null;
}

function groupFile(machine: Machine, group: string, most: boolean): GroupFile | null {
  const holders = machine.holders.filter((one) => one.group === group);
  // Stryker disable next-line ConditionalExpression: a file that holds nothing counts as none
  if (holders.length === 0) return null;
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

type Predicted = Plan['predicted'];

type Check = Extract<Step, { readonly op: 'verify' }>;
type Wait = Extract<Step, { readonly op: 'functions' }>;

/**
 * Runs the steps in the model: what each would return, and what is bound where afterwards. As in a real run, nothing
 * follows a step that fails or does not return. `seen` adds to what the machine shows of its drivers. If it is not
 * known what a process holds, only what is true in either case is predicted.
 */
export function predict(
  machine: Machine,
  steps: readonly Step[],
  seen: readonly Evidence[],
  planned: readonly PlannedDevice[] = [],
): Predicted {
  const made = planned.filter(isMade);
  const all = [...seen, ...planned.flatMap(makesFunctions)];
  const predictWith = (most: boolean) =>
    predictSteps(kernelState(machine, made, steps, all, most), machine, made, steps);
  const least = predictWith(false);
  // Stryker disable next-line ConditionalExpression,EqualityOperator: it only saves a second run
  const unsure = machine.holders.some(({ perhaps, owns }) => perhaps.length > 0 || owns === 'unknown');
  return unsure ? agreed(least, predictWith(true), machine) : least;
}

/** What the plan is for is assumed of a driver that is not known: that it makes functions. */
function makesFunctions({ bus, name, before, after }: PlannedDevice): Evidence[] {
  const { driver } = before;
  if (driver === null || !after.vfs || makeDriver(bus, driver).sriovConfigure !== 'unknown') return [];
  return [{ bus, driver, device: name, configure: 'ok' }];
}

function predictSteps(
  start: KernelState,
  machine: Machine,
  made: readonly PlannedDevice[],
  steps: readonly Step[],
): Predicted {
  let state = start;
  const results: Prediction[] = [];
  for (const [index, step] of steps.entries()) {
    if (results.some(({ result }) => result !== 'ok' && result !== 'unknown')) {
      results.push({ step: index, result: 'not-taken', rule: null, text: 'an earlier step ends the run' });
      continue;
    }
    if (step.op === 'verify' || step.op === 'functions' || hasAlready(state, step)) {
      const seen =
        step.op === 'verify' ? verified(state, step) : step.op === 'functions' ? counted(state, step) : ALREADY;
      results.push({ step: index, ...seen });
      continue;
    }
    const { state: next, result, trace } = kernelStep(state, eventOf(step));
    const last = trace.at(-1);
    results.push({ step: index, result: resultWord(result), rule: last?.rule ?? null, text: last?.text ?? null });
    state = next;
  }
  const names = new Set(steps.flatMap((step) => (step.op === 'modprobe' ? [] : step.device)));
  return {
    steps: results,
    devices: [...machine.devices, ...made]
      .filter(({ name }) => names.has(name))
      .map(({ name }) => ({ name, driver: driverOf(state, name) })),
    groups: start.groups.map(({ id }) => ({ id, ...groupViability(state, id) })),
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

function eventOf(step: Exclude<Step, Check | Wait>): KernelEvent {
  return step.op === 'write'
    ? { kind: 'write', path: step.path, data: step.data }
    : { kind: 'load', module: step.module };
}

function verified(state: KernelState, step: Check): Omit<Prediction, 'step'> {
  const driver = driverOf(state, step.device);
  const result = driver === 'unknown' ? 'unknown' : driver === step.driver ? 'ok' : 'failed';
  return { result, rule: null, text: `the driver link leads to ${driver ?? 'none'}` };
}

function counted(state: KernelState, { device, functions }: Wait): Omit<Prediction, 'step'> {
  const there = state.devices.filter((one) => one.present && one.pci?.physfn === device).map(({ name }) => name);
  const right = there.length === functions.length && functions.every((name) => there.includes(name));
  return { result: right ? 'ok' : 'failed', rule: null, text: `it has ${there.join(', ') || 'no virtual functions'}` };
}

function driverOf(state: KernelState, name: string): string | null {
  const device = state.devices.find((one) => one.name === name && one.present);
  const possible = possibleDrivers(device?.driver ?? null);
  return possible.length === 1 ? possible[0]! : 'unknown';
}
