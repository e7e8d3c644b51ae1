import { needObject, needText } from '../arguments.ts';
import { underscored } from '../pattern/normalize.ts';
import type { Binding, Device, Driver, Evidence, IommuGroup, KernelModule, KernelState } from './state.ts';

/** The device of that name that the kernel knows on a bus (bus.c:bus_find_device_by_name). */
export function findDevice(state: KernelState, bus: string, name: string): Device | undefined {
  needObject('state', state, 'devices');
  needText('bus', bus);
  needText('name', name);
  return state.devices.find((d) => d.bus === bus && d.name === name && d.present);
}

/** The registered driver of that name. */
export function findDriver(state: KernelState, bus: string, name: string): Driver | undefined {
  needObject('state', state, 'drivers');
  needText('bus', bus);
  needText('name', name);
  return state.drivers.find((d) => d.bus === bus && d.name === name);
}

export function findGroup(state: KernelState, id: string | null): IommuGroup | undefined {
  needObject('state', state, 'groups');
  if (id !== null) needText('id', id);
  return id === null ? undefined : state.groups.find((g) => g.id === id);
}

/** Devices of a group that the kernel knows, in bus order. */
export function groupMembers(state: KernelState, id: string): Device[] {
  needObject('state', state, 'devices');
  needText('id', id);
  return state.devices.filter((d) => d.group === id && d.present);
}

/** Who owns the DMA of a group, through its own file or that of one of its devices; null for the kernel. */
export function ownerOf({ groups, deviceFiles = [] }: KernelState, id: string | null): string | null {
  const file = groups.find((group) => group.id === id)?.file;
  if (file?.container) return file.by;
  return deviceFiles.find(({ group, bound }) => group === id && bound)?.by ?? null;
}

/** What a driver was seen to do, or is taken to do: the words between its name and the verb. */
export function seenTo({ assumed }: Evidence, about: 'matches' | 'probe' | 'configure'): string {
  return assumed?.includes(about) ? 'is assumed' : 'was seen';
}

/** Every driver (or null for none) that the device may be bound to. */
export function possibleDrivers(binding: Binding): readonly (string | null)[] {
  if (binding === null || typeof binding === 'string') return [binding];
  needObject('binding', binding, 'oneOf');
  return binding.oneOf;
}

/**
 * Whether an unbind or a removal of the device waits. The links between it and its driver are gone by then
 * (drivers/base/dd.c:__device_release_driver, driver_sysfs_remove), although the driver still has it.
 */
export function isLeaving({ waiting }: KernelState, { name, driver }: Device): boolean {
  return waiting.some((one) => one.device === name && one.driver === driver);
}

/** One possibility stays itself; several become `oneOf`, each once. */
export function bindingOf(possible: readonly (string | null)[]): Binding {
  const all = [...new Set(possible)];
  return all.length === 1 ? (all[0] as string | null) : { oneOf: all };
}

/** The state with one device changed. */
export function withDevice(state: KernelState, bus: string, name: string, change: Partial<Device>): KernelState {
  const devices = state.devices.map((d) => (d.bus === bus && d.name === name ? { ...d, ...change } : d));
  return { ...state, devices };
}

/** The state with one driver changed. */
export function withDriver(state: KernelState, bus: string, name: string, change: Partial<Driver>): KernelState {
  const drivers = state.drivers.map((d) => (d.bus === bus && d.name === name ? { ...d, ...change } : d));
  return { ...state, drivers };
}

/** The state with one group changed. */
export function withGroup(state: KernelState, id: string, change: Partial<IommuGroup>): KernelState {
  return { ...state, groups: state.groups.map((g) => (g.id === id ? { ...g, ...change } : g)) };
}

/** Where in a list of modules each stands, by its name with underscores; of lists that were asked, or made of them. */
const PLACES = new WeakMap<readonly KernelModule[], ReadonlyMap<string, number>>();

function placesOf(modules: readonly KernelModule[]): ReadonlyMap<string, number> {
  let places = PLACES.get(modules);
  if (!places) {
    places = new Map(modules.map(({ name }, i) => [underscored(name), i] as const).reverse());
    PLACES.set(modules, places);
  }
  return places;
}

/** The module of that name, with dashes or underscores. */
export function findModule({ modules }: KernelState, name: string): KernelModule | undefined {
  return modules[placesOf(modules).get(underscored(name)) ?? -1];
}

/** The state with one module changed, but for its name. */
export function withModule(state: KernelState, name: string, change: Partial<Omit<KernelModule, 'name'>>): KernelState {
  const places = placesOf(state.modules);
  const at = places.get(underscored(name))!;
  const modules = state.modules.with(at, { ...state.modules[at]!, ...change });
  PLACES.set(modules, places);
  return { ...state, modules };
}

/** The modules that one depends on, directly or not, each after those that it depends on itself. */
export function dependencies(state: KernelState, module: KernelModule): KernelModule[] {
  const found: KernelModule[] = [];
  const visited = new Set([module]);
  const open = [{ module, left: module.depends.values() }];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const { value, done } = top.left.next();
    if (done) {
      if (open.length > 1) found.push(top.module);
      open.pop();
      continue;
    }
    const one = findModule(state, value);
    if (!one || visited.has(one)) continue;
    visited.add(one);
    open.push({ module: one, left: one.depends.values() });
  }
  return found;
}
