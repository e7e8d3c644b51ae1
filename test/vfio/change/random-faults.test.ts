import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJournals } from '../../../src/vfio/journal/journal.ts';
import { scenarios } from '../scenarios.ts';
import { many } from '../../support/many.ts';
import { bindWith, EIO, type Fault, noFault, restoreWith, sharedRoots } from './bound-run.ts';
import { honest, movedIn, toldBy } from './fault-run.ts';

const names = ['two cards of one group', 'a card whose override names another driver than it has', 'a platform device'];

/** What becomes of each action in turn: most are done, some fail, some only seem to. */
const faults = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constant(EIO) },
    { weight: 1, arbitrary: fc.constant('done-but-EIO' as const) },
  ),
  { minLength: 1, maxLength: 24 },
);
const nth =
  (list: readonly ReturnType<Fault>[]): Fault =>
  (count) =>
    list[count - 1];

const roots = Object.fromEntries(names.map((name) => [name, sharedRoots(scenarios[name]!)]));

test('bindDevices and restoreDevices lose no device, whatever fails in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), faults, faults, async (name, first, second) => {
      const scenario = scenarios[name]!;
      const run = await bindWith(scenario, nth(first), roots[name]!.take());
      if (run.result?.state === 'done') {
        expect(readJournals(run.state).map(({ state }) => state)).toEqual(['bound']);
        const bound = run.placements();
        const { result } = await restoreWith(run, nth(second));
        const between = result?.state === 'done' ? [] : movedIn(run, bound);
        expect(result?.left.map((one) => one.name).sort()).toEqual(between);
        expect(toldBy(run)).toEqual(movedIn(run));
      } else honest(run, JSON.stringify(first));
      await restoreWith(run, noFault);
      expect(run.placements()).toEqual(run.before);
      expect(readJournals(run.state)).toEqual([]);
      roots[name]!.giveBack(run);
    }),
    { numRuns: many(15), seed: 20261120 },
  );
});
