import { isDeepStrictEqual } from 'node:util';
import { makeDevice, makeDriver, makeKernel, pciFacts, resultWord, step } from '../../src/driver-core/index.ts';
import type { Plan } from '../../src/vfio/plan/plan-types.ts';
import { parseSriov, type Vfs } from '../../src/vfio/sysfs/sriov.ts';
import { type Changed, Cli, type Place } from './cli.ts';
import type { Scenario } from './scenarios.ts';

/** A card with SR-IOV, as a machine has it, and what its functions are. */
export interface Card {
  /** Arguments for QEMU; the card is behind a port of its own. */
  readonly machine: readonly string[];
  readonly name: string;
  readonly driver: string;
  /** Names of the first virtual functions that it can have. */
  readonly functions: readonly string[];
  /** Most functions that it can have. */
  readonly most: number;
  /** The driver that is seen to take its functions; null where they have no resources for one. */
  readonly takes: string | null;
}

const port = ['-device', 'pcie-root-port,id=sriov,chassis=8,addr=8.0'];

/** QEMU 7.2 has SR-IOV for NVMe; a subsystem and flexible resources are required for it. */
export const NVME_CARD: Card = {
  machine: [
    ...port,
    ...['-device', 'nvme-subsys,id=subsystem'],
    ...[
      '-device',
      'nvme,bus=sriov,serial=functions,subsys=subsystem,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2',
    ],
  ],
  name: '0000:07:00.0',
  driver: 'nvme',
  functions: ['0000:07:00.1', '0000:07:00.2'],
  most: 2,
  takes: null,
};

/** An Intel 82576, from QEMU 8 on. */
export const IGB_CARD: Card = {
  machine: [...port, '-device', 'igb,bus=sriov'],
  name: '0000:07:00.0',
  driver: 'igb',
  functions: ['0000:07:10.0', '0000:07:10.2'],
  most: 7,
  takes: 'igbvf',
};

/** What the kernel shows of a card and its functions. */
interface Shown {
  readonly numVfs: string;
  readonly autoprobe: string;
  readonly links: number;
  readonly card: Place;
}

const at = (card: Card, file: string) => `/sys/bus/pci/devices/${card.name}/${file}`;

async function show(cli: Cli, card: Card): Promise<Shown> {
  const files = await cli.guest.list(`/sys/bus/pci/devices/${card.name}`);
  return {
    numVfs: (await cli.guest.read(at(card, 'sriov_numvfs'))).trim(),
    autoprobe: (await cli.guest.read(at(card, 'sriov_drivers_autoprobe'))).trim(),
    links: files.filter((name) => name.startsWith('virtfn')).length,
    card: await cli.place(card.name),
  };
}

/** Loads the drivers of a card and of its functions. */
export function startCard(card: Card, modules: readonly string[]): Scenario {
  return async (guest, _kernel, report) => {
    for (const module of modules) {
      const { status, stderr } = await guest.exec(['modprobe', module]);
      report.equal(`modprobe ${module} ${stderr}`, status, 0);
    }
    const cli = new Cli(guest, report);
    await guest.until(`${card.name} has a driver`, async () => (await cli.place(card.name)).driver === card.driver);
  };
}

/** The writes to sriov_numvfs and what the model says of them, then back to no function. */
export function answers(card: Card): Scenario {
  return async (guest, kernel, report) => {
    const file = async (name: string) => {
      const text = await guest.read(at(card, name)).catch(() => undefined);
      return text?.trim();
    };
    const names = ['totalvfs', 'offset', 'stride', 'vf_device'].map((name) => `sriov_${name}`);
    const texts = new Map(await Promise.all(names.map(async (name) => [name, await file(name)] as const)));
    const sriov = parseSriov((name) => texts.get(name));
    report.equal('most functions', sriov?.totalVfs, card.most);
    const group = await new Cli(guest, report).groupOf(card.name);
    let state = makeKernel(kernel.release, {
      buses: [{ name: 'pci', autoprobe: true }],
      drivers: [makeDriver('pci', card.driver, { ids: null }), makeDriver('pci', 'vfio-pci')],
      devices: [makeDevice('pci', card.name, { driver: card.driver, group, pci: pciFacts(1, 2, { sriov }) })],
      groups: [{ id: group, bus: 'pci', type: 'DMA', direct: false, file: null }],
    });
    const write = async (path: string, data: string) => {
      const foreseen = step(state, { kind: 'write', path, data });
      state = foreseen.state;
      report.result(`${data} to ${path}`, await guest.write(`/sys/${path}`, data), resultWord(foreseen.result));
      const there = (await guest.list(`/sys/bus/pci/devices`)).filter((name) => card.functions.includes(name)).sort();
      const made = state.devices.filter(({ present, pci }) => present && pci?.physfn === card.name);
      report.equal(`functions after ${data} to ${path}`, there, made.map(({ name }) => name).sort());
    };
    const device = `bus/pci/devices/${card.name}`;
    // Native drivers of functions that have no resources may wait long for these.
    await write(`${device}/sriov_drivers_autoprobe`, '0');
    for (const data of [String(card.most + 1), 'x', '1', '1', '2', '0', '2', '0'])
      await write(`${device}/sriov_numvfs`, data);
    await write(`bus/pci/drivers/${card.driver}/unbind`, card.name);
    await write(`${device}/sriov_numvfs`, '1');
    report.equal(
      'the card is bound again',
      await guest.write(`/sys/bus/pci/drivers/${card.driver}/bind`, card.name),
      'ok',
    );
    for (const data of ['2', 'n', 'on']) await write(`${device}/sriov_drivers_autoprobe`, data);
  };
}

/** Makes functions, opens one, and goes back; everything is as the plan said. */
export function functions(card: Card): Scenario {
  return async (guest, _kernel, report) => {
    const cli = new Cli(guest, report);
    const before = await show(cli, card);
    const names = card.functions.slice(0, 2);
    const args = [card.name, '--vfs', '2'];
    const planned = await cli.json<Plan>(['plan', ...args]);
    const { plan, result } = await cli.json<Changed>(['bind', ...args]);
    report.equal('bind --vfs 2', result?.state, 'done');
    report.equal('bind takes the steps that plan prints', plan.steps, planned.steps);
    cli.compare(plan, await cli.outcomes());
    const made = plan.devices.filter(({ physfn }) => physfn === card.name);
    report.equal(
      'functions',
      made.map(({ name }) => name),
      names,
    );
    for (const { name, modalias, group } of made) {
      report.equal(`${name} is bound`, await cli.place(name), { driver: 'vfio-pci', override: 'vfio-pci\n' });
      report.equal(`modalias of ${name}`, (await guest.read(`/sys/bus/pci/devices/${name}/modalias`)).trim(), modalias);
      report.equal(`group of ${name}`, await cli.groupOf(name), group);
    }
    const after = { ...before, numVfs: '2', links: 2, autoprobe: '0' };
    report.equal('the card keeps its driver', await show(cli, card), after);
    await cli.opens(names[0]!);
    await cli.expect(0, ['bind', ...args]);
    report.equal('bind again changes nothing', await show(cli, card), after);
    await cli.expect(1, ['restore', names[0]!]);
    await guest.hold('function', ['vfio-group', await cli.groupOf(names[1]!), names[1]!]);
    await cli.expect(1, ['restore', card.name]);
    await guest.release('function');
    report.equal('what is refused changes nothing', await show(cli, card), after);
    await cli.restore(new Map([[card.name, before.card]]), [card.name]);
    report.equal('the card after restore', await show(cli, card), before);
  };
}

/** The kernel refuses the functions, as somebody else makes one meanwhile: this stays, and the rest goes back. */
export function refused(card: Card): Scenario {
  return async (guest, _kernel, report) => {
    const cli = new Cli(guest, report);
    const before = await show(cli, card);
    const meanwhile = `MEANWHILE=${JSON.stringify([2, at(card, 'sriov_numvfs'), '1'])}`;
    const ran = await cli.vfio(['bind', card.name, '--vfs', '2'], ['NODE_OPTIONS=--import=/kill.mjs', meanwhile]);
    report.equal(`exit status of the bind: ${ran.stderr}`, ran.status, 3);
    report.ok('the reason is given', ran.stderr.replaceAll(/\s+/g, ' ').includes('somebody else has made'), ran.stderr);
    report.equal('what is left', await show(cli, card), { ...before, numVfs: '1', links: 1 });
    report.equal('no journal is left', await cli.journals(), []);
    report.equal('its function is removed', await guest.write(at(card, 'sriov_numvfs'), '0'), 'ok');
    report.equal('driver', await guest.write(`/sys/bus/pci/drivers/${card.driver}/unbind`, card.name), 'ok');
    await cli.expect(1, ['bind', card.name, '--vfs', '1']);
    report.equal('driver', await guest.write(`/sys/bus/pci/drivers/${card.driver}/bind`, card.name), 'ok');
    report.equal('the card', await show(cli, card), before);
  };
}

interface Status {
  readonly journals: readonly {
    readonly devices: readonly { readonly name: string; readonly now: { readonly vfs: Vfs }; readonly back: boolean }[];
  }[];
}

/**
 * The program is ended with SIGKILL before the first write and after each, of a bind on one kernel and of a restore on
 * the other, for the time it takes. Status lists what there is, and the next restore leaves no function behind.
 */
export function functionsKilled(card: Card): Scenario {
  return async (guest, kernel, report) => {
    const cli = new Cli(guest, report);
    const before = await show(cli, card);
    const bind = ['bind', card.name, '--vfs', '1'];
    const isBind = kernel.series === '6.1';
    const args = isBind ? bind : ['restore', card.name];
    let kills = 0;
    for (let write = 1; write <= 8; write++)
      for (const when of write === 1 ? ['before', 'after'] : ['after']) {
        if (!isBind) await cli.expect(0, bind);
        const what = `${args[0]} --vfs killed ${when} write ${write}`;
        const ran = await cli.vfio(args, ['NODE_OPTIONS=--import=/kill.mjs', `KILL_AT=${when}:${write}`]);
        if (ran.status !== 0) {
          kills++;
          report.equal(`${what}: ends by the signal`, ran.status, 'SIGKILL');
          const now = await show(cli, card);
          const status = await cli.status<Status>();
          const told = status.journals.flatMap(({ devices }) => devices).find(({ name }) => name === card.name);
          report.equal(`${what}: functions that status lists`, told?.now.vfs.functions.length, now.links);
          report.equal(`${what}: probing, by status`, told?.now.vfs.autoprobe, now.autoprobe === '1');
          report.equal(`${what}: back, by status`, told?.back, isDeepStrictEqual(now, before));
        }
        if (ran.status !== 0 || isBind) await cli.restore(new Map([[card.name, before.card]]), [card.name]);
        report.equal(`${what}: no function is left behind`, await show(cli, card), before);
        if (ran.status !== 0) continue;
        report.equal(`${what}: places to be killed at`, kills, isBind ? 5 : 4);
        return;
      }
  };
}
