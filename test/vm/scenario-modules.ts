import { basename } from 'node:path';
import { type LoadParameters, readAttribute } from '../../src/driver-core/index.ts';
import { eventText } from '../../src/model/script/event-text.ts';
import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import { Live } from './live.ts';
import type { Report } from './report.ts';
import { CARD, OTHER } from './scenario-bind.ts';

const DENYLIST = 'module/vfio_pci/parameters/disable_denylist';
const OPTIONS = '/etc/modprobe.d/test.conf';

/**
 * How modules are loaded: what follows vfio, parameters and their defaults, options, insmod, asynchronous probes; which
 * go along when one is unloaded; and that a process that is killed lets go of a group. No driver's module is loaded
 * before or after.
 */
export async function modules(guest: Guest, kernel: Kernel, report: Report): Promise<void> {
  const live = await Live.start(guest, report, kernel.release);
  const load = async (module: string, parameters: LoadParameters = {}) => live.do({ kind: 'load', module, parameters });
  const unload = (module: string) => live.do({ kind: 'unload', module });
  const sh = async (script: string) => report.equal(script, (await guest.exec(['sh', '-c', script])).status, 0);

  const compareLoaded = async (after: string) => {
    const { modules: real } = await guest.snapshot();
    for (const { name, loaded } of live.state.modules)
      if (/^(?:vfio|uio|irqbypass)/.test(name) && name !== 'vfio_virqfd')
        report.equal(`${name} is loaded after ${after}`, real.includes(name), loaded);
  };
  await load('vfio_pci');
  await compareLoaded('modprobe vfio_pci');
  for (const module of ['vfio', 'vfio_pci_core', 'vfio_pci', 'vfio_pci', 'vfio_iommu_type1', 'nonesuch']) {
    await unload(module);
    await compareLoaded(`modprobe -r ${module}`);
  }
  for (const alone of [true, true, false]) {
    await load('vfio_pci');
    await load('uio_pci_generic');
    for (const module of ['vfio_pci', 'uio_pci_generic', 'uio_pci_generic'])
      await live.do({ kind: 'unload', module, alone });
    await compareLoaded(alone ? 'rmmod' : 'modprobe -r');
  }

  const given: LoadParameters[] = [
    { disable_denylist: '1' },
    {},
    { disable_denylist: null },
    { 'disable-denylist': 'n' },
  ];
  const odd: LoadParameters[] = [{ disable_denylist: 'x' }, { disable_denylist: '' }, { nonesuch: '1' }];
  const tryAll = async (all: readonly LoadParameters[]) => {
    for (const parameters of all) {
      const event = { kind: 'load', module: 'vfio_pci', parameters } as const;
      await live.do(event);
      const isLoaded = live.state.modules.some(({ name, loaded }) => name === 'vfio_pci' && loaded);
      if (!isLoaded) continue;
      const { data } = readAttribute(live.state, DENYLIST);
      report.equal(`disable_denylist after ${eventText(event)}`, await guest.read(`/sys/${DENYLIST}`), data);
      await unload('vfio_pci');
    }
  };
  await tryAll([...given, ...odd]);
  await sh(`echo 'options vfio-pci disable_denylist=1' > ${OPTIONS}`);
  const withOptions = (options: LoadParameters) =>
    live.state.modules.map((one) => (one.name === 'vfio_pci' ? { ...one, options } : one));
  live.state = { ...live.state, modules: withOptions({ disable_denylist: '1' }) };
  await tryAll(given);
  await load('vfio_pci_core');
  const insmod = "insmod $(find /lib/modules -name 'vfio-pci.ko*')";
  report.equal(insmod, (await guest.exec(['sh', '-c', insmod])).status, 0);
  report.equal('insmod has no options', await guest.read(`/sys/${DENYLIST}`), 'N\n');
  report.ok('insmod of a loaded module fails', (await guest.exec(['sh', '-c', insmod])).status !== 0);
  await sh(`rmmod vfio_pci; rm ${OPTIONS}`);
  live.state = { ...live.state, modules: withOptions({}) };

  await asynchronous(guest, live, report);
  await killed(guest, live, report);
  await unload('e1000e');
  await unload('vfio_pci');
}

/** Either way of each probe that is due is right at first; with async_probe=0, and once rmmod returns, only one is. */
async function asynchronous(guest: Guest, live: Live, report: Report): Promise<void> {
  const cards = [CARD, OTHER];
  const driverOf = async (name: string) => {
    const link = await guest.link(`/sys/bus/pci/devices/${name}/driver`);
    return link === null ? null : basename(link);
  };
  for (const value of ['0', null]) {
    await live.do({ kind: 'load', module: 'e1000e', parameters: { async_probe: value } });
    for (const card of cards) report.equal(`${card} has its driver`, await driverOf(card), 'e1000e');
    await live.do({ kind: 'unload', module: 'e1000e' });
  }
  const every = 'module/module/parameters/async_probe';
  await live.do({ kind: 'write', path: 'module/e1000e/parameters/async_probe', data: '1' });
  for (const data of ['x', '', 'Y']) await live.do({ kind: 'write', path: every, data });
  report.equal(every, await guest.read(`/sys/${every}`), readAttribute(live.state, every).data);
  await live.do({ kind: 'load', module: 'e1000e' });
  await live.do({ kind: 'unload', module: 'e1000e' });
  await live.do({ kind: 'write', path: every, data: 'N' });
  // At once, so that the worker may not have been there yet.
  const { stdout } = await guest.exec([
    'sh',
    '-c',
    `modprobe e1000e async_probe; ls /sys/bus/pci/drivers/e1000e | grep -c :; rmmod e1000e; ls -l /sys/bus/pci/devices/*/driver | grep -c drivers/e1000e$`,
  ]);
  const [atFirst = '', afterwards = ''] = stdout.split('\n');
  console.log(`e1000e has ${atFirst} of ${cards.length} cards when modprobe async_probe returns`);
  report.ok('as many as there are at most', Number(atFirst) <= cards.length, stdout);
  report.equal('rmmod waits, and no card is left with the driver', afterwards, '0');
  await live.do({ kind: 'load', module: 'e1000e' });
}

/** The group of a process that was killed can be opened again at once, and its device unbound. */
async function killed(guest: Guest, live: Live, report: Report): Promise<void> {
  const { group } = live.state.devices.find(({ name }) => name === CARD)!;
  await live.do({ kind: 'load', module: 'vfio_pci' });
  await live.do({ kind: 'write', path: `bus/pci/devices/${CARD}/driver_override`, data: 'vfio-pci' });
  await live.do({ kind: 'write', path: 'bus/pci/drivers/e1000e/unbind', data: CARD });
  await live.do({ kind: 'write', path: 'bus/pci/drivers/vfio-pci/bind', data: CARD });
  await live.open(group!, CARD);
  const { status } = await guest.exec(['sh', '-c', 'kill -9 $(pidof vfio-group)']);
  report.equal('the process is killed', status, 0);
  await live.close();
  await live.open(group!, CARD);
  await live.close();
  await live.do({ kind: 'write', path: 'bus/pci/drivers/vfio-pci/unbind', data: CARD });
  await live.do({ kind: 'write', path: `bus/pci/devices/${CARD}/driver_override`, data: '\n' });
}
