import { type Answer, answersTo, STATES, type State } from './answer.ts';
import type { Fleet } from './fleet.ts';
import type { CoverageKernel } from './kernel.ts';
import type { MachineList } from './machine-list.ts';
import { STEP_CLASSES, type StepChange, type StepClass, stepper } from './step.ts';

/** A device of some machines, and how each kernel serves it. */
export interface CoveredDevice {
  readonly modalias: string;
  /** The tags of the fields that the inventories lack. */
  readonly unknown: readonly string[];
  /** Why the modalias is not what a device prints. */
  readonly fault?: string | undefined;
  readonly machines: MachineList;
  /** On how many machines it is, or how many there are where devices are only counted. */
  readonly count: number;
  /** One for each kernel. */
  readonly answers: readonly Answer[];
  readonly changes: readonly StepChange[];
}

/** Which devices each of some kernels serves. */
export interface Coverage {
  readonly kernels: readonly CoverageKernel[];
  /** By their modaliases. */
  readonly devices: readonly CoveredDevice[];
  readonly machines: readonly string[];
}

/** Looks the devices of machines up in kernels, each modalias once. */
export function cover(fleet: Fleet, kernels: readonly CoverageKernel[]): Coverage {
  const changesOf = stepper(kernels);
  const devices = fleet.devices.map(({ device, machines, counted }): CoveredDevice => {
    const answers = answersTo(device, kernels);
    const { modalias, unknown, fault } = device;
    return { modalias, unknown, fault, machines, count: machines.size + counted, answers, changes: changesOf(answers) };
  });
  devices.sort((a, b) => (a.modalias < b.modalias ? -1 : 1));
  return { kernels, devices, machines: fleet.machines };
}

/** What there is of each class at a step: devices, and machines that have any of them. */
export interface StepSummary {
  readonly from: string;
  readonly to: string;
  readonly classes: Readonly<Partial<Record<StepClass, { readonly devices: number; readonly machines: number }>>>;
}

/** A machine that loses something on the way. */
export interface LosingMachine {
  readonly name: string;
  /** Devices. */
  readonly lost: number;
  readonly generic: number;
}

export interface CoverageSummary {
  readonly devices: number;
  readonly machines: number;
  /** How many devices are in each state, for each kernel. */
  readonly states: readonly Readonly<Record<State, number>>[];
  /** From each kernel to the next; a device may skip one that cannot tell. */
  readonly steps: readonly StepSummary[];
  /** Machines with devices that are lost, or left to a generic driver; most losses first. */
  readonly losing: readonly LosingMachine[];
}

const PLACES: ReadonlyMap<State, number> = new Map(STATES.map((state, place) => [state, place]));

export function summarizeCoverage({ kernels, devices, machines }: Coverage): CoverageSummary {
  const changed = devices.filter(({ changes }) => changes.length > 0);
  const states = kernels.map((_, i) => {
    const counts = STATES.map(() => 0);
    for (const { answers } of devices) counts[PLACES.get(answers[i]!.state)!]!++;
    return Object.fromEntries(STATES.map((state, place) => [state, counts[place]!])) as Record<State, number>;
  });
  return {
    devices: devices.length,
    machines: machines.length,
    states,
    steps: stepsOf(kernels, changed),
    losing: losingOf(changed, machines),
  };
}

function stepsOf(kernels: readonly CoverageKernel[], devices: readonly CoveredDevice[]): StepSummary[] {
  return kernels.slice(1).map(({ name }, i) => {
    const counts = new Map<StepClass, { devices: number; machines: Set<number> }>();
    for (const device of devices)
      for (const change of device.changes) {
        if (change.to !== i + 1) continue;
        const count = counts.get(change.class) ?? { devices: 0, machines: new Set() };
        counts.set(change.class, count);
        count.devices++;
        for (const machine of device.machines) count.machines.add(machine);
      }
    const classes = STEP_CLASSES.flatMap((one) => {
      const count = counts.get(one);
      return count ? [[one, { devices: count.devices, machines: count.machines.size }] as const] : [];
    });
    return { from: kernels[i]!.name, to: name, classes: Object.fromEntries(classes) };
  });
}

function losingOf(devices: readonly CoveredDevice[], machines: readonly string[]): LosingMachine[] {
  const counts = { lost: new Uint32Array(machines.length), generic: new Uint32Array(machines.length) };
  for (const device of devices)
    for (const name of ['lost', 'generic'] as const)
      if (device.changes.some((change) => change.class === name))
        for (const machine of device.machines) counts[name][machine]!++;
  const losing = machines.flatMap((name, i) => {
    const [lost, generic] = [counts.lost[i]!, counts.generic[i]!];
    return lost + generic > 0 ? [{ name, lost, generic }] : [];
  });
  return losing.sort((a, b) => b.lost - a.lost || b.generic - a.generic || (a.name < b.name ? -1 : 1));
}
