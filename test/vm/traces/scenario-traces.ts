import { setImmediate } from 'node:timers/promises';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { parseRelease } from '../../../src/release.ts';
import { cellOf } from '../../model/verdict-rows.ts';
import type { Guest } from '../guest.ts';
import type { Kernel } from '../kernel.ts';
import type { Report } from '../report.ts';
import type { Scenario } from '../scenarios.ts';
import { ask, cases, distinct, missingFor, type Named, recipes, rows } from './cases.ts';
import { recordGuest } from './guest-machine.ts';
import { Replayer } from './replayer.ts';

/**
 * What `model check` says of the guest's own machine, done to the guest: every trace that it prints, and interleavings
 * of what it calls safe. `most`: at most so many of them, from all over the list; others on each kernel.
 */
export function traces(most: number): Scenario {
  return async (guest: Guest, kernel: Kernel, report: Report) => {
    const machine = await recordGuest(guest, kernel);
    const replayer = new Replayer(guest, report, machine);
    const answers = new Map<string, ReturnType<typeof ask>>();
    for (const one of cases(machine)) {
      answers.set(one.name, ask(one, machine));
      // Guests of other kernels are answered meanwhile.
      await setImmediate();
    }
    for (const { row, one } of rows()) {
      const { verdict, properties, count } = shortly(answers.get(one.name)!);
      report.equal(`${one.name}: verdict and properties`, [verdict, properties], [row.verdict, row.properties]);
      const told = new RegExp(`\\b${kernel.series.replace('.', '\\.')}: (\\d+)`).exec(row.confirmed)?.[1];
      if (row.confirmed === 'not confirmed') console.log(`${kernel.release} traces: ${one.name}: ${count}`);
      else report.equal(`${one.name}: number in the README for ${kernel.series}`, told, String(count));
    }
    const builtIn = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine, parseRelease(kernel.release));
    const theirs = recipes(builtIn);
    for (const [i, one] of recipes(machine).entries()) {
      const { verdict, properties } = shortly(answers.get(one.name)!);
      const there = shortly(ask(theirs[i]!, builtIn));
      report.equal(`${one.name}: as on a built-in machine`, [verdict, properties], [there.verdict, there.properties]);
    }
    const all = distinct([...answers.values()].flatMap(({ replays }) => replays));
    const possible = all.filter(({ names, replay }) => {
      const missing = missingFor(replay);
      if (missing !== null) console.log(`${kernel.release} traces: not replayable: ${names[0]}: ${missing}`);
      return missing === null;
    });
    const chosen = some(possible, most, kernel.series);
    console.log(`${kernel.release} traces: ${chosen.length} of ${possible.length} are replayed, ${all.length} in all`);
    for (const { names, replay } of chosen) await replayer.replay(names[0]!, replay);
  };
}

/** What checking a case comes to: its verdict, the properties that do not hold, and how much there is to replay. */
function shortly({ verdict, violations, replays }: ReturnType<typeof ask>) {
  const count = replays.filter(({ replay }) => missingFor(replay) === null).length;
  return { verdict, properties: cellOf(violations.map(({ property }) => property)), count };
}

/** So many of the replays, evenly spread; those from like starts one after the other, as modules are loaded between. */
function some(all: readonly Named[], most: number, series: string): Named[] {
  const every = Math.max(1, Math.ceil(all.length / most));
  const first = series === '6.1' ? 0 : Math.floor(every / 2);
  const orderOf = ({ replay }: Named) => replay.start.drivers.map(({ name }) => name).join();
  return all.filter((_, i) => i % every === first).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}
