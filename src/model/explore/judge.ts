import { type Device, type DeviceId, findDriver, type KernelState, matchDevice } from '../../driver-core/index.ts';
import { Remembered } from '../../driver-core/lists/remembered.ts';
import { type Goals, GoalsByAnswers } from './aims.ts';
import type { Answers } from './answers.ts';
import type { Kernels } from './kernels.ts';
import { PairMap } from './sets/pair-map.ts';
import { devicesNamed, type PropertyId, type Stated } from './properties.ts';
import { deviceOf, driverOf, keyOf } from './undisturbed.ts';
import { workOf } from './work.ts';

/** A property that does not hold in a world. */
export interface Breach {
  readonly property: PropertyId;
  /** `bus name` of the device; null for what is left of a driver. */
  readonly device: string | null;
  readonly message: string;
}

/** What the properties are judged by. */
export interface Grounds {
  readonly kernels: Kernels;
  readonly start: KernelState;
  readonly stated: readonly Stated[];
  /** The devices that the programs speak of, and those plugged in meanwhile, as `bus name`. */
  readonly targets: ReadonlySet<string>;
  readonly twins: readonly string[];
  /** The states in which the programs end where nothing disturbs them. */
  readonly ends: readonly KernelState[];
  /** What was answered in each of them. Default: nothing is told apart. */
  readonly answered?: { readonly answers: Answers; readonly ends: readonly number[] };
  /** Whether the programs remove devices on purpose. */
  readonly removes: boolean;
}

/** How it ended: every process with status 0, one of them with another, or never: they wait for what does not come. */
export type Ending = 'success' | 'failure' | 'endless';

const shown = (driver: string | null) => driver ?? 'no driver';
const nameOf = (key: string) => key.slice(key.indexOf(' ') + 1);

/** Says which properties a world breaks; each pair of kernels is judged once. */
export class Judge {
  readonly #grounds: Grounds;
  /** By kernel and the kernel without the programs. */
  readonly #always = new PairMap<readonly Breach[]>();
  readonly #atEnd = new Map<string, readonly Breach[]>();
  readonly #goals: GoalsByAnswers;
  readonly #allowed: readonly ReadonlyMap<string, string>[];
  readonly #stated: readonly { readonly stated: Stated; readonly devices: readonly string[] }[];

  constructor(grounds: Grounds) {
    this.#grounds = grounds;
    const { ends, start, stated, targets, twins, answered } = grounds;
    this.#goals = new GoalsByAnswers(ends, targets, answered);
    this.#allowed = [start, ...ends].map((state) => LEFT.of(state));
    this.#stated = stated.map((one) => ({ stated: one, devices: devicesNamed(start, twins, one.device) }));
  }

  /** What no world may be. */
  always(kernel: number, shadow: number): readonly Breach[] {
    let breaches = this.#always.get(kernel, shadow);
    if (!breaches) {
      const now = this.#stateOf(kernel);
      breaches =
        this.#stated.length > 0
          ? this.#neverStated(now)
          : this.#thirdDevices(now, this.#grounds.kernels.states[shadow]!);
      this.#always.set(kernel, shadow, breaches);
    }
    return breaches;
  }

  /** What a world in which nothing more happens may not be; `given`: what the runs of each program were answered. */
  atEnd(kernel: number, shadow: number, ending: Ending, given: readonly (readonly number[])[] = []): readonly Breach[] {
    const key = `${kernel} ${shadow} ${ending} ${given.join(';')}`;
    const failed = ending !== 'success';
    let breaches = this.#atEnd.get(key);
    if (!breaches) {
      const [now, alone] = [this.#stateOf(kernel), this.#stateOf(shadow)];
      const goals = this.#goals.of(given);
      breaches =
        this.#stated.length > 0
          ? this.#endsStated(now, alone)
          : [
              ...this.#withoutDriver(now, alone).filter(({ device }) => !failed || !this.#grounds.targets.has(device!)),
              ...(failed ? this.#uncleanFailure(now, alone, ending, goals) : this.#falseSuccess(now, alone, goals)),
              ...this.#left(now, alone),
            ];
      this.#atEnd.set(key, breaches);
    }
    return breaches;
  }

  #stateOf(kernel: number): KernelState {
    const { states, work } = this.#grounds.kernels;
    work.spend(workOf(states[kernel]!));
    return states[kernel]!;
  }

  #neverStated(now: KernelState): Breach[] {
    return this.#stated.flatMap(({ stated, devices }) =>
      stated.kind !== 'never'
        ? []
        : devices
            .filter((key) => driverOf(now, key) === stated.driver)
            .map((device) => ({
              property: 'never' as const,
              device,
              message: `${nameOf(device)} is on ${shown(stated.driver)}`,
            })),
    );
  }

  #endsStated(now: KernelState, alone: KernelState): Breach[] {
    return this.#stated.flatMap(({ stated, devices }): Breach[] => {
      if (stated.kind === 'never') return [];
      const expected = stated.kind === 'ends' ? stated.driver : undefined;
      return devices.flatMap((device): Breach[] => {
        const driver = driverOf(now, device);
        const removed = driver === undefined && isRemoved(now, alone, device);
        const breaks = expected === undefined ? driver === null : driver !== expected && driver !== undefined;
        if (!breaks && !removed) return [];
        const ends = removed ? 'removed' : `on ${shown(driver ?? null)}`;
        const message = `${nameOf(device)} ends ${ends}${expected === undefined ? '' : `, not on ${shown(expected)}`}`;
        return [{ property: stated.kind === 'ends' ? 'ends' : 'never', device, message }];
      });
    });
  }

  /** A device that the programs do not speak of has a driver that it would not have without them. */
  #thirdDevices(now: KernelState, alone: KernelState): Breach[] {
    return differing(now, alone).flatMap((device): Breach[] => {
      if (!device.present) return [];
      const key = keyOf(device);
      if (this.#grounds.targets.has(key)) return [];
      const [driver, otherwise] = [driverOf(now, key), driverOf(alone, key)];
      if (driver === undefined || driver === null || otherwise === undefined || driver === otherwise) return [];
      const native = findDriver(now, device.bus, driver);
      // That a module is there for it is what the device asks for.
      if (otherwise === null && native && isOrdinary(now, { ...native, dynids: [] }, { ...device, override: null }))
        return [];
      const message = `${device.name} is on ${driver}; without the program it would be on ${shown(otherwise)}`;
      return [{ property: 'third-device', device: key, message }];
    });
  }

  #withoutDriver(now: KernelState, alone: KernelState): Breach[] {
    return differing(now, alone).flatMap((device): Breach[] => {
      const key = keyOf(device);
      const otherwise = driverOf(alone, key);
      if (otherwise === null || otherwise === undefined || !this.#isLost(now, key)) return [];
      const ends = device.present ? 'ends without a driver' : 'ends removed';
      return [
        {
          property: 'keeps-a-driver',
          device: key,
          message: `${device.name} ${ends}; without the program it would be on ${otherwise}`,
        },
      ];
    });
  }

  /** Whether a device has no driver, or is gone although the programs did not mean to remove it. */
  #isLost(now: KernelState, key: string): boolean {
    if (driverOf(now, key) === null) return true;
    const { ends, removes } = this.#grounds;
    return !deviceOf(now, key) && !(removes && ends.some((end) => !deviceOf(end, key)));
  }

  /** A device that is left without a driver that it would have otherwise is reported as keeps-a-driver. */
  #falseSuccess(now: KernelState, alone: KernelState, all: Goals): Breach[] {
    return [...this.#grounds.targets].flatMap((key): Breach[] => {
      const goals = all.missed(now, key);
      const driver = driverOf(now, key);
      if (driver === undefined || !goals) return [];
      if (driver === null && typeof driverOf(alone, key) === 'string') return [];
      const message = `the program ends with status 0 and ${nameOf(key)} is on ${shown(driver)}, not on ${[...goals].map(shown).join(' or ')}`;
      return [{ property: 'success-is-true', device: key, message }];
    });
  }

  #uncleanFailure(now: KernelState, alone: KernelState, ending: Ending, goals: Goals): Breach[] {
    const how = ending === 'failure' ? 'fails' : 'never ends';
    return [...this.#grounds.targets].flatMap((key): Breach[] => {
      const driver = driverOf(now, key);
      const fine = [driverOf(this.#grounds.start, key), driverOf(alone, key)];
      const removed = driver === undefined && isRemoved(now, alone, key) && this.#isLost(now, key);
      const isGoal = goals.isReached(now, key);
      if (!removed && (driver === undefined || isGoal || fine.includes(driver))) return [];
      const was = driverOf(this.#grounds.start, key) ?? null;
      const where = removed ? 'removed' : `on ${shown(driver ?? null)}`;
      const message = `the program ${how} and leaves ${nameOf(key)} ${where}, which was on ${shown(was)}`;
      return [{ property: 'failure-is-clean', device: key, message }];
    });
  }

  #left(now: KernelState, alone: KernelState): Breach[] {
    const fine = [...this.#allowed, LEFT.of(alone)];
    return [...LEFT.of(now)].flatMap(([what, value]): Breach[] => {
      if (fine.some((one) => one.get(what) === value)) return [];
      const [kind, bus, name] = what.split(' ') as [string, string, string];
      const device = kind === 'override' ? `${bus} ${name}` : null;
      const message =
        kind === 'override'
          ? `driver_override of ${name} is left at '${value}'`
          : kind === 'ids'
            ? `${value.split('\n').length === 1 ? 'a dynamic id is' : 'dynamic ids are'} left on ${name}`
            : `drivers_autoprobe of ${bus} is left at 0`;
      return [{ property: 'leaves-nothing', device, message }];
    });
  }
}

/** The devices of a state that are not the same object in another: to all others the programs did nothing. */
function differing({ devices }: KernelState, { devices: others }: KernelState): Device[] {
  const found: Device[] = [];
  if (devices === others) return found;
  for (let i = 0; i < devices.length; i++) if (devices[i] !== others[i]) found.push(devices[i]!);
  return found;
}

/** Whether the programs removed a device that would be there without them. */
function isRemoved(now: KernelState, alone: KernelState, key: string): boolean {
  return !deviceOf(now, key) && deviceOf(alone, key) !== undefined;
}

/** Whether a driver has a device by a row of its own table, without an override or a dynamic id. */
function isOrdinary(...[state, driver, device]: Parameters<typeof matchDevice>): boolean {
  return matchDevice(state, driver, device).answer === 'yes';
}

const idsText = (rows: readonly DeviceId[]) =>
  rows
    .map((row) => Object.values(row).join(' '))
    .sort()
    .join('\n');

/** What was written to the kernel and stays: overrides, dynamic ids, autoprobe. */
const LEFT = new Remembered(({ devices, drivers, buses }: KernelState): ReadonlyMap<string, string> => {
  const left = new Map<string, string>();
  for (const { bus, name, override } of devices) if (override !== null) left.set(`override ${bus} ${name}`, override);
  for (const { bus, name, dynids } of drivers) if (dynids.length > 0) left.set(`ids ${bus} ${name}`, idsText(dynids));
  for (const { name, autoprobe } of buses) if (!autoprobe) left.set(`autoprobe ${name} `, '0');
  return left;
});
