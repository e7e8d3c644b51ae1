import { constants } from 'node:os';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  findDevice,
  findDriver,
  finishProbes,
  groupStatus,
  type KernelEvent,
  type KernelState,
  possibleDrivers,
  readAttribute,
  resultWord,
  type SriovFacts,
  step,
} from '../../src/driver-core/index.ts';
import { parameterWords } from '../../src/model/script/event-text.ts';
import { parseSriov } from '../../src/vfio/sysfs/sriov.ts';
import { experimentMachine, type SeenDevice } from '../driver-core/machine.ts';
import type { Doing, Guest, Snapshot } from './guest.ts';
import type { Report } from './report.ts';

const DEVICES = '/sys/bus/pci/devices';

/** The PCI devices of a guest as its sysfs shows them now. */
export async function seeDevices(guest: Guest): Promise<SeenDevice[]> {
  const seen: SeenDevice[] = [];
  for (const name of (await guest.list(DEVICES)).sort()) {
    const dir = `${DEVICES}/${name}`;
    const driver = await guest.link(`${dir}/driver`);
    const parent = basename(dirname((await guest.link(dir)) ?? ''));
    seen.push({
      name,
      parent: /^\w{4}:\w\w:\w\w\.\d$/.test(parent) ? parent : null,
      modalias: (await guest.read(`${dir}/modalias`)).trim(),
      group: basename((await guest.link(`${dir}/iommu_group`)) ?? ''),
      driver: driver === null ? null : basename(driver),
      sriov: await seeSriov(guest, dir),
    });
  }
  return seen;
}

async function seeSriov(guest: Guest, dir: string): Promise<SriovFacts | null> {
  const names = ['totalvfs', 'offset', 'stride', 'vf_device'].map((name) => `sriov_${name}`);
  const texts = new Map<string, string>();
  for (const name of (await guest.list(dir)).filter((one) => names.includes(one)))
    texts.set(name, (await guest.read(`${dir}/${name}`)).trim());
  return parseSriov((name) => texts.get(name));
}

/** The library's word for an error number that the C program printed. */
export function errnoName(text: string): string {
  if (text === 'ok') return 'ok';
  return Object.entries(constants.errno).find(([, n]) => n === Number(text))?.[0] ?? text;
}

/** Events that a guest does with one request: it answers over a serial port, which is slow. */
const MOST_AT_ONCE = 40;

/** An event that is still to be done, what the model says of it, and what it has then. */
interface Planned {
  readonly event: KernelEvent;
  readonly until: Doing['until'];
  readonly predicted: string;
  readonly state: KernelState;
}

/** The devices that an event gives to drivers that probe asynchronously. */
function boundLater(before: KernelState, after: KernelState): Doing['until'] {
  return after.devices.flatMap(({ name, driver }) => {
    if (typeof driver !== 'string' || findDevice(before, 'pci', name)?.driver === driver) return [];
    return findDriver(after, 'pci', driver)?.async === true ? [{ name, driver }] : [];
  });
}

/** A guest and the model of it side by side: each event is predicted, then done, then both are compared. */
export class Live {
  readonly #guest: Guest;
  readonly #report: Report;
  state: KernelState;
  #holding: string | null = null;
  #planned: Planned[] = [];

  private constructor(guest: Guest, report: Report, state: KernelState) {
    this.#guest = guest;
    this.#report = report;
    this.state = state;
  }

  /** Begins with what the guest has now; `loaded` are the modules with drivers that are loaded already. */
  static async start(guest: Guest, report: Report, release: string, loaded: readonly string[] = []): Promise<Live> {
    return new Live(guest, report, experimentMachine(release, await seeDevices(guest), loaded));
  }

  #predict(event: KernelEvent): string {
    this.#report.did(JSON.stringify(event));
    const { state, result } = step(this.state, event);
    this.state = state;
    return resultWord(result);
  }

  #compare(event: KernelEvent, predicted: string, real: string): void {
    this.#report.result(JSON.stringify(event).slice(0, 160), real, predicted);
  }

  /** Predicts an event, does it, and compares the result and every device's driver and override after it. */
  async do(event: KernelEvent): Promise<void> {
    await this.plan(event);
    await this.flush();
  }

  /** The same, but it is done with others at once: `flush` at the end. */
  async plan(event: KernelEvent): Promise<void> {
    const { state: soon, result } = step(this.state, event);
    const { state } = finishProbes(soon);
    if (result.kind === 'blocks') {
      await this.flush();
      this.#predict(event);
      return this.#blocked(event);
    }
    const until = boundLater(this.state, state);
    this.state = state;
    this.#planned.push({ event, until, predicted: resultWord(result), state });
    if (this.#planned.length >= MOST_AT_ONCE) await this.flush();
  }

  /** Does what was planned, and compares. */
  async flush(): Promise<void> {
    const planned = this.#planned;
    this.#planned = [];
    if (planned.length === 0) return;
    const done = await this.#guest.events(planned.map(({ event, until }) => this.#doing(event, until)));
    let seen = done[0]!.seen!;
    for (const [i, { event, predicted, state }] of planned.entries()) {
      this.#report.did(JSON.stringify(event));
      const fails = event.kind !== 'write' && predicted !== 'ok' && predicted !== 'unknown';
      this.#compare(event, fails ? 'failed' : predicted, done[i]!.result);
      seen = done[i]!.seen ?? seen;
      this.#compareState(event, state, seen);
    }
  }

  #doing(event: KernelEvent, until: Doing['until']): Doing {
    if (event.kind === 'write') return { op: 'write', path: `/sys/${event.path}`, data: event.data, until };
    if (event.kind !== 'load' && event.kind !== 'unload') throw new Error(`${event.kind} is not done to a guest`);
    const words = event.kind === 'load' ? parameterWords(event) : [];
    const program = event.kind === 'load' ? ['modprobe'] : event.alone ? ['rmmod'] : ['modprobe', '-r'];
    return {
      op: 'exec',
      argv: [...program, event.module, ...words],
      timeout: Math.ceil(60_000 * this.#guest.pace),
      until,
    };
  }

  /** An unbind that waits: it must not have returned after a while, and return once the group is closed. */
  async #blocked(event: KernelEvent): Promise<void> {
    if (event.kind !== 'write') throw new Error('only writes block');
    let returned: string | null = null;
    const write = this.#guest.write(`/sys/${event.path}`, event.data).then((result) => {
      returned = result;
      return result;
    });
    await sleep(1500);
    this.#report.equal(`${event.path} waits while the device is open`, returned, null);
    await this.close();
    this.#report.result(`${event.path} returns when it is closed`, await write, 'ok');
    await this.compareState(event);
  }

  /** Opens a group as a virtual machine monitor does and compares each step; keeps it open. */
  async open(group: string, device: string): Promise<void> {
    await this.flush();
    const steps: readonly (readonly [string, KernelEvent])[] = [
      ['open', { kind: 'open', group, by: 'vfio-group' }],
      ['container', { kind: 'setContainer', group }],
      ['iommu', { kind: 'setIommu', group }],
      ['device', { kind: 'getDevice', group, device }],
    ];
    const said = await this.#guest.hold('group', ['vfio-group', group, device]);
    const lines = new Map(said.split('\n').map((line) => line.split(' ') as [string, string]));
    for (const [name, event] of steps) {
      const predicted = this.#predict(event);
      this.#compare(event, predicted, errnoName(lines.get(name) ?? 'not tried'));
      if (name === 'open' && predicted === 'ok')
        this.#report.result(
          `status of group ${group}`,
          lines.get('status')!,
          String(groupStatus(this.state, group) ?? 'unknown'),
        );
      if (predicted !== 'ok') break;
    }
    this.#holding = group;
  }

  async close(): Promise<void> {
    if (this.#holding === null) return;
    await this.flush();
    await this.#guest.release('group');
    this.#predict({ kind: 'close', group: this.#holding });
    this.#holding = null;
  }

  get holding(): string | null {
    return this.#holding;
  }

  /** What there is in the guest now, beside the model. */
  async compareState(after: KernelEvent): Promise<void> {
    const [done] = await this.#guest.events([{ op: 'exec', argv: ['true'], timeout: 60_000, until: [] }]);
    this.#compareState(after, this.state, done!.seen!);
  }

  /** Every device's presence, driver and override, and drivers_autoprobe, in the guest and in the model. */
  #compareState(after: KernelEvent, state: KernelState, { autoprobe, devices }: Snapshot): void {
    const what = `after ${JSON.stringify(after).slice(0, 160)}`;
    const shown = (path: string) => readAttribute(state, `bus/pci/${path}`).data;
    this.#report.equal(`${what}: autoprobe`, autoprobe, shown('drivers_autoprobe'));
    for (const { name, driver, override } of devices) {
      const possible = possibleDrivers(findDevice(state, 'pci', name)?.driver ?? null);
      this.#report.ok(`${what}: driver of ${name} is one of ${possible.join(', ')}`, possible.includes(driver), driver);
      this.#report.equal(`${what}: driver_override of ${name}`, override, shown(`devices/${name}/driver_override`));
    }
    const present = state.devices.filter((d) => d.bus === 'pci' && d.present).map((d) => d.name);
    this.#report.equal(`${what}: devices`, devices.map((d) => d.name).sort(), present.sort());
  }
}
