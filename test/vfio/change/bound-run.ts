import path from 'node:path';
import type { ApplyResult } from '../../../src/vfio/change/apply.ts';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import type { Outcome } from '../../../src/vfio/change/hands.ts';
import { readPlacement } from '../../../src/vfio/change/placements.ts';
import { restoreDevices } from '../../../src/vfio/change/restore-devices.ts';
import type { Placement } from '../../../src/vfio/plan/plan-types.ts';
import type { Device } from '../../../src/vfio/sysfs/device.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { siblingPath } from '../../../src/vfio/sysfs/sriov.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';
import { requestsOf, type Scenario, scenarioMachine } from '../scenarios.ts';
import { faultyHands, type SimulatedKernel, simulatedKernel } from '../simulated-kernel.ts';

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

/** A scenario's machine on a root of its own, with nothing done to it. */
export function prepare(scenario: Scenario): Run {
  const machine = scenarioMachine(scenario);
  const root = machineRoot(machine);
  const kernel = simulatedKernel(root, machine);
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

/**
 * The run itself, for the next bind on its root, where it was rolled back; undefined where it was not, or may have
 * loaded a module, which stays. To make a root takes as long as ten binds.
 */
export function reusable(run: Run, scenario: Scenario): Run | undefined {
  const { modules = {} } = scenarioMachine(scenario);
  const isLoaded = scenario.requests.every(({ module }) => module in modules);
  return isLoaded && run.result?.state === 'rolled-back' ? run : undefined;
}

/** Restores every device of a run. */
export async function restoreWith(run: Run, fault: Fault) {
  const { root, state } = run;
  const hands = handsWith(run, fault);
  const context = { roots: root.roots, hands, state, seconds: 0.1 };
  const restored = await restoreDevices(context, 'all', async () => null, { allowInUse: true });
  return { ...restored, writes: hands.count() };
}
