import { expect, test } from 'vitest';
import { findDevice, possibleDrivers, step } from '../../../src/driver-core/index.ts';
import { USUAL_DISTURBANCES } from '../../../src/model/explore/acts.ts';
import { type CheckOptions, check } from '../../../src/model/explore/check.ts';
import type { Replay } from '../../../src/model/explore/replay.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { WAYS } from './recipes.ts';

const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
const USUAL: CheckOptions = { while: new Set(USUAL_DISTURBANCES), stated: [], mostStates: 1_000_000 };
const checked = (way: string, options: Partial<CheckOptions> = {}) =>
  check([recipeProgram(recipeOf('bind', WAYS[way]!))], machine, { ...USUAL, ...options });

/** Does a replay to the model again, and expects of each act and step what it says. */
function redo({ start, steps }: Replay): void {
  let now = start;
  for (const { acts, after } of steps) {
    for (const { event, result } of acts) {
      const transition = step(now, event);
      expect(transition.result).toEqual(result);
      now = transition.state;
    }
    expect(now).toEqual(after);
  }
}

test.each(Object.keys(WAYS))('check: the replay of each violation of %s leads where the trace says', (way) => {
  for (const { replay, trace } of checked(way, {
    while: new Set(['hotplug', 'probe', 'unload']),
    once: true,
    replays: true,
  }).violations) {
    redo(replay!);
    const acting = trace.filter(({ act, who }) => act !== null || !['bind', 'SIGKILL'].includes(who));
    expect(replay!.steps.length).toBe(acting.length);
    for (const [i, { after }] of replay!.steps.entries())
      for (const [name, driver] of Object.entries(acting[i]!.devices))
        expect(possibleDrivers(findDevice(after, 'pci', name)?.driver ?? null)).toContain(driver);
  }
});

test('check: an act of several events is replayed up to the first that fails', () => {
  const modules = machine.modules.map((one) => (one.name === 'vfio_iommu_type1' ? { ...one, loaded: false } : one));
  const options: CheckOptions = { ...USUAL, while: new Set(['group']), once: true, samples: 100 };
  const way = recipeProgram(recipeOf('bind', WAYS['override, bind, read back']!));
  const { samples } = check([way], { ...machine, modules }, options);
  const opened = samples.flatMap(({ steps }) => steps).filter(({ acts }) => acts[0]?.event.kind === 'open');
  expect(new Set(opened.map(({ acts }) => acts.map(({ result }) => result.kind).join()))).toEqual(
    new Set(['ok,ok,errno']),
  );
});

test('check: violations come with replays only where these are asked for', () => {
  const { violations } = checked('unbind first');
  expect(violations.map(({ replay }) => replay)).toEqual(violations.map(() => null));
  expect(violations.length).toBeGreaterThan(0);
});

test('check: samples are so many interleavings that end, and none unless asked for', () => {
  const way = 'override, bind, read back';
  expect(checked(way).samples).toEqual([]);
  const { samples } = checked(way, { samples: 5 });
  expect(samples.length).toBe(5);
  const told = samples.map(({ steps }) => JSON.stringify(steps.flatMap(({ acts }) => acts.map(({ event }) => event))));
  expect(new Set(told).size).toBeGreaterThan(2);
  for (const one of samples) {
    redo(one);
    expect(findDevice(one.steps.at(-1)!.after, 'pci', '0000:01:00.0')?.driver).toBe('vfio-pci');
  }
});
