import path from 'node:path';
import { expect, test } from 'vitest';
import { applyPlan } from '../../../src/vfio/change/apply.ts';
import { beginJournal, type Journal } from '../../../src/vfio/journal/journal.ts';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { prepare } from '../change/bound-run.ts';
import { scenarioMachine, scenarios } from '../scenarios.ts';
import { faultyHands, simulatedKernel } from '../simulated-kernel.ts';

const scenario = scenarios['two cards of one group']!;

/** Binds with a journal whose disk is full from some line on, or for one line only. */
async function bindWithFullDisk(full: (line: number) => boolean) {
  const run = prepare(scenario);
  const { roots } = run.root;
  const devices = scenario.requests.map(({ device }) => findDevice(roots.sysfs, device).device);
  const requests = scenario.requests.map((request, index) => ({ ...request, path: devices[index]!.path }));
  const plan = planBind(readMachine(roots, devices), requests);
  const journal = beginJournal(path.join(run.root.directory, 'state'), null, []);
  let lines = 0;
  const filling: Journal = {
    ...journal,
    add(line) {
      lines++;
      if (full(lines)) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      journal.add(line);
    },
  };
  const hands = faultyHands(simulatedKernel(run.root, scenarioMachine(scenario)), () => undefined);
  const result = await applyPlan(plan, { sysfs: roots.sysfs, hands, journal: filling });
  journal.close();
  return { run, result, lines, writes: hands.count() };
}

test('applyPlan rolls everything back when a line of the journal cannot be written, and makes no write without its line', async () => {
  const { lines } = await bindWithFullDisk(() => false);
  expect(lines).toBe(15);
  for (let first = 1; first <= lines; first++) {
    const { run, result, writes } = await bindWithFullDisk((line) => line >= first);
    expect(result, `from line ${first} on`).toMatchObject({ state: 'rolled-back', left: [] });
    expect(result.failure?.message).toMatch(/1\.journal cannot be written: .*space/);
    expect(run.placements(), `from line ${first} on`).toEqual(run.before);
    if (first === 1) expect(writes).toBe(0);
  }
});

test('applyPlan goes on where only what came of a step cannot be noted', async () => {
  // The second line is the outcome of the first step.
  const { result } = await bindWithFullDisk((line) => line === 2);
  expect(result.state).toBe('done');
});
