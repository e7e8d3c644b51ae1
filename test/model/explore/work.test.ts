import { expect, test } from 'vitest';
import { type CheckOptions, check } from '../../../src/model/explore/check.ts';
import { checkAndFix } from '../../../src/model/explore/fixes.ts';
import { Work, workOf } from '../../../src/model/explore/work.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { type RecipeEvent, recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { WAYS } from './recipes.ts';

const { machine } = BUILT_IN_MACHINES['two-like-nics']!;
const start = kernelState(machine);
const OPTIONS: CheckOptions = {
  while: new Set(['hotplug', 'probe', 'second-run', 'kill']),
  stated: [],
  mostStates: 1_000_000,
};
const program = (events: readonly RecipeEvent[]) => recipeProgram(recipeOf('bind', events));
const overrides = Array.from(
  { length: 300 },
  (_, i): RecipeEvent => ({
    kind: 'write',
    path: 'bus/pci/devices/0000:01:00.0/driver_override',
    data: `${i}\n`,
  }),
);

test('Work: what is spent of a part is spent of the whole, and a part may use up no more than its share', () => {
  const work = new Work(100);
  const part = work.part(0.25);
  part.spend(24);
  expect([part.isUsedUp, work.isUsedUp]).toEqual([false, false]);
  part.spend(1);
  expect([part.isUsedUp, work.isUsedUp]).toEqual([true, false]);
  work.part(1).spend(75);
  expect(work.isUsedUp).toBe(true);
  const endless = new Work();
  endless.spend(1e12);
  expect(endless.isUsedUp).toBe(false);
});

test('workOf: more devices and more dynamic ids take more', () => {
  const dynids = start.drivers.map((one) => ({ ...one, dynids: Array(1000).fill(one.dynids[0]) }));
  const devices = Array(10_000).fill(start.devices[0]);
  expect(workOf({ ...start, devices })).toBeGreaterThan(2 * workOf(start));
  expect(workOf({ ...start, drivers: dynids })).toBeGreaterThan(2 * workOf(start));
});

test('check: where the work is used up the verdict is unknown, and says how to go on', () => {
  const work = new Work(20_000);
  const { verdict, bounds, states, truncated } = check([program(overrides)], start, { ...OPTIONS, work });
  expect([verdict, truncated, work.isUsedUp]).toEqual(['unknown', true, true]);
  expect(states).toBeLessThan(20_000);
  expect(bounds.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^only the first \d+ states were explored; --most-states raises that$/),
  ]);
});

test('check: work that suffices changes no answer', () => {
  const events = WAYS['override, bind, read back']!;
  const all = check([program(events)], start, OPTIONS);
  expect(check([program(events)], start, { ...OPTIONS, work: new Work(100_000) })).toEqual(all);
  expect(all.truncated).toBe(false);
});

test('checkAndFix: a fix that there is no work left to check is not said to hold', () => {
  const holds = (work?: Work) =>
    checkAndFix([program(WAYS.new_id!)], start, { ...OPTIONS, work }).violations.map(({ fix }) => fix.holds);
  expect(new Set(holds())).toEqual(new Set([true]));
  expect(new Set(holds(new Work(6500)))).toEqual(new Set([null]));
});

test('check: of many devices that the programs name only some are disturbed, which is said', () => {
  const card = machine.devices.find(({ path }) => path.endsWith('02:00.0'))!;
  const more = Array.from({ length: 70 }, (_, i) => ({ ...card, path: `pci0000:00/0000:0${i >> 3}:1f.${i & 7}` }));
  const all = kernelState({ ...machine, devices: [...machine.devices, ...more] });
  const events = all.devices.map(
    ({ name }): RecipeEvent => ({ kind: 'write', path: `bus/pci/devices/${name}/driver_override`, data: 'x\n' }),
  );
  const { bounds, aims } = check([program(events)], all, { ...OPTIONS, while: new Set(['hotplug']) });
  expect(bounds.map(({ text }) => text)).toEqual(['of 72 devices that the programs name only 64 were disturbed']);
  expect(aims).toEqual([]);
});
