import { setTimeout as sleep } from 'node:timers/promises';
import { type KernelEvent, resultWord, step } from '../../src/driver-core/index.ts';
import { type Changed, Cli } from './cli.ts';
import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import { Live } from './live.ts';
import type { Report } from './report.ts';
import { BEHIND, CARD, OTHER, VARIANT } from './scenario-bind.ts';

/**
 * A process has the device open: restore says who and does not wait for ever; what the kernel has begun ends when the
 * process lets go, and the next restore brings the card back.
 */
export async function held(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const before = await cli.places([CARD]);
  await cli.bind([CARD], VARIANT);
  await guest.hold('monitor', ['vfio-group', await cli.groupOf(CARD), CARD]);

  const done = (await cli.outcomes()).length;
  const { plan } = await cli.json<Changed>(['restore', CARD], 1);
  const foreseen = plan.predicted.steps.map(({ result }) => result);
  report.equal('the plan foresees that the unbind waits', foreseen, ['ok', 'blocks', 'not-taken', 'not-taken']);
  const refused = await cli.vfio(['restore', CARD]);
  report.ok('restore of a held card ends without success', refused.status !== 0, refused);
  report.ok('it says who holds the card', refused.stderr.includes('vfio-group'), refused.stderr);
  report.equal('the card stays', (await cli.place(CARD)).driver, VARIANT);

  // That it ends at all is seen by this: the card is held until after it.
  const forced = await cli.vfio(['restore', CARD, '--allow-in-use', '--timeout', '3']);
  report.ok('it ends without success', forced.status === 3 || forced.status === 4, forced);
  report.ok('it says that the kernel waits', /no response within 3 s/.test(forced.stderr), forced.stderr);
  cli.compare(plan, (await cli.outcomes()).slice(done, done + 2));
  const status = await cli.vfio(['status']);
  report.ok('status names the card', status.stdout.includes(CARD), status.stdout);

  await guest.release('monitor');
  await guest.until(`${CARD} is let go`, async () => (await cli.place(CARD)).driver !== VARIANT);
  await cli.restore(before, [CARD]);
}

/**
 * A group of which one device is in use and the others are on pci-stub, which is loaded for it: no native driver gets
 * any of them. What restore foresees and refuses is done by hand.
 */
export async function groupInUse(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const [used = '', other = '', third = ''] = BEHIND;
  const before = await cli.places(BEHIND);
  const { status } = await guest.exec(['rmmod', 'pci_stub']);
  report.ok('pci_stub is not loaded', status === 0 || !(await guest.list('/sys/module')).includes('pci_stub'), status);
  await cli.bind([used], 'vfio-pci');
  const driver = ['--driver', 'pci-stub'];
  const stub = await cli.json<Changed>(['bind', other, third, ...driver]);
  report.equal('predictions for pci-stub', [...new Set(stub.plan.predicted.steps.map(({ result }) => result))], ['ok']);
  report.equal('pci-stub has the other', (await cli.place(other)).driver, 'pci-stub');
  await guest.hold('monitor', ['vfio-group', await cli.groupOf(used), used]);

  const { plan } = await cli.json<Changed>(['restore', other], 1);
  const real: string[] = [];
  for (const step of plan.steps) if (step.op === 'write') real.push(await guest.write(`/sys/${step.path}`, step.data));
  cli.compare(plan, real);
  report.equal('the native driver is refused', real.at(-1), 'EBUSY');

  await guest.release('monitor');
  await cli.restore(before, ['--all']);
}

/**
 * A process has the group and its container, but no device of it: the last device leaves it, and the process has lost
 * the group.
 */
export async function onlyContainer(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const before = await cli.places([CARD]);
  await cli.bind([CARD], VARIANT);
  const group = await cli.groupOf(CARD);
  const said = await guest.hold('monitor', ['vfio-group', group, 'none']);
  report.ok('the group has a container and an IOMMU', /container ok\niommu ok\ndevice \d+\nheld\n$/.test(said), said);
  const { plan, result } = await cli.json<Changed>(['restore', CARD, '--allow-in-use']);
  report.equal('restore ends', result?.state, 'done');
  const foreseen = plan.predicted.steps.map(({ result }) => result);
  report.equal('the plan foresees it', foreseen, ['ok', 'ok', 'ok', 'ok']);
  report.equal('the card is back', await cli.places([CARD]), before);
  await guest.release('monitor');
}

/**
 * A card without a driver, whose override names a driver that is loaded for it: loading binds it, unless
 * drivers_autoprobe is 0.
 */
export async function boundByLoading(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const before = await cli.places([OTHER]);
  const pci = '/sys/bus/pci';
  const write = async (path: string, data: string) =>
    report.equal(path, await guest.write(`${pci}/${path}`, data), 'ok');
  await write(`devices/${OTHER}/driver_override`, 'vfio-pci');
  await write('drivers/e1000e/unbind', OTHER);
  const free = await cli.places([OTHER]);
  for (const autoprobe of ['0', '1']) {
    await write('drivers_autoprobe', autoprobe);
    report.equal('vfio_pci is unloaded', (await guest.exec(['rmmod', 'vfio_pci'])).status, 0);
    await cli.bind([OTHER], 'vfio-pci', ['--driver', 'vfio-pci']);
    await cli.restore(free, [OTHER]);
  }
  await write(`devices/${OTHER}/driver_override`, '\n');
  await write('drivers/e1000e/bind', OTHER);
  report.equal('the card is back', await cli.places([OTHER]), before);
}

/**
 * An unbind that waits for a process holds the lock of its card: bind of a driver that matches waits too, and takes the
 * card once it is let go. What needs no lock answers at once.
 */
export async function locked(guest: Guest, kernel: Kernel, report: Report): Promise<void> {
  for (const module of ['e1000e', 'e1000', 'vfio_pci', 'pci_stub', 'pci_pf_stub']) await guest.exec(['rmmod', module]);
  for (const one of await guest.list('/sys/bus/pci/devices'))
    await guest.write(`/sys/bus/pci/devices/${one}/driver_override`, '\n');
  const live = await Live.start(guest, report, kernel.release);
  const [card] = live.state.devices.filter(({ name }) => name === '0000:01:00.0');
  const write = (path: string, data: string): KernelEvent & { kind: 'write' } => ({
    kind: 'write',
    path: `bus/pci/${path}`,
    data,
  });
  const name = card!.name;
  for (const module of ['e1000e', 'vfio_pci', 'vfio_iommu_type1']) await live.do({ kind: 'load', module });
  await live.do(write(`devices/${name}/driver_override`, 'vfio-pci'));
  await live.do(write('drivers/e1000e/unbind', name));
  await live.do(write('drivers/vfio-pci/bind', name));
  await live.do(write(`devices/${name}/driver_override`, '\n'));
  await live.open(card!.group!, name);

  /** Begins a write that the model says waits; gives what it returns in the end. */
  const waits = async (event: KernelEvent & { kind: 'write' }) => {
    const { state, result } = step(live.state, event);
    live.state = state;
    report.equal(`the model has ${event.path} wait`, resultWord(result), 'blocks');
    let returned: string | null = null;
    const done = guest.write(`/sys/${event.path}`, event.data).then((word) => {
      returned = word;
      return word;
    });
    await sleep(1500);
    report.equal(`${event.path} waits`, returned, null);
    return () => done;
  };
  const bind = write('drivers/e1000e/bind', name);
  const unbound = await waits(write('drivers/vfio-pci/unbind', name));
  for (const event of [write('drivers_probe', name), write('drivers/vfio-pci/bind', name)])
    report.result(
      event.path,
      await guest.write(`/sys/${event.path}`, event.data),
      resultWord(step(live.state, event).result),
    );
  const bound = await waits(bind);
  await live.close();
  report.result('the unbind returns', await unbound(), 'ok');
  const after = step(live.state, bind);
  live.state = after.state;
  report.result('the bind returns', await bound(), resultWord(after.result));
  await live.compareState(bind);
}
