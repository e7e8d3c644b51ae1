import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../src/vfio/plan/plan-types.ts';
import { Cli } from './cli.ts';
import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import type { Report } from './report.ts';

/** The cards of the machine that guest.ts describes. */
export const CARD = '0000:01:00.0';
export const OTHER = '0000:02:00.0';
const BRIDGE = '0000:03:00.0';
export const BEHIND = ['0000:04:01.0', '0000:04:02.0', '0000:04:03.0'];
const HOT = '0000:05:00.0';
const NVME = '0000:06:00.0';
const TWO = ['0000:00:07.0', '0000:00:07.1'];
export const VARIANT = 'modalias-test-vfio';

/** Gives every card its native driver, as udev would. */
export async function start(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  for (const module of ['e1000e', 'e1000', '8139cp', 'nvme', 'xhci_pci']) {
    const { status, stderr } = await guest.exec(['modprobe', module]);
    report.equal(`modprobe ${module} ${stderr}`, status, 0);
  }
  const cli = new Cli(guest, report);
  await guest.until(`${NVME} has a driver`, async () => (await cli.place(NVME)).driver !== null);
  const drivers = [...(await cli.places([CARD, OTHER, ...BEHIND, NVME, ...TWO])).values()].map(({ driver }) => driver);
  const native = ['e1000e', 'e1000e', 'e1000', 'e1000', '8139cp', 'nvme', 'e1000', 'xhci_hcd'];
  report.equal('native drivers', drivers, native);
}

interface Resolved {
  readonly module: string;
  readonly driver: string;
  readonly pattern: string;
}

/** The variant is chosen by its alias, its driver's name comes from its file, and everything else gets vfio-pci. */
export async function resolve(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const variant = await cli.json<Resolved>(['resolve', CARD]);
  report.equal('module of the e1000e', variant.module, 'modalias_test_vfio_pci');
  report.equal('its driver', variant.driver, VARIANT);
  report.equal('its pattern', variant.pattern, 'vfio_pci:v00008086d000010D3sv*sd*bc*sc*i*');
  const plain = await cli.json<Resolved>(['resolve', NVME]);
  report.equal('module and driver of the NVMe', [plain.module, plain.driver], ['vfio_pci', 'vfio-pci']);
}

/** To the variant and back, with a driver_override that was there before. */
export async function variant(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const override = (data: string) => guest.write(`/sys/bus/pci/devices/${CARD}/driver_override`, data);
  report.equal('driver_override is set', await override('e1000e'), 'ok');
  const before = await cli.places([CARD, OTHER]);
  report.equal('before', before.get(CARD), { driver: 'e1000e', override: 'e1000e\n' });
  const group = await cli.groupOf(CARD);
  const planned = await cli.json<Plan>(['plan', CARD]);
  const done = await cli.bind([CARD], VARIANT);
  report.equal('bind takes the steps that plan prints', done.steps, planned.steps);
  report.ok(`/dev/vfio/${group} is there`, (await guest.list('/dev/vfio')).includes(group));
  await cli.opens(CARD);
  await cli.expect(0, ['bind', CARD]);
  await cli.restore(before, [CARD]);
  report.equal('driver_override is cleared', await override('\n'), 'ok');
}

/** Two functions of one slot are one group: one alone does not open, both do. */
export async function twoFunctions(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const before = await cli.places(TWO);
  report.equal('the group', await cli.membersOf(TWO[0]!), TWO);
  const alone = await cli.bind([TWO[0]!], 'vfio-pci');
  report.ok('the plan warns of the other function', JSON.stringify(alone.warnings).includes(TWO[1]!), alone.warnings);
  await cli.restore(before, [TWO[0]!]);
  const both = await cli.bind([TWO[0]!], 'vfio-pci', ['--whole-group']);
  report.equal('devices of the whole group', both.devices.map(({ name }) => name).sort(), TWO);
  await cli.opens(TWO[0]!);
  await cli.restore(before, ['--all']);
}

/** Three cards behind a PCIe-to-PCI bridge: the bridge stays where it is, and is refused when asked for. */
export async function behindBridge(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const all = [BRIDGE, ...BEHIND];
  const before = await cli.places(all);
  report.equal('the group', await cli.membersOf(BEHIND[0]!), all);
  const plan = await cli.bind([BEHIND[1]!], 'vfio-pci', ['--whole-group']);
  report.equal('devices of the whole group', plan.devices.map(({ name }) => name).sort(), BEHIND);
  await cli.opens(BEHIND[1]!);
  const refused = await cli.vfio(['bind', BRIDGE]);
  report.ok('a bridge is refused', refused.status !== 0, refused.status);
  report.ok('the reason is given', /bridge/i.test(refused.stderr), refused.stderr);
  report.equal('the bridge is where it was', await cli.place(BRIDGE), before.get(BRIDGE));
  await cli.restore(before, ['--all']);
}

export async function nvme(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const before = await cli.places([NVME]);
  await cli.bind([NVME], 'vfio-pci');
  await cli.opens(NVME);
  await cli.restore(before, ['--all']);
}

/** A card like the one that is bound is plugged in meanwhile: it gets its native driver and is left alone. */
export async function hotPlug(guest: Guest, _kernel: Kernel, report: Report): Promise<void> {
  const cli = new Cli(guest, report);
  const before = await cli.places([OTHER]);
  await Promise.all([
    sleep(600).then(() => guest.qmp('device_add', { driver: 'e1000e', bus: 'hot', id: 'plugged' })),
    cli.expect(0, ['bind', OTHER]),
  ]);
  await guest.until(
    `${HOT} has a driver`,
    async () => (await guest.link(`/sys/bus/pci/devices/${HOT}/driver`)) !== null,
  );
  report.equal('the card that was plugged in', await cli.place(HOT), { driver: 'e1000e', override: '(null)\n' });
  report.equal('the card that was bound', (await cli.place(OTHER)).driver, VARIANT);
  await cli.restore(before, [OTHER]);
  report.equal('the card that was plugged in, later', (await cli.place(HOT)).driver, 'e1000e');
}
