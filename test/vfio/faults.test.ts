import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ApplyResult, applyPlan, readPlacement } from '../../src/vfio/apply.ts';
import { bindDevices } from '../../src/vfio/bind.ts';
import { findDevice } from '../../src/vfio/find-device.ts';
import type { Outcome } from '../../src/vfio/hands.ts';
import { beginJournal, readJournals } from '../../src/vfio/journal.ts';
import { readMachine } from '../../src/vfio/machine.ts';
import { planBind } from '../../src/vfio/plan.ts';
import type { Placement } from '../../src/vfio/plan-types.ts';
import { restoreDevices } from '../../src/vfio/restore-devices.ts';
import { readStatus } from '../../src/vfio/status.ts';
import { machineRoot, type TestRoot } from './machine-root.ts';
import { type Scenario, scenarioMachine, scenarios } from './scenarios.ts';
import { faultyHands, simulatedKernel } from './simulated-kernel.ts';

const EIO: Outcome = { kind: 'failed', errno: 'EIO', message: 'made to fail' };

interface Run {
  readonly root: TestRoot;
  readonly state: string;
  readonly before: Readonly<Record<string, Placement>>;
  readonly result: ApplyResult | null;
  readonly writes: number;
  readonly placements: () => Record<string, Placement>;
}

async function bindWith(scenario: Scenario, fault: (count: number, at: string) => Outcome | undefined): Promise<Run> {
  const machine = scenarioMachine(scenario);
  const root = machineRoot(machine);
  const { sysfs } = root.roots;
  const devices = scenario.requests.map(({ device }) => findDevice(sysfs, device).device);
  const placements = () => Object.fromEntries(devices.map(({ path: at, name }) => [name, readPlacement(sysfs, at)]));
  const before = placements();
  const hands = faultyHands(simulatedKernel(root, machine), fault);
  const state = path.join(root.directory, 'state');
  const requests = scenario.requests.map(({ driver, module }, index) => ({
    path: devices[index]!.path,
    driver,
    module,
  }));
  const { result } = await bindDevices({ roots: root.roots, hands, state }, devices, requests, { allowInUse: true });
  return { root, state, before, result, writes: hands.count(), placements };
}

const writesOf = async (scenario: Scenario) => (await bindWith(scenario, () => undefined)).writes;

describe.each(Object.entries(scenarios))('%s', (_name, scenario) => {
  test('bindDevices binds what was asked for and keeps a journal', async () => {
    const run = await bindWith(scenario, () => undefined);
    expect(run.result).toMatchObject({ state: 'done', failure: null });
    for (const { device, driver } of scenario.requests)
      expect(run.placements()[device]).toEqual({ driver, override: driver });
    expect(readJournals(run.state).map(({ state }) => state)).toEqual(['bound']);
  });

  test('restoreDevices brings every device back, with the driver_override that it had', async () => {
    const run = await bindWith(scenario, () => undefined);
    const hands = simulatedKernel(run.root, scenarioMachine(scenario));
    const { result } = await restoreDevices(
      { roots: run.root.roots, hands, state: run.state },
      'all',
      async () => null,
      { allowInUse: true },
    );
    expect(result?.state).toBe('done');
    expect(run.placements()).toEqual(run.before);
    expect(readJournals(run.state)).toEqual([]);
  });

  test('bindDevices leaves all as it was when any one write fails', async () => {
    const writes = await writesOf(scenario);
    for (let failing = 1; failing <= writes; failing++) {
      const run = await bindWith(scenario, (count) => (count === failing ? EIO : undefined));
      expect(run.result?.state, `write ${failing}`).toBe('rolled-back');
      expect(run.result?.failure?.message).toMatch(/EIO \(made to fail\)/);
      expect(run.placements(), `write ${failing}`).toEqual(run.before);
      expect(readJournals(run.state)).toEqual([]);
    }
  });

  test('bindDevices leaves all as it was, or names what is left, when any two writes fail', async () => {
    const writes = await writesOf(scenario);
    for (let first = 1; first <= writes; first++) {
      for (let second = first + 1; second <= first + writes + 1; second++) {
        const run = await bindWith(scenario, (count) => (count === first || count === second ? EIO : undefined));
        honest(run, `writes ${first} and ${second}`);
      }
    }
  });

  test('bindDevices names what is left when every write fails from some write on', async () => {
    const writes = await writesOf(scenario);
    for (let first = 1; first <= writes; first++) {
      const run = await bindWith(scenario, (count) => (count >= first ? EIO : undefined));
      honest(run, `writes from ${first} on`);
      expect(run.result?.failure).not.toBeNull();
      if (run.result?.state !== 'incomplete') continue;
      expect(run.result.rollbackFailures.length).toBeGreaterThan(0);
      const hands = simulatedKernel(run.root, scenarioMachine(scenario));
      await restoreDevices({ roots: run.root.roots, hands, state: run.state }, 'all', async () => null, {
        allowInUse: true,
      });
      expect(run.placements(), `restored after writes from ${first} on`).toEqual(run.before);
    }
  });

  test('bindDevices names a device whose unbind does not end, and leaves it to the kernel', async () => {
    const run = await bindWith(scenario, (_count, at) =>
      at.endsWith('/unbind') ? { kind: 'timeout', seconds: 3 } : undefined,
    );
    if (run.result?.state === 'done') return;
    expect(run.result).toMatchObject({ state: 'incomplete', failure: { pending: true } });
    expect(run.result?.failure?.message).toMatch(/no answer within 3 s; the kernel is still at it/);
    expect(readJournals(run.state).map(({ state }) => state)).toEqual(['incomplete']);
  });
});

test('bindDevices takes back what was done when it is told to stop', async () => {
  const scenario = scenarios['two cards of one group']!;
  const machine = scenarioMachine(scenario);
  for (let at = 1; at <= 6; at++) {
    const root = machineRoot(machine);
    const devices = scenario.requests.map(({ device }) => findDevice(root.roots.sysfs, device).device);
    const stop = new AbortController();
    const hands = faultyHands(simulatedKernel(root, machine), (count) => {
      if (count === at) stop.abort();
      return undefined;
    });
    const context = { roots: root.roots, hands, state: path.join(root.directory, 'state'), signal: stop.signal };
    const requests = devices.map((device) => ({ path: device.path, driver: 'vfio-pci', module: 'vfio_pci' }));
    const { result } = await bindDevices(context, devices, requests);
    expect(result?.state).toBe('rolled-back');
    expect(result?.failure?.message).toBe('stopped by a signal');
    for (const device of devices)
      expect(readPlacement(root.roots.sysfs, device.path)).toEqual({ driver: 'e1000', override: null });
  }
});

test('restoreDevices leaves a device alone when nothing tells where it belongs', async () => {
  const machine = scenarioMachine({ machine: 'noiommu-mode', requests: [] });
  const root = machineRoot(machine);
  const { device } = findDevice(root.roots.sysfs, '0000:00:04.0');
  const context = {
    roots: root.roots,
    hands: simulatedKernel(root, machine),
    state: path.join(root.directory, 'state'),
  };
  const { result, homeless } = await restoreDevices(context, [device], async () => null);
  expect({ result, homeless }).toEqual({ result: null, homeless: [device.path] });
  expect(readPlacement(root.roots.sysfs, device.path).driver).toBe('vfio-pci');
});

/** No device is lost in silence: it is where it was, or the result and the status both name it. */
function honest(run: Run, what: string): void {
  const now = run.placements();
  const moved = Object.keys(now).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(run.before[name]));
  expect(run.result?.left.map(({ name }) => name).sort(), what).toEqual(moved.sort());
  expect(run.result?.state, what).toBe(moved.length === 0 ? 'rolled-back' : 'incomplete');
  const told = readStatus(run.root.roots, run.state).journals.flatMap(({ devices }) =>
    devices.filter(({ back }) => !back),
  );
  expect(told.map(({ name }) => name).sort(), what).toEqual(moved.sort());
}

test('applyPlan leaves alone what somebody else changed after the plan was made', async () => {
  const scenario = scenarios['two cards of one group']!;
  const machine = scenarioMachine(scenario);
  const root = machineRoot(machine);
  const { sysfs } = root.roots;
  const devices = scenario.requests.map(({ device }) => findDevice(sysfs, device).device);
  const requests = devices.map((device) => ({ path: device.path, driver: 'vfio-pci', module: 'vfio_pci' }));
  const plan = planBind(readMachine(root.roots, devices), requests);
  const kernel = simulatedKernel(root, machine);
  await kernel.write('bus/pci/drivers/e1000/unbind', '0000:04:02.0');
  const hands = faultyHands(kernel, () => undefined);
  const journal = beginJournal(path.join(root.directory, 'state'), null, []);
  const result = await applyPlan(plan, { sysfs, hands, journal });
  journal.close();
  expect(result).toMatchObject({ state: 'rolled-back', taken: 0, left: [] });
  expect(result.failure?.message).toBe('0000:04:02.0 is not as it was when the plan was made; make a new plan');
  expect(hands.count()).toBe(0);
  expect(readPlacement(sysfs, devices[1]!.path)).toEqual({ driver: null, override: null });
});

test('restoreDevices that is cut short is told by status, and one that is taken back leaves the journal as it was', async () => {
  const scenario = scenarios['one card']!;
  const run = await bindWith(scenario, () => undefined);
  const context = { roots: run.root.roots, state: run.state };
  const kernel = simulatedKernel(run.root, scenarioMachine(scenario));
  const states = () => readStatus(run.root.roots, run.state).journals.map(({ state }) => state);
  const failing = faultyHands(kernel, (count) => (count === 3 ? EIO : undefined));
  const failed = await restoreDevices({ ...context, hands: failing }, 'all', async () => null);
  expect(failed.result?.state).toBe('rolled-back');
  expect(states()).toEqual(['bound']);
  const dying = faultyHands(kernel, (count) => {
    if (count === 3) throw new Error('killed');
    return undefined;
  });
  await expect(restoreDevices({ ...context, hands: dying }, 'all', async () => null)).rejects.toThrow('killed');
  expect(states()).toEqual(['interrupted']);
  await restoreDevices({ ...context, hands: kernel }, 'all', async () => null);
  expect(run.placements()).toEqual(run.before);
  expect(states()).toEqual([]);
});
