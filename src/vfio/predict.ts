import {
  type Evidence,
  groupViability,
  type KernelEvent,
  type KernelState,
  step as kernelStep,
  makeKernel,
  possibleDrivers,
  resultWord,
} from '../driver-core/index.ts';
import type { MachineDevice } from './device.ts';
import { driverLike, modelDevice } from './kernel-state.ts';
import type { Machine } from './machine.ts';
import type { Plan, Prediction, Step } from './plan-types.ts';

/**
 * A machine as the driver-core model wants it. Drivers' id tables are not read; that a device is bound to its driver is
 * evidence that both would agree again.
 */
export function kernelState(machine: Machine, steps: readonly Step[]): KernelState {
  const coming = steps.flatMap((step) => (step.op === 'modprobe' ? step : []));
  return makeKernel(machine.release, {
    buses: [...new Set(machine.devices.flatMap((device) => device.bus ?? []))].map((name) => ({
      name,
      autoprobe: true,
    })),
    modules: coming.map(({ module, bus, driver }) => ({
      name: module,
      loaded: false,
      depends: [],
      drivers: [driverLike(bus, driver, true, { module })],
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
      file: null,
    })),
    evidence: machine.devices.flatMap(evidence),
    noiommu: machine.noiommu,
  });
}

function evidence(device: MachineDevice): Evidence[] {
  if (device.bus === null || device.driver === null) return [];
  const seen = { bus: device.bus, driver: device.driver, device: device.name, probe: 'ok' as const };
  return [typeof device.override === 'string' ? seen : { ...seen, matches: true }];
}

/** Lets the model take the steps: what each would return, and what is bound where afterwards. */
export function predict(
  machine: Machine,
  steps: readonly Step[],
): { predicted: Plan['predicted']; after: KernelState } {
  let state = kernelState(machine, steps);
  const results: Prediction[] = [];
  for (const [index, step] of steps.entries()) {
    const event = eventOf(step);
    if (event === null) {
      results.push({ step: index, ...verified(state, step) });
      continue;
    }
    const { state: next, result, trace } = kernelStep(state, event);
    const last = trace.at(-1);
    results.push({ step: index, result: resultWord(result), rule: last?.rule ?? null, text: last?.text ?? null });
    state = next;
  }
  const names = new Set(steps.flatMap((step) => (step.op === 'modprobe' ? [] : step.device)));
  return {
    predicted: {
      steps: results,
      devices: machine.devices
        .filter((device) => names.has(device.name))
        .map(({ name }) => ({ name, driver: driverOf(state, name) })),
      groups: machine.groups.map(({ id }) => ({ id, ...groupViability(state, id) })),
    },
    after: state,
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
