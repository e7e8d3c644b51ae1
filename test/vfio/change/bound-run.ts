import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, onTestFinished } from 'vitest';
import type { KernelState } from '../../../src/driver-core/index.ts';
import type { ApplyResult } from '../../../src/vfio/change/apply.ts';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import type { Outcome } from '../../../src/vfio/change/hands.ts';
import { readPlacement } from '../../../src/vfio/change/placements.ts';
import { restoreDevices } from '../../../src/vfio/change/restore-devices.ts';
import { readJournals } from '../../../src/vfio/journal/journal.ts';
import type { Placement } from '../../../src/vfio/plan/plan-types.ts';
import type { Device } from '../../../src/vfio/sysfs/device.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { siblingPath } from '../../../src/vfio/sysfs/sriov.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';
import { requestsOf, type Scenario, scenarioMachine } from '../scenarios.ts';
import { faultyHands, kernelOf, type SimulatedKernel, simulatedKernel } from '../simulated-kernel.ts';

export const EIO: Outcome = { kind: 'failed', errno: 'EIO', message: 'made to fail' };

/** A scenario that was bound, or tried to be. */
export interface Run {
  readonly root: TestRoot;
  /** What is behind the root; it reads the files once, so whoever changes them by hand tells it. */
  readonly kernel: SimulatedKernel;
  readonly state: string;
  readonly before: Readonly<Record<string, Placement>>;
  readonly result: ApplyResult | null;
  readonly writes: number;
  readonly placements: () => Record<string, Placement>;
}

/**
 * What goes wrong at an action: what it gives instead of being done, that it only seems to have failed, or undefined. A
 * fault that changes the files asks for the root, and the kernel reads them again.
 */
export type Fault = (count: number, at: string, changing: () => TestRoot) => Outcome | 'done-but-EIO' | undefined;

export const noFault: Fault = () => undefined;

/** What is behind a root of each scenario with nothing done to it: to read it takes longer than to make the root. */
const untouched = new Map<Scenario, KernelState>();

/** A scenario's machine on a root of its own, with nothing done to it; by default it is gone after the test. */
export function prepare(scenario: Scenario, atEnd: (remove: () => void) => void = onTestFinished): Run {
  const machine = scenarioMachine(scenario);
  const root = machineRoot(machine, atEnd);
  const state = untouched.get(scenario) ?? kernelOf(root, machine);
  untouched.set(scenario, state);
  return onRoot(scenario, root, simulatedKernel(root, machine, undefined, state));
}

function onRoot(scenario: Scenario, root: TestRoot, kernel: SimulatedKernel): Run {
  const { sysfs } = root.roots;
  const devices = scenario.requests.map(({ device }) => findDevice(sysfs, device).device);
  const placements = () =>
    Object.fromEntries(devices.flatMap((device, index) => placed(device, scenario.requests[index]!.vfs)));
  const placed = ({ path: at, name }: Device, vfs?: number): [string, Placement][] => {
    if (vfs === undefined) return [[name, readPlacement(sysfs, at)]];
    const itself = readPlacement(sysfs, at, []);
    const functions = itself.vfs!.functions.map((one): [string, Placement] => [
      one,
      readPlacement(sysfs, siblingPath(at, one)),
    ]);
    return [[name, itself], ...functions];
  };
  const state = path.join(root.directory, 'state');
  return { root, kernel, state, before: placements(), result: null, writes: 0, placements };
}

function handsWith({ root, kernel }: Run, fault: Fault): ReturnType<typeof faultyHands> {
  const changing = () => {
    kernel.lookAgain();
    return root;
  };
  return faultyHands(kernel, (count, at) => fault(count, at, changing));
}

/** Binds a scenario's devices, by default on a root of their own. */
export async function bindWith(scenario: Scenario, fault: Fault, run = prepare(scenario)): Promise<Run> {
  const { root, state } = run;
  const hands = handsWith(run, fault);
  const devices = scenario.requests.map(({ device }) => findDevice(root.roots.sysfs, device).device);
  const context = { roots: root.roots, hands, state, seconds: 0.1 };
  const { result } = await bindDevices(context, devices, requestsOf(scenario, devices), { allowInUse: true });
  return { ...run, result, writes: hands.count() };
}

/** Roots of a scenario that one run after the other is on. */
export interface SharedRoots {
  /** A root with nothing done to it. */
  readonly take: () => Run;
  /** For the next run, where all is as it was before. */
  readonly giveBack: (run: Run) => void;
}

/**
 * Roots of a scenario for the tests of a file or of a `describe`, which are gone after the last of them. To make a root
 * takes as long as ten binds.
 */
export function sharedRoots(scenario: Scenario): SharedRoots {
  const spare: Run[] = [];
  const made: (() => void)[] = [];
  afterAll(() => {
    for (const remove of made) remove();
  });
  return {
    take: () => spare.pop() ?? prepare(scenario, (remove) => made.push(remove)),
    giveBack: (run) => {
      if (isAsBefore(run, scenario)) spare.push(run);
    },
  };
}

/** Whether a run left nothing: no device elsewhere, no journal, and no module, which stays once it is loaded. */
function isAsBefore(run: Run, scenario: Scenario): boolean {
  const { modules = {} } = scenarioMachine(scenario);
  const isLoaded = scenario.requests.every(({ module }) => module in modules);
  return isLoaded && isDeepStrictEqual(run.placements(), run.before) && readJournals(run.state).length === 0;
}

/** Restores every device of a run. */
export async function restoreWith(run: Run, fault: Fault) {
  const { root, state } = run;
  const hands = handsWith(run, fault);
  const context = { roots: root.roots, hands, state, seconds: 0.1 };
  const restored = await restoreDevices(context, 'all', async () => null, { allowInUse: true });
  return { ...restored, writes: hands.count() };
}
