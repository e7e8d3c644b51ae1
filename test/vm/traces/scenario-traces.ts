import type { Guest } from '../guest.ts';
import type { Kernel } from '../kernel.ts';
import type { Report } from '../report.ts';
import type { Scenario } from '../scenarios.ts';
import { cellOf } from '../../model/verdict-rows.ts';
import { ask, cases, distinct, missingFor, type Named, rows } from './cases.ts';
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
    for (const { row, one } of rows()) {
      const { verdict, violations, replays } = ask(one, machine);
      const found = [verdict, cellOf(violations.map(({ property }) => property))];
      report.equal(`${one.name}: verdict and properties in the README`, found, [row.verdict, row.properties]);
      if (row.confirmed === 'not confirmed') continue;
      const told = new RegExp(`\\b${kernel.series.replace('.', '\\.')}: (\\d+)`).exec(row.confirmed)?.[1];
      const count = replays.filter(({ replay }) => missingFor(replay) === null).length;
      report.equal(`${one.name}: number of replays in the README, on ${kernel.series}`, told, String(count));
    }
    const all = distinct(cases().flatMap((one) => ask(one, machine).replays));
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

/** So many of the replays, evenly spread; those from like starts one after the other, as modules are loaded between. */
function some(all: readonly Named[], most: number, series: string): Named[] {
  const every = Math.max(1, Math.ceil(all.length / most));
  const first = series === '6.1' ? 0 : Math.floor(every / 2);
  const orderOf = ({ replay }: Named) => replay.start.drivers.map(({ name }) => name).join();
  return all.filter((_, i) => i % every === first).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}
