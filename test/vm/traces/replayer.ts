import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DeviceId,
  type KernelEvent,
  type KernelState,
  type Result,
  resultWord,
} from '../../../src/driver-core/index.ts';
import type { Replay, ReplayStep } from '../../../src/model/explore/replay.ts';
import { eventText, parameterWords } from '../../../src/model/script/event-text.ts';
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
  /** By group, the names of the programs that hold it. */
  readonly #held = new Map<string, string>();
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
    for (const [i, step] of steps.entries()) await this.#step(`${name}, step ${i + 1}`, step, isProbe(steps[i + 1]));
    await this.#release();
    await this.#removeIds(name);
  }

  async #step(name: string, { acts, after }: ReplayStep, goesOn: boolean): Promise<void> {
    for (const { event, result } of acts) {
      const what = `${name}: ${eventText(event)}`;
      this.#report.did(what);
      const real = await this.#act(event, result);
      if (real !== null) this.#report.result(what, real, wordFor(event, result));
    }
    const takesTime = acts.some(({ event }) => event.kind === 'plug' || event.kind === 'asyncProbe');
    this.#state = after;
    await this.#settlePending(after);
    // A worker that is to probe next may have done so already.
    if (!goesOn) await this.#compare(name, after, takesTime);
  }

  /** Does an event and gives its result in one word; null for a write that waits. */
  async #act(event: KernelEvent, result: Result): Promise<string | null> {
    switch (event.kind) {
      case 'write':
        return this.#write(event.path, event.data, result);
      case 'load':
      case 'unload': {
        const words = event.kind === 'load' ? this.#parameters(event) : [];
        const program = event.kind === 'load' ? ['modprobe'] : event.alone ? ['rmmod'] : ['modprobe', '-r'];
        const { status } = await this.#guest.exec([...program, event.module, ...words]);
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
      case 'asyncProbe':
        return 'ok';
      case 'openCdev':
      case 'bindIommufd':
      case 'closeCdev':
        throw new Error("no kernel of Debian's has files of devices");
      case 'unplug':
        throw new Error('no trace unplugs a device');
      case 'open':
        return this.#open(event.group);
      case 'setContainer':
        return this.#tell(event.group, 'container');
      case 'setIommu':
        return this.#tell(event.group, 'iommu');
      case 'getDevice':
        return this.#tell(event.group, `device ${event.device}`);
      case 'close': {
        const name = this.#held.get(event.group);
        if (name !== undefined) await this.#guest.release(name);
        this.#held.delete(event.group);
        return 'ok';
      }
    }
  }

  /** The words that modprobe is given: options that come from a file in the model are not in the guest's. */
  #parameters(event: Extract<KernelEvent, { readonly kind: 'load' }>): string[] {
    const module = this.#state.modules.find(({ name }) => name === event.module.replaceAll('-', '_'));
    return parameterWords({ ...event, parameters: { ...module?.options, ...event.parameters } });
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

  /** Opens a group by a program that holds it. */
  async #open(group: string): Promise<string> {
    this.#opened++;
    const name = `group ${group}, ${this.#opened}`;
    const said = await this.#guest.hold(name, ['vfio-group', group]);
    const word = errnoName(/^open (\S+)/.exec(said)?.[1] ?? said);
    if (word === 'ok') this.#held.set(group, name);
    return word;
  }

  /** Has the program that holds a group do a step; without one there is no descriptor to do it with. */
  async #tell(group: string, line: string): Promise<string> {
    const name = this.#held.get(group);
    if (name === undefined) return 'EBADF';
    const said = await this.#guest.tell(name, line);
    return errnoName(said.split(' ')[1] ?? said);
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

/** Whether a step is a probe by a worker of the kernel, who does it when it likes. */
function isProbe(step: ReplayStep | undefined): boolean {
  return step?.acts.some(({ event }) => event.kind === 'asyncProbe') === true;
}

/** What a result is compared with: rmmod and modprobe only succeed or fail. */
function wordFor({ kind }: KernelEvent, result: Result): string {
  const word = resultWord(result);
  return (kind === 'load' || kind === 'unload') && word !== 'ok' && word !== 'unknown' ? 'failed' : word;
}
