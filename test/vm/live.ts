import { constants } from 'node:os';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  findDevice,
  groupStatus,
  type KernelEvent,
  type KernelState,
  possibleDrivers,
  readAttribute,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';
import { experimentMachine, type SeenDevice } from '../driver-core/machine.ts';
import type { Guest } from './guest.ts';
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
    });
  }
  return seen;
}

/** The library's word for an error number that the C program printed. */
export function errnoName(text: string): string {
  if (text === 'ok') return 'ok';
  return Object.entries(constants.errno).find(([, n]) => n === Number(text))?.[0] ?? text;
}

/** A guest and the model of it side by side: each event is predicted, then done, then both are compared. */
export class Live {
  readonly #guest: Guest;
  readonly #report: Report;
  state: KernelState;
  #holding: string | null = null;

  private constructor(guest: Guest, report: Report, state: KernelState) {
    this.#guest = guest;
    this.#report = report;
    this.state = state;
  }

  static async start(guest: Guest, report: Report, release: string): Promise<Live> {
    return new Live(guest, report, experimentMachine(release, await seeDevices(guest)));
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
    const predicted = this.#predict(event);
    if (predicted === 'blocks') return this.#blocked(event);
    if (event.kind === 'write')
      this.#compare(event, predicted, await this.#guest.write(`/sys/${event.path}`, event.data));
    else if (event.kind === 'load' || event.kind === 'unload') {
      const ids = event.kind === 'load' && event.ids !== undefined ? [`ids=${event.ids}`] : [];
      const program = event.kind === 'load' ? 'modprobe' : 'rmmod';
      const { status } = await this.#guest.exec([program, event.module, ...ids]);
      this.#compare(event, predicted === 'ok' ? 'ok' : 'failed', status === 0 ? 'ok' : 'failed');
    } else throw new Error(`${event.kind} is not done to a guest`);
    await this.compareState(event);
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
    await this.#guest.release('group');
    this.#predict({ kind: 'close', group: this.#holding });
    this.#holding = null;
  }

  get holding(): string | null {
    return this.#holding;
  }

  /** Every device's presence, driver and override, and drivers_autoprobe, in the guest and in the model. */
  async compareState(after: KernelEvent): Promise<void> {
    const what = `after ${JSON.stringify(after).slice(0, 160)}`;
    const { autoprobe, devices } = await this.#guest.snapshot();
    const shown = (path: string) => readAttribute(this.state, `bus/pci/${path}`).data;
    this.#report.equal(`${what}: autoprobe`, autoprobe, shown('drivers_autoprobe'));
    for (const { name, driver, override } of devices) {
      const possible = possibleDrivers(findDevice(this.state, 'pci', name)?.driver ?? null);
      this.#report.ok(`${what}: driver of ${name} is one of ${possible.join(', ')}`, possible.includes(driver), driver);
      this.#report.equal(`${what}: driver_override of ${name}`, override, shown(`devices/${name}/driver_override`));
    }
    const present = this.state.devices.filter((d) => d.bus === 'pci' && d.present).map((d) => d.name);
    this.#report.equal(`${what}: devices`, devices.map((d) => d.name).sort(), present.sort());
  }
}
