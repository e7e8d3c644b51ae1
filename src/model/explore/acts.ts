import {
  type Device,
  type KernelEvent,
  type KernelModule,
  type KernelState,
  matchDevice,
  possibleDrivers,
} from '../../driver-core/index.ts';
import { DEVICES } from '../../driver-core/lists/devices.ts';
import type { Standing } from '../../driver-core/lists/indexed.ts';
import { findModule } from '../../driver-core/lookup.ts';

/** What may act between any two steps of the programs, with what it is. */
export const DISTURBANCES = {
  hotplug: 'a device of the same id is plugged in',
  load: 'udev loads a module by the modalias of a present device',
  unload: 'somebody unloads a module that has, or could take, one of the devices',
  probe: 'another process writes one of the devices to drivers_probe',
  'second-run': 'the same program is started a second time',
  kill: 'the program is killed (SIGKILL) and started again',
  group: 'a process opens the IOMMU group of one of the devices, or closes it',
} as const;

export type Disturbance = keyof typeof DISTURBANCES;

/** What acts unless it is said otherwise. */
export const USUAL_DISTURBANCES: readonly Disturbance[] = ['hotplug', 'load', 'probe', 'second-run', 'kill'];

/** Something that the environment may do: events one after the other, up to the first that fails. */
export interface Act {
  readonly who: string;
  readonly text: string;
  readonly events: readonly KernelEvent[];
  /** Whether it happens in this state; by default in any. One that changes nothing is left out anyway. */
  readonly when?: (state: KernelState) => boolean;
  /** Whether it counts after the programs have ended, too: what they left may take a device along. Default: no. */
  readonly late?: boolean;
}

/**
 * The acts of the environment upon these devices, of which `twins` are not plugged in at the start. `later` is the same
 * devices as the programs bring them to other drivers.
 */
export function actsUpon(
  state: KernelState,
  devices: readonly Device[],
  twins: readonly Device[],
  whiles: ReadonlySet<Disturbance>,
  later: readonly Device[] = [],
): Act[] {
  const acts: Act[] = [];
  if (whiles.has('hotplug'))
    for (const { bus, name } of twins)
      acts.push({
        who: 'hot-plug',
        text: `${name} is plugged in`,
        events: [{ kind: 'plug', bus, device: name }],
        late: true,
      });
  const modules = state.modules.filter((module) =>
    module.drivers.some((driver) => devices.some(({ bus }) => bus === driver.bus)),
  );
  if (whiles.has('load'))
    for (const module of modules)
      acts.push({
        who: 'udev',
        text: `modprobe ${module.name}, for the modalias of a device`,
        events: [{ kind: 'load', module: module.name }],
        when: askedFor(state, module),
      });
  if (whiles.has('unload'))
    for (const module of modules.filter((one) => concerns(state, one, [...devices, ...later])))
      acts.push({
        who: 'another process',
        text: `modprobe -r ${module.name}`,
        events: [{ kind: 'unload', module: module.name }],
      });
  if (whiles.has('probe'))
    for (const { bus, name } of [...devices, ...twins])
      acts.push({
        who: 'another process',
        text: `echo ${name} > bus/${bus}/drivers_probe`,
        events: [{ kind: 'write', path: `bus/${bus}/drivers_probe`, data: `${name}\n` }],
      });
  if (whiles.has('group')) acts.push(...groupActs(devices));
  return acts;
}

/** A process of the environment that opens a group with each of its devices, and closes what it has open. */
function groupActs(devices: readonly Device[]): Act[] {
  const who = 'a process';
  const opens = devices.flatMap(({ group, name: device }): Act[] =>
    group === null
      ? []
      : [
          {
            who,
            text: `opens group ${group} and its device ${device}`,
            events: [
              { kind: 'open', group, by: who },
              { kind: 'setContainer', group },
              { kind: 'setIommu', group },
              { kind: 'getDevice', group, device },
            ],
          },
        ],
  );
  const groups = new Set(devices.flatMap(({ group }) => group ?? []));
  const closes = [...groups].map(
    (group): Act => ({
      who,
      text: `closes group ${group}`,
      events: [{ kind: 'close', group }],
      when: (now) => now.groups.some(({ id, file }) => id === group && file?.by === who),
    }),
  );
  return [...opens, ...closes];
}

/**
 * Whether udev may load a module that is not loaded: a present device has, or may have, the modalias of a row. A
 * device's ids never change, and what is learnt of it makes nothing possible that was not: only devices that match by
 * what is known at the start are asked, which are found once for all states in which the same devices stand.
 */
function askedFor({ evidence }: KernelState, { name, drivers }: KernelModule): (state: KernelState) => boolean {
  const asks = (state: KernelState, device: Device) =>
    drivers.some((driver) => matchDevice(state, driver, { ...device, override: null }).answer !== 'no');
  const known = new WeakMap<Standing<Device>, readonly number[]>();
  return (state) => {
    if (findModule(state, name)?.loaded) return false;
    const { devices } = state;
    const standing = DEVICES.standing(devices);
    let places = known.get(standing);
    if (!places) {
      const start = { ...state, evidence };
      places = devices.flatMap((device, at) => (asks(start, { ...device, matchReady: true }) ? at : []));
      known.set(standing, places);
    }
    return places.some((at) => devices[at]!.present && asks(state, devices[at]!));
  };
}

/** Whether a module has a driver that one of the devices is bound to, that matches one, or that can take any. */
function concerns(state: KernelState, module: KernelModule, devices: readonly Device[]): boolean {
  return module.drivers.some(
    (driver) =>
      driver.vfio ||
      driver.ids === null ||
      devices.some(
        (device) =>
          device.bus === driver.bus &&
          (possibleDrivers(device.driver).includes(driver.name) ||
            matchDevice(state, driver, { ...device, override: null, matchReady: true }).answer === 'yes'),
      ),
  );
}

/** Which of the environment's doings an act of a row is. */
export type Doing =
  | { readonly kind: 'slot'; readonly slot: number; readonly outcome: number }
  | { readonly kind: 'kill'; readonly program: number }
  | { readonly kind: 'start'; readonly program: number }
  | { readonly kind: 'act'; readonly act: Act; readonly outcome: number };
