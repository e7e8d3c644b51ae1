import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../src/vfio/change/apply.ts';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import { readPlacement } from '../../../src/vfio/change/placements.ts';
import { restoreDevices } from '../../../src/vfio/change/restore-devices.ts';
import { readStatus } from '../../../src/vfio/change/status.ts';
import { beginJournal, readJournals } from '../../../src/vfio/journal/journal.ts';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { machineRoot } from '../machine-root.ts';
import { scenarioMachine, scenarios } from '../scenarios.ts';
import { faultyHands, simulatedKernel } from '../simulated-kernel.ts';
import { bindWith, EIO, type Fault, noFault, restoreWith, sharedRoots } from './bound-run.ts';
import { honest, movedIn, toldBy } from './fault-run.ts';

describe.each(Object.entries(scenarios))('bindDevices and restoreDevices: %s', (_name, scenario) => {
  const roots = sharedRoots(scenario);
  const bound = () => bindWith(scenario, noFault, roots.take());
  let counted: Promise<{ binding: number; restoring: number }> | undefined;
  /** How many writes a bind and a restore take where nothing fails. */
  const writes = () => {
    counted ??= bound().then(async (run) => {
      const { writes: restoring } = await restoreWith(run, noFault);
      roots.giveBack(run);
      return { binding: run.writes, restoring };
    });
    return counted;
  };

  test('bindDevices binds what was asked for and keeps a journal', async () => {
    const run = await bound();
    expect(run.result).toMatchObject({ state: 'done', failure: null });
    const { before, placements } = run;
    for (const { device, driver, vfs } of scenario.requests) {
      const moved = Object.entries(placements()).filter(([name]) => (vfs === undefined) === (name === device));
      expect(moved.map(([, placement]) => placement)).toEqual(Array(vfs ?? 1).fill({ driver, override: driver }));
      if (vfs !== undefined)
        expect(placements()[device]).toEqual({
          ...before[device],
          vfs: { functions: moved.map(([name]) => name), autoprobe: false },
        });
    }
    expect(readJournals(run.state).map(({ state }) => state)).toEqual(['bound']);
  });

  test('restoreDevices brings every device back, with the driver_override that it had', async () => {
    const run = await bound();
    const { result } = await restoreWith(run, noFault);
    expect(result?.state).toBe('done');
    expect(run.placements()).toEqual(run.before);
    expect(readJournals(run.state)).toEqual([]);
    roots.giveBack(run);
  });

  test('bindDevices leaves all as it was when any one write fails', async () => {
    const { binding } = await writes();
    for (let failing = 1; failing <= binding; failing++) {
      const run = await bindWith(scenario, (count) => (count === failing ? EIO : undefined), roots.take());
      expect(run.result?.state, `write ${failing}`).toBe('rolled-back');
      expect(run.result?.failure?.message).toMatch(/EIO \(made to fail\)/);
      expect(run.placements(), `write ${failing}`).toEqual(run.before);
      expect(readJournals(run.state)).toEqual([]);
      roots.giveBack(run);
    }
  });

  test('bindDevices leaves all as it was when any one write is done and yet reported as failed', async () => {
    const { binding } = await writes();
    for (let failing = 1; failing <= binding; failing++) {
      const run = await bindWith(scenario, (count) => (count === failing ? 'done-but-EIO' : undefined), roots.take());
      expect(run.result?.state, `write ${failing}`).toBe('rolled-back');
      expect(run.placements(), `write ${failing}`).toEqual(run.before);
      expect(readJournals(run.state)).toEqual([]);
      roots.giveBack(run);
    }
  });

  test('restoreDevices leaves all bound, and the journal as it was, when any one write fails', async () => {
    const run = await bound();
    const placed = run.placements();
    const { restoring } = await writes();
    for (let failing = 1; failing <= restoring; failing++) {
      const { result } = await restoreWith(run, (count) => (count === failing ? EIO : undefined));
      expect(result?.state, `write ${failing}`).toBe('rolled-back');
      expect(run.placements(), `write ${failing}`).toEqual(placed);
      expect(readJournals(run.state).map(({ state }) => state)).toEqual(['bound']);
    }
    await restoreWith(run, noFault);
    expect(run.placements()).toEqual(run.before);
    roots.giveBack(run);
  });

  test('restoreDevices leaves all bound when any two writes fail', async () => {
    const run = await bound();
    const placed = run.placements();
    const { restoring } = await writes();
    for (let first = 1; first <= restoring; first++) {
      for (let second = first + 1; second <= first + restoring + 1; second++) {
        const fails = (count: number) => (count === first || count === second ? EIO : undefined);
        const { result } = await restoreWith(run, fails);
        expect(result, `writes ${first} and ${second}`).toMatchObject({ state: 'rolled-back', left: [] });
        expect(run.placements(), `writes ${first} and ${second}`).toEqual(placed);
      }
    }
    expect(readJournals(run.state).map(({ state }) => state)).toEqual(['bound']);
  });

  test('restoreDevices names what is left when every write fails from some write on; the next brings all back', async () => {
    const { restoring } = await writes();
    let incomplete = 0;
    for (let first = 1; first <= restoring; first++) {
      const run = await bound();
      const placed = run.placements();
      const { result } = await restoreWith(run, (count) => (count >= first ? EIO : undefined));
      const what = `writes from ${first} on`;
      const between = movedIn(run, placed);
      expect(result?.left.map(({ name }) => name).sort(), what).toEqual(between);
      expect(result?.state, what).toBe(between.length === 0 ? 'rolled-back' : 'incomplete');
      if (between.length > 0) incomplete++;
      // Whatever came of it, status names what is not where it was before the bind.
      expect(toldBy(run), what).toEqual(movedIn(run));
      await restoreWith(run, noFault);
      expect(run.placements(), what).toEqual(run.before);
      expect(readJournals(run.state), what).toEqual([]);
      roots.giveBack(run);
    }
    expect(incomplete > 0 || restoring === 1).toBe(true);
  });

  test('bindDevices leaves all as it was, or names what is left, when any two writes fail', async () => {
    const { binding } = await writes();
    for (let first = 1; first <= binding; first++) {
      for (let second = first + 1; second <= first + binding + 1; second++) {
        const fails = (count: number) => (count === first || count === second ? EIO : undefined);
        const run = await bindWith(scenario, fails, roots.take());
        honest(run, `writes ${first} and ${second}`);
        roots.giveBack(run);
      }
    }
  });

  test('bindDevices names what is left when every write fails from some write on', async () => {
    const { binding } = await writes();
    for (let first = 1; first <= binding; first++) {
      const run = await bindWith(scenario, (count) => (count >= first ? EIO : undefined), roots.take());
      honest(run, `writes from ${first} on`);
      expect(run.result?.failure).not.toBeNull();
      if (run.result?.state === 'incomplete') {
        expect(run.result.rollbackFailures.length).toBeGreaterThan(0);
        await restoreWith(run, noFault);
        expect(run.placements(), `restored after writes from ${first} on`).toEqual(run.before);
      }
      roots.giveBack(run);
    }
  });

  test('bindDevices names a device whose unbind does not end, and leaves it to the kernel', async () => {
    const stuck: Fault = (_count, at) => (at.endsWith('/unbind') ? { kind: 'timeout', seconds: 3 } : undefined);
    const run = await bindWith(scenario, stuck, roots.take());
    if (run.result?.state === 'done') return;
    expect(run.result).toMatchObject({ state: 'incomplete', failure: { pending: true } });
    expect(run.result?.failure?.message).toMatch(/no response within 3 s; the kernel has not finished/);
    expect(readJournals(run.state).map(({ state }) => state)).toEqual(['incomplete']);
  });
});

test('bindDevices takes back what was done when it is asked to stop', async () => {
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
  const { result, withoutNative } = await restoreDevices(context, [device], async () => null);
  expect({ result, withoutNative }).toEqual({ result: null, withoutNative: [device.path] });
  expect(readPlacement(root.roots.sysfs, device.path).driver).toBe('vfio-pci');
});

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
  expect(result.failure?.message).toBe('0000:04:02.0 has changed since the plan was made; make a new plan');
  expect(hands.count()).toBe(0);
  expect(readPlacement(sysfs, devices[1]!.path)).toEqual({ driver: null, override: null });
});

test('restoreDevices that is cut short is reported by status, and one that is taken back leaves the journal as it was', async () => {
  const scenario = scenarios['one card']!;
  const run = await bindWith(scenario, noFault);
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
