import { Cli, type Place } from './cli.ts';
import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import type { Report } from './report.ts';
import { OTHER, VARIANT } from './scenario-bind.ts';

interface Status {
  readonly bound: readonly { readonly name: string }[];
  readonly journals: readonly {
    readonly devices: readonly { readonly name: string; readonly now: { readonly driver: string | null } }[];
  }[];
}

/**
 * The program is ended with SIGKILL before and after each write to sysfs, of a bind on one kernel and of a restore on
 * the other, for the time it takes. Afterwards the card is where it was, or status says where it is now; the next
 * restore brings it back.
 */
export async function killed(guest: Guest, kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const override = (data: string) => guest.write(`/sys/bus/pci/devices/${OTHER}/driver_override`, data);
  report.equal('driver_override is set', await override('e1000e'), 'ok');
  const before = await cli.place(OTHER);
  if (kernel.series === '6.1') await cases(cli, before, ['bind', OTHER], async () => {});
  else
    await cases(cli, before, ['restore', OTHER], async () => {
      const { status, stderr } = await cli.vfio(['bind', OTHER]);
      report.equal(`bind before the restore that is killed: ${stderr}`, status, 0);
    });
  report.equal('driver_override is cleared', await override('\n'), 'ok');
}

/** Kills one command at each place until it has no such write any more. */
async function cases(cli: Cli, before: Place, args: readonly string[], prepare: () => Promise<void>): Promise<void> {
  const { report } = cli;
  let kills = 0;
  for (let write = 1; write <= 8; write++)
    for (const when of ['before', 'after']) {
      await prepare();
      const what = `${args[0]} killed ${when} write ${write}`;
      const ran = await cli.vfio(args, ['NODE_OPTIONS=--import=/kill.mjs', `KILL_AT=${when}:${write}`]);
      if (ran.status === 0) {
        if (args[0] === 'bind') await cli.restore(new Map([[OTHER, before]]), [OTHER]);
        else report.equal(`${what}: it was not, and the card is back`, await cli.place(OTHER), before);
        report.ok(`${what}: there were three writes to be killed at`, kills >= 6, kills);
        return;
      }
      kills++;
      report.equal(`${what}: ends by the signal`, ran.status, 'SIGKILL');
      const now = await cli.place(OTHER);
      const status = await cli.status<Status>();
      const told = status.journals.flatMap(({ devices }) => devices).find(({ name }) => name === OTHER);
      const asBefore = now.driver === before.driver && now.override === before.override;
      if (!asBefore)
        report.ok(`${what}: status tells where the card is`, told?.now.driver === now.driver, { now, status });
      if (now.driver === VARIANT)
        report.ok(
          `${what}: status lists it`,
          status.bound.some(({ name }) => name === OTHER),
          status,
        );
      await cli.restore(new Map([[OTHER, before]]), [OTHER]);
    }
}
