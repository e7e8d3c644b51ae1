import { basename } from 'node:path';
import type { Plan, Step } from '../../src/vfio/plan/plan-types.ts';
import type { Guest, Ran } from './guest.ts';
import type { Report } from './report.ts';

const DEVICES = '/sys/bus/pci/devices';
const STATE = '/run/modalias';

/** Where a device is: its driver and its driver_override file. */
export interface Place {
  readonly driver: string | null;
  readonly override: string;
}

/** What bind and restore print with --json; no result where nothing had to be done. */
export interface Changed {
  readonly plan: Plan;
  readonly result: { readonly state: string } | null;
}

/** Whether a step changes something: the others only look. */
function isChange({ op }: Step): boolean {
  return op === 'write' || op === 'modprobe';
}

/** The command line that was built here, run in a guest as its user would, and what the guest looks like after it. */
export class Cli {
  readonly guest: Guest;
  readonly report: Report;

  constructor(guest: Guest, report: Report) {
    this.guest = guest;
    this.report = report;
  }

  /** Runs `modalias vfio ARGUMENTS`; a write may take as many times as long as the guest is slower than usual. */
  vfio(args: readonly string[], env: readonly string[] = []): Promise<Ran> {
    const changes = ['bind', 'restore'].includes(args[0]!) && !args.includes('--timeout');
    const limit = changes ? ['--timeout', String(Math.ceil(30 * this.guest.pace))] : [];
    return this.guest.exec(['env', ...env, 'node', '/modalias/dist/cli.js', 'vfio', ...args, ...limit], 90_000);
  }

  /** Runs it, wants this exit status, and gives what it wrote. */
  async expect(status: number, args: readonly string[]): Promise<Ran> {
    const ran = await this.vfio(args);
    this.report.equal(`exit status of vfio ${args.join(' ')} (${ran.stderr.trim()})`, ran.status, status);
    return ran;
  }

  /** The document that `--json` prints. */
  async json<T>(args: readonly string[], status = 0): Promise<T> {
    const { stdout } = await this.expect(status, [...args, '--json']);
    return JSON.parse(stdout) as T;
  }

  /** What `status --json` says; it ends with 1 where something is left to be done. */
  async status<T>(): Promise<T> {
    const { status, stdout, stderr } = await this.vfio(['status', '--json']);
    this.report.ok(`status answers: ${stderr}`, status === 0 || status === 1, status);
    return JSON.parse(stdout) as T;
  }

  async place(name: string): Promise<Place> {
    const driver = await this.guest.link(`${DEVICES}/${name}/driver`);
    const override = await this.guest.read(`${DEVICES}/${name}/driver_override`);
    return { driver: driver === null ? null : basename(driver), override };
  }

  async places(names: readonly string[]): Promise<Map<string, Place>> {
    const places = new Map<string, Place>();
    for (const name of names) places.set(name, await this.place(name));
    return places;
  }

  async groupOf(name: string): Promise<string> {
    return basename((await this.guest.link(`${DEVICES}/${name}/iommu_group`)) ?? '');
  }

  /** Names of the devices of a device's group. */
  async membersOf(name: string): Promise<string[]> {
    return (await this.guest.list(`${DEVICES}/${name}/iommu_group/devices`)).sort();
  }

  /** Opens the device through its group as a virtual machine monitor does, and closes it. */
  async opens(name: string): Promise<void> {
    const said = await this.guest.hold('opens', ['vfio-group', await this.groupOf(name), name]);
    await this.guest.release('opens');
    const want = ['open ok', 'status 1', 'container ok', 'iommu ok', 'device ok', 'held'];
    this.report.equal(`${name} opens through /dev/vfio`, said.trim().split('\n'), want);
  }

  /** What the steps of all journals came to, in order: `ok`, an error's name or `blocks`. */
  async outcomes(): Promise<string[]> {
    const { stdout } = await this.guest.exec(['sh', '-c', `cat ${STATE}/*.journal`]);
    return stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { kind: string; outcome?: string })
      .flatMap((line) => (line.kind === 'outcome' ? line.outcome! : []))
      .map((text) => (text.startsWith('no response') ? 'blocks' : text.split(' ')[0]!));
  }

  /** Names of the journals that are left. */
  async journals(): Promise<string[]> {
    const { stdout } = await this.guest.exec(['sh', '-c', `ls ${STATE} 2>/dev/null`]);
    return stdout.split('\n').filter((name) => name.endsWith('.journal'));
  }

  /** Holds the predicted result of every step that changes something and is taken against what the kernel answered. */
  compare(plan: Plan, outcomes: readonly string[]): void {
    const changes = plan.predicted.steps.filter(
      ({ step, result }) => isChange(plan.steps[step]!) && result !== 'not-taken',
    );
    this.report.equal('steps that were taken', outcomes.length, changes.length);
    for (const [i, { step, result }] of changes.entries())
      this.report.result(JSON.stringify(plan.steps[step]), outcomes[i] ?? 'not taken', result);
  }

  /**
   * Binds, and compares the plan's predictions with the outcomes in the journal; then looks at where the devices are.
   * No other journal may be open.
   */
  async bind(devices: readonly string[], driver: string, options: readonly string[] = []): Promise<Plan> {
    const { plan, result } = await this.json<Changed>(['bind', ...devices, ...options]);
    this.report.equal(`bind ${devices.join(' ')}`, result?.state, 'done');
    this.compare(plan, await this.outcomes());
    for (const { name } of plan.devices) {
      const place = await this.place(name);
      this.report.equal(`driver of ${name}`, place.driver, driver);
      const foreseen = plan.predicted.devices.find((d) => d.name === name)?.driver ?? null;
      this.report.result(`driver of ${name} against the plan`, String(place.driver), String(foreseen));
    }
    return plan;
  }

  /** Restores and wants every device where it was, and no journal left. */
  async restore(before: ReadonlyMap<string, Place>, args: readonly string[]): Promise<void> {
    const { plan, result } = await this.json<Changed>(['restore', ...args]);
    // a restore that is done had no step that failed
    if (result?.state === 'done')
      this.compare(
        plan,
        plan.steps.flatMap((step) => (isChange(step) ? 'ok' : [])),
      );
    for (const [name, place] of before)
      this.report.equal(`${name} after restore ${args.join(' ')}`, await this.place(name), place);
    this.report.equal(`journals after restore ${args.join(' ')}`, await this.journals(), []);
  }
}
