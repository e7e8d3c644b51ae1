import { setTimeout as sleep } from 'node:timers/promises';
import { Cli } from './cli.ts';
import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import type { Report } from './report.ts';
import { CARD, VARIANT } from './scenario-bind.ts';

/**
 * A process has the device open: restore says who and does not wait for ever; what the kernel has begun ends when the
 * process lets go, and the next restore brings the card back.
 */
export async function held(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const before = await cli.places([CARD]);
  await cli.bind([CARD], VARIANT);
  await guest.hold('monitor', ['vfio-group', await cli.groupOf(CARD), CARD]);

  const refused = await cli.vfio(['restore', CARD]);
  report.ok('restore of a held card ends without success', refused.status !== 0, refused);
  report.ok('it says who holds the card', refused.stderr.includes('vfio-group'), refused.stderr);
  report.equal('the card stays', (await cli.place(CARD)).driver, VARIANT);

  const started = Date.now();
  const forced = await cli.vfio(['restore', CARD, '--allow-in-use', '--timeout', '3']);
  const seconds = (Date.now() - started) / 1000;
  report.ok('restore --timeout 3 ends in time', seconds < 30, seconds);
  report.ok('it ends without success', forced.status === 3 || forced.status === 4, forced);
  report.ok('it says that the kernel waits', /no answer within 3 s/.test(forced.stderr), forced.stderr);
  const status = await cli.vfio(['status']);
  report.ok('status names the card', status.stdout.includes(CARD), status.stdout);

  await guest.release('monitor');
  for (let i = 0; i < 50 && (await cli.place(CARD)).driver === VARIANT; i++) await sleep(100);
  await cli.restore(before, [CARD]);
}
