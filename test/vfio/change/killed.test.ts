import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import { readStatus } from '../../../src/vfio/change/status.ts';
import { readJournals } from '../../../src/vfio/journal/journal.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { bundled } from '../../support/bundle.ts';
import { requestsOf, type Scenario, scenarios } from '../scenarios.ts';
import { bindWith, noFault, prepare, type Run, restoreWith } from './bound-run.ts';
import { movedIn, toldBy } from './fault-run.ts';

/**
 * Actions (writes and modprobes) of each scenario, of its bind and of its restore; restoring the last is like restoring
 * the first.
 */
const cases = [
  ['two cards of one group', 6, 6],
  ['a card with an override already', 3, 3],
  ['two virtual functions that are made', 6, 4],
  ['a card and its sound, the module not loaded', 7, 6],
] as const;

const kills = (actions: number) =>
  Array.from({ length: actions }, (_, index) => [[index + 1, 'before'] as const, [index + 1, 'after'] as const]).flat();
const binds = cases.flatMap(([name, actions]) => kills(actions).map((kill) => [name, ...kill] as const));
const restores = cases
  .slice(0, 3)
  .flatMap(([name, , actions]) => kills(actions).map((kill) => [name, ...kill] as const));

const child = await bundled('test/vfio/change/killed.ts');

/** Runs one command in a process of its own, which ends itself; null where it came to its end. */
function killedRun(run: Run, name: string, what: 'bind' | 'restore', at: number, when: string): string | null {
  const args = [child, run.root.directory, name, what, String(at), when];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  run.kernel.lookAgain();
  return signal;
}

/**
 * Everything that is to hold after a run was killed: status is exact, no new run begins, and restore brings all back.
 */
async function afterwards(run: Run, scenario: Scenario): Promise<void> {
  const now = run.placements();
  expect(toldBy(run)).toEqual(movedIn(run));
  const [journal] = readStatus(run.root.roots, run.state).journals;
  expect(journal?.state).toBe('interrupted');
  for (const told of journal!.devices)
    expect(told).toMatchObject({ before: run.before[told.name], now: now[told.name], gone: false, unbinding: false });

  const { roots } = run.root;
  const devices = scenario.requests.map(({ device }) => findDevice(roots.sysfs, device).device);
  const context = { roots, hands: run.kernel, state: run.state };
  await expect(bindDevices(context, devices, requestsOf(scenario, devices))).rejects.toThrow(
    /was interrupted; restore it first: modalias vfio restore/,
  );
  await restoreWith(run, noFault);
  expect(run.placements()).toEqual(run.before);
  expect(readJournals(run.state)).toEqual([]);
}

test.each(binds)(
  'bindDevices of %s, killed at action %i (%s it): status is exact, restore brings it back',
  async (name, at, when) => {
    const run = prepare(scenarios[name]!);
    expect(killedRun(run, name, 'bind', at, when)).toBe('SIGKILL');
    await afterwards(run, scenarios[name]!);
  },
);

test.each(restores)(
  'restoreDevices of %s, killed at action %i (%s it): status is exact, the next restore ends it',
  async (name, at, when) => {
    const run = await bindWith(scenarios[name]!, noFault);
    expect(killedRun(run, name, 'restore', at, when)).toBe('SIGKILL');
    await afterwards(run, scenarios[name]!);
  },
);

test.each(cases)(
  'restoreDevices: the runs that are killed above have no more actions than they are killed at: %s',
  async (name, binding, restoring) => {
    const run = await bindWith(scenarios[name]!, noFault);
    expect(run.writes).toBe(binding);
    expect((await restoreWith(run, noFault)).writes).toBe(restoring);
  },
);
