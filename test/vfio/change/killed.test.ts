import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import { readStatus } from '../../../src/vfio/change/status.ts';
import { readJournals } from '../../../src/vfio/journal/journal.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { bundled } from '../../support/bundle.ts';
import { requestsOf, scenarios } from '../scenarios.ts';
import { bindWith, noFault, prepare, type Run, restoreWith } from './bound-run.ts';
import { movedIn, toldBy } from './fault-run.ts';
import type { Kill } from './killed.ts';

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

type Dying = Omit<Kill, 'directory'>;
const killsOf = (scenario: string, what: Dying['what'], actions: number): Dying[] =>
  Array.from({ length: actions }, (_, index) => index + 1).flatMap((at) => [
    { scenario, what, at, when: 'before' },
    { scenario, what, at, when: 'after' },
  ]);
const binds = cases.flatMap(([name, actions]) => killsOf(name, 'bind', actions));
const restores = cases.slice(0, 3).flatMap(([name, , actions]) => killsOf(name, 'restore', actions));

/** What each leaves; one process is in the middle of all of them when it dies. */
const left = new Map<Dying, Run>();
const made: (() => void)[] = [];
beforeAll(async () => {
  const atEnd = (remove: () => void) => made.push(remove);
  for (const dying of binds) left.set(dying, prepare(scenarios[dying.scenario]!, atEnd));
  for (const dying of restores) {
    const scenario = scenarios[dying.scenario]!;
    left.set(dying, await bindWith(scenario, noFault, prepare(scenario, atEnd)));
  }
  const kills = [...left].map(([dying, run]): Kill => ({ ...dying, directory: run.root.directory }));
  const args = [await bundled('test/vfio/change/killed.ts'), JSON.stringify(kills)];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  for (const { kernel } of left.values()) kernel.lookAgain();
});
afterAll(() => {
  for (const remove of made) remove();
});

/**
 * Everything that is to hold after a run was killed: status is exact, no new run begins, and restore brings all back.
 */
async function afterwards(dying: Dying): Promise<void> {
  const run = left.get(dying)!;
  const scenario = scenarios[dying.scenario]!;
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
  'bindDevices of $scenario, killed at action $at ($when it): status is exact, restore brings it back',
  afterwards,
);

test.each(restores)(
  'restoreDevices of $scenario, killed at action $at ($when it): status is exact, the next restore ends it',
  afterwards,
);

test.each(cases)(
  'restoreDevices: the runs that are killed above have no more actions than they are killed at: %s',
  async (name, binding, restoring) => {
    const run = await bindWith(scenarios[name]!, noFault);
    expect(run.writes).toBe(binding);
    expect((await restoreWith(run, noFault)).writes).toBe(restoring);
  },
);
