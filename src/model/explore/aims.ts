import type { Device, KernelState } from '../../driver-core/index.ts';
import { listedDevice } from '../../driver-core/lookup.ts';
import type { Answers } from './answers.ts';
import { agree } from './evidence.ts';
import { devicesNamed, type Stated } from './properties.ts';
import { driverOf, keyOf } from './undisturbed.ts';

/** A device, and the driver that the programs bring it to. */
export interface Aim {
  readonly bus: string;
  readonly device: string;
  /** The driver that it has before. */
  readonly from: string | null;
  readonly driver: string | null;
  /** The module of the driver, null where it is built in or not known. */
  readonly module: string | null;
}

/** Where each device is brought to: what is stated, or where an undisturbed run leaves it on another driver. */
export function aimsOf(
  start: KernelState,
  devices: readonly Device[],
  ends: readonly KernelState[],
  stated: readonly Stated[],
): Aim[] {
  return devices.map((device) => {
    const key = keyOf(device);
    const from = driverOf(start, key) ?? null;
    const asked = stated.find((one) => one.kind === 'ends' && devicesNamed(start, [], one.device).includes(key));
    const reached = ends
      .map((end) => driverOf(end, key))
      .find((driver) => driver !== from && typeof driver === 'string');
    const left = ends.map((end) => listedDevice(end, device.bus, device.name)?.override).find(Boolean);
    const drivers = [...start.drivers, ...start.modules.flatMap((module) => module.drivers)];
    const named = drivers.find(({ name }) => left?.replaceAll('_', '-') === name.replaceAll('_', '-'))?.name;
    const driver = (asked && 'driver' in asked ? asked.driver : (reached ?? named)) ?? null;
    const module = drivers.find(({ bus, name }) => bus === device.bus && name === driver)?.module ?? null;
    return { bus: device.bus, device: device.name, from, driver, module };
  });
}

/** Where runs leave devices on a machine: on these drivers. */
interface Machine {
  /** A state that knows of the machine's drivers what can be known. */
  readonly known: KernelState;
  readonly goals: ReadonlyMap<string, ReadonlySet<string | null>>;
}

/**
 * Where undisturbed runs leave devices. What a driver does that is not known leaves open on which machine that is: each
 * has its own goals.
 */
export class Goals {
  readonly #machines: readonly Machine[];

  /** `ends`: the states in which such runs end well; `targets`: devices, as `bus name`. */
  constructor(ends: readonly KernelState[], targets: ReadonlySet<string>) {
    // States of one search that know the same share their evidence.
    const machines = new Map(ends.map((end) => [end.evidence, end] as const));
    this.#machines = [...machines.values()].map((known): Machine => {
      const such = ends.filter((end) => agree(end, known));
      const leftOn = (key: string) => new Set(such.map((end) => driverOf(end, key) ?? null));
      return { known, goals: new Map([...targets].map((key) => [key, leftOn(key)] as const)) };
    });
  }

  /** The goals of a device on a machine that this may be, where it is on none of them; undefined for none such. */
  missed(now: KernelState, key: string): ReadonlySet<string | null> | undefined {
    const driver = driverOf(now, key) ?? null;
    return this.#machines.find(({ known, goals }) => !goals.get(key)!.has(driver) && agree(known, now))?.goals.get(key);
  }

  /** Whether a device is where undisturbed runs leave it, on every machine that this may be. */
  isReached(now: KernelState, key: string): boolean {
    return !this.missed(now, key) && this.#machines.some(({ known }) => agree(known, now));
  }
}

/** Where undisturbed runs leave devices, by what they were answered where something is not known. */
export class GoalsByAnswers {
  readonly #goals = new Map<string, Goals>();
  readonly #ends: readonly KernelState[];
  readonly #targets: ReadonlySet<string>;
  readonly #answered: { readonly answers: Answers; readonly ends: readonly number[] } | undefined;

  /** `answered`: what was answered in each of `ends`. */
  constructor(
    ends: readonly KernelState[],
    targets: ReadonlySet<string>,
    answered?: { readonly answers: Answers; readonly ends: readonly number[] },
  ) {
    this.#ends = ends;
    this.#targets = targets;
    this.#answered = answered;
  }

  /** The goals of runs that were answered like one run of each program (`given`), or of all where there are none. */
  of(given: readonly (readonly number[])[]): Goals {
    const key = given.join(';');
    let goals = this.#goals.get(key);
    if (!goals) {
      const answered = this.#answered;
      const isSuch = (end: number) => given.every((runs) => runs.some((run) => answered!.answers.agree(end, run)));
      const such = answered ? this.#ends.filter((_, i) => isSuch(answered.ends[i]!)) : [];
      goals = new Goals(such.length > 0 ? such : this.#ends, this.#targets);
      this.#goals.set(key, goals);
    }
    return goals;
  }
}
