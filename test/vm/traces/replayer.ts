import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DeviceId,
  type KernelEvent,
  type KernelState,
  type Result,
  resultWord,
} from '../../../src/driver-core/index.ts';
import type { Replay, ReplayStep } from '../../../src/model/explore/replay.ts';
import { eventText } from '../../../src/model/script/event-text.ts';
import type { Guest } from '../guest.ts';
import { errnoName } from '../live.ts';
import type { Report } from '../report.ts';
import { differencesOf, onPci } from './differences.ts';
import { PORTS, plugIn, takeOut } from './guest-machine.ts';

const PCI = '/sys/bus/pci';

/** A write that has not returned: it waits for a process that holds a group. */
interface Pending {
  readonly text: string;
  readonly device: string;
  readonly done: Promise<string>;
  returned: string | null;
}

/** The modules of a state that have drivers of PCI devices and are loaded, in the order in which they registered. */
function modulesIn({ drivers, modules }: KernelState): string[] {
  const loaded = modules.filter((one) => one.loaded && onPci(one.drivers).length > 0).map(({ name }) => name);
  const order = onPci(drivers).flatMap(({ module }) => module?.replaceAll('-', '_') ?? []);
  return [...new Set(order)].filter((name) => loaded.includes(name));
}

/** A dynamic id as remove_id reads it. */
function idText({ vendor, device, subvendor, subdevice, class: code, class_mask }: DeviceId): string {
  return [vendor, device, subvendor, subdevice, code, class_mask].map((n) => n.toString(16)).join(' ');
}

/** Does traces to a guest: each act with its result, then every device, against the state that the trace predicted. */
export class Replayer {
  readonly #guest: Guest;
  readonly #report: Report;
  /** What the guest is in, as the last step predicted it. */
  #state: KernelState;
  #modules: string[];
  /** By group, the names of the programs that hold it, and what the last one said. */
  readonly #held = new Map<string, string>();
  #said: ReadonlyMap<string, string> = new Map();
  #opened = 0;
  #pending: Pending[] = [];

  constructor(guest: Guest, report: Report, state: KernelState) {
    this.#guest = guest;
    this.#report = report;
    this.#state = state;
    this.#modules = modulesIn(state);
  }

  /** Brings the guest to where the replay begins, and does it. */
  async replay(name: string, { start, steps }: Replay): Promise<void> {
    await this.#backTo(start, name);
    for (const [i, step] of steps.entries()) await this.#step(`${name}, step ${i + 1}`, step, steps.slice(i));
    await this.#release();
    await this.#removeIds(name);
  }

  async #step(name: string, { acts, after }: ReplayStep, ahead: readonly ReplayStep[]): Promise<void> {
    for (const { event, result } of acts) {
      const what = `${name}: ${eventText(event)}`;
      this.#report.did(what);
      if (event.kind === 'open') await this.#open(event.group, ahead);
      const real = await this.#act(event, result);
      if (real !== null) this.#report.result(what, real, wordFor(event, result));
    }
    const plugged = acts.some(({ event }) => event.kind === 'plug');
    this.#state = after;
    await this.#settlePending(after);
    await this.#compare(name, after, plugged);
  }

  /** Does an event and gives its result in one word; null for a write that waits. */
  async #act(event: KernelEvent, result: Result): Promise<string | null> {
    switch (event.kind) {
      case 'write':
        return this.#write(event.path, event.data, result);
      case 'load':
      case 'unload': {
        const ids = event.kind === 'load' && event.ids ? [`ids=${event.ids}`] : [];
        const { status } = await this.#guest.exec([event.kind === 'load' ? 'modprobe' : 'rmmod', event.module, ...ids]);
        if (status === 0) this.#note(event.kind, event.module);
        return status === 0 ? 'ok' : 'failed';
      }
      case 'plug': {
        const port = PORTS.find(({ device }) => device === event.device);
        if (!port) throw new Error(`no port is for ${event.device}`);
        if (!this.#state.devices.some((one) => one.name === event.device && one.present))
          await plugIn(this.#guest, port);
        return 'ok';
      }
      case 'unplug':
        throw new Error('no trace unplugs a device');
      case 'open':
        return errnoName(this.#said.get('open') ?? 'not tried');
      case 'setContainer':
        return errnoName(this.#said.get('container') ?? 'not tried');
      case 'setIommu':
        return errnoName(this.#said.get('iommu') ?? 'not tried');
      case 'getDevice':
        return errnoName(this.#said.get('device') ?? 'not tried');
      case 'close': {
        const name = this.#held.get(event.group);
        if (name !== undefined) await this.#guest.release(name);
        this.#held.delete(event.group);
        return 'ok';
      }
    }
  }

  #note(kind: 'load' | 'unload', module: string): void {
    const name = module.replaceAll('-', '_');
    if (!this.#state.modules.some((one) => one.name === name && onPci(one.drivers).length > 0)) return;
    if (kind === 'unload') this.#modules = this.#modules.filter((one) => one !== name);
    else if (!this.#modules.includes(name)) this.#modules.push(name);
  }

  async #write(path: string, data: string, result: Result): Promise<string | null> {
    const done = this.#guest.write(`/sys/${path}`, data);
    if (result.kind !== 'blocks') return done;
    const [device = ''] = /\w{4}:\w\w:\w\w\.\d/.exec(`${data} ${path}`) ?? [];
    const pending: Pending = { text: `${data.trim()} to ${path}`, device, done, returned: null };
    void done.then((word) => {
      pending.returned = word;
    });
    this.#pending.push(pending);
    await sleep(1500);
    return pending.returned;
  }

  /** Opens a group and all that the acts to come say of it. */
  async #open(group: string, ahead: readonly ReplayStep[]): Promise<void> {
    const acts = ahead.flatMap((step) => step.acts);
    const device = acts.flatMap(({ event }) => (event.kind === 'getDevice' ? event.device : []))[0] ?? 'none';
    this.#opened++;
    const name = `group ${group}, ${this.#opened}`;
    const said = await this.#guest.hold(name, ['vfio-group', group, device]);
    this.#said = new Map(said.split('\n').map((line) => line.split(' ') as [string, string]));
    if (this.#said.get('open') === 'ok') this.#held.set(group, name);
  }

  /** Writes that no longer wait in the model must have returned, and the others not. */
  async #settlePending(after: KernelState): Promise<void> {
    const waits = ({ device }: Pending) => after.waiting.some((one) => one.device === device);
    for (const one of this.#pending)
      if (waits(one)) this.#report.equal(`${one.text} waits`, one.returned, null);
      else this.#report.result(`${one.text} returns`, await one.done, 'ok');
    this.#pending = this.#pending.filter(waits);
  }

  async #compare(what: string, state: KernelState, mayTakeTime = false): Promise<void> {
    let seen = await differencesOf(this.#guest, state);
    // Drivers of a card that is plugged in are probed while others go on.
    for (let i = 0; mayTakeTime && seen.length > 0 && i < 100; i++) {
      await sleep(100);
      seen = await differencesOf(this.#guest, state);
    }
    this.#report.ok(`${what}: the devices are as predicted`, seen.length === 0, seen);
  }

  async #release(): Promise<void> {
    for (const name of this.#held.values()) await this.#guest.release(name);
    this.#held.clear();
    for (const { done } of this.#pending) await done;
    this.#pending = [];
  }

  /** Every dynamic id that was predicted is there, once, and is taken away. */
  async #removeIds(name: string): Promise<void> {
    for (const { name: driver, dynids } of onPci(this.#state.drivers))
      for (const [i, id] of dynids.entries()) {
        const path = `${PCI}/drivers/${driver}/remove_id`;
        this.#report.equal(`${name}: id ${i} of ${driver}`, await this.#guest.write(path, idText(id)), 'ok');
        const left = dynids.slice(i + 1).some((other) => idText(other) === idText(id));
        const again = left ? 'ok' : await this.#guest.write(path, idText(id));
        this.#report.equal(`${name}: id ${i} of ${driver} is there once`, again, left ? 'ok' : 'ENODEV');
      }
  }

  /** Undoes what the last replay left, without asking the model. */
  async #backTo(start: KernelState, name: string): Promise<void> {
    const write = async (path: string, data: string) => {
      const word = await this.#guest.write(`${PCI}/${path}`, data);
      if (word !== 'ok') throw new Error(`before ${name}: '${data}' to ${path}: ${word}`);
    };
    await write('drivers_autoprobe', '1');
    let { devices } = await this.#guest.snapshot([]);
    for (const { name, override } of devices)
      if (override !== '(null)\n') await write(`devices/${name}/driver_override`, '\n');
    const starting = onPci(start.devices).filter((one) => one.present);
    for (const port of PORTS)
      if (devices.some((one) => one.name === port.device) && !starting.some((one) => one.name === port.device))
        await takeOut(this.#guest, port);
    if (starting.some(({ name }) => !devices.some((one) => one.name === name))) await write('rescan', '1');
    await this.#order(modulesIn(start));
    ({ devices } = await this.#guest.snapshot([]));
    for (const { name, driver } of devices) {
      const before = starting.find((one) => one.name === name)?.driver ?? null;
      if (driver === before) continue;
      if (driver !== null) await write(`drivers/${driver}/unbind`, name);
      if (before !== null) await write(`drivers/${before}/bind`, name);
    }
    this.#state = start;
    await this.#compare(`before ${name}`, start);
  }

  /** Has the modules registered in this order and no others: those behind the first that differs are loaded again. */
  async #order(modules: readonly string[]): Promise<void> {
    const same = modules.findIndex((name, i) => this.#modules[i] !== name);
    const keep = same < 0 ? modules.length : same;
    for (const name of this.#modules.slice(keep).reverse()) await this.#run('rmmod', name);
    for (const name of modules.slice(keep)) await this.#run('modprobe', name);
    this.#modules = [...modules];
  }

  async #run(program: string, module: string): Promise<void> {
    const { status, stderr } = await this.#guest.exec([program, module]);
    if (status !== 0) throw new Error(`${program} ${module}: ${stderr}`);
  }
}

/** What a result is compared with: rmmod and modprobe only succeed or fail. */
function wordFor({ kind }: KernelEvent, result: Result): string {
  const word = resultWord(result);
  return (kind === 'load' || kind === 'unload') && word !== 'ok' && word !== 'unknown' ? 'failed' : word;
}
