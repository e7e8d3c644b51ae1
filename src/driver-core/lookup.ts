import { needObject, needText } from '../arguments.ts';
import { underscored } from '../pattern/normalize.ts';
import { DEVICES, withDeviceAt } from './lists/devices.ts';
import { Indexed } from './lists/indexed.ts';
import type { Binding, Device, Driver, Evidence, IommuGroup, KernelModule, KernelState } from './state.ts';
import { sysfsNames } from './text.ts';

/** The device of that name that the kernel knows on a bus (bus.c:bus_find_device_by_name). */
export function findDevice(state: KernelState, bus: string, name: string): Device | undefined {
  needObject('state', state, 'devices');
  needText('bus', bus);
  needText('name', name);
  return DEVICES.all(state.devices, 'name', name).find((d) => d.bus === bus && d.present);
}

/** The device that a written text names: its full name, one newline allowed after it. */
export function deviceWritten(state: KernelState, bus: string, data: string): Device | undefined {
  for (const name of sysfsNames(data)) {
    const device = findDevice(state, bus, name);
    if (device) return device;
  }
  return undefined;
}

/** The device of that name that the kernel knows, on whatever bus: a directory below /sys/devices. */
export function deviceCalled(state: KernelState, name: string): Device | undefined {
  return DEVICES.all(state.devices, 'name', name).find((d) => d.present);
}

/** The device of that name that a bus has, though the kernel may not know it. */
export function listedDevice({ devices }: Pick<KernelState, 'devices'>, bus: string, name: string): Device | undefined {
  return DEVICES.all(devices, 'name', name).find((d) => d.bus === bus);
}

/** The virtual functions of a device that the kernel knows, in the order of the bus. */
export function functionsOf({ devices }: KernelState, { bus, name }: Device): Device[] {
  return DEVICES.all(devices, 'physfn', name).filter((d) => d.bus === bus && d.present);
}

/** The physical function of a virtual one, if the kernel knows it. */
export function physicalOf(state: KernelState, { bus, pci }: Device): Device | undefined {
  return pci?.physfn ? findDevice(state, bus, pci.physfn) : undefined;
}

/** What hangs below a device on its bus, in the order of the bus, whether the kernel knows it or not. */
export function devicesBelow({ devices }: KernelState, { bus, name }: Device): Device[] {
  return DEVICES.all(devices, 'parent', name).filter((d) => d.bus === bus);
}

const DRIVERS = new Indexed<Driver, 'name'>({ name: ({ name }) => name });

/** The registered driver of that name. */
export function findDriver(state: KernelState, bus: string, name: string): Driver | undefined {
  needObject('state', state, 'drivers');
  needText('bus', bus);
  needText('name', name);
  return DRIVERS.all(state.drivers, 'name', name).find((d) => d.bus === bus);
}

const GROUPS = new Indexed<IommuGroup, 'id'>({ id: ({ id }) => id });

export function findGroup(state: KernelState, id: string | null): IommuGroup | undefined {
  needObject('state', state, 'groups');
  if (id !== null) needText('id', id);
  return id === null ? undefined : GROUPS.all(state.groups, 'id', id)[0];
}

/** Devices of a group that the kernel knows, in bus order. */
export function groupMembers(state: KernelState, id: string): Device[] {
  needObject('state', state, 'devices');
  needText('id', id);
  return DEVICES.all(state.devices, 'group', id).filter((d) => d.present);
}

/** Who owns the DMA of a group, through its own file or that of one of its devices; null for the kernel. */
export function ownerOf(state: KernelState, id: string | null): string | null {
  const { deviceFiles = [] } = state;
  const file = findGroup(state, id)?.file;
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
  let { devices } = state;
  for (const at of DEVICES.places(devices, 'name', name))
    if (devices[at]!.bus === bus) devices = withDeviceAt(devices, at, { ...devices[at]!, ...change });
  return { ...state, devices };
}

/** The state with one driver changed. */
export function withDriver(state: KernelState, bus: string, name: string, change: Partial<Driver>): KernelState {
  let { drivers } = state;
  for (const at of DRIVERS.places(drivers, 'name', name))
    if (drivers[at]!.bus === bus) drivers = DRIVERS.with(drivers, at, { ...drivers[at]!, ...change });
  return { ...state, drivers };
}

/** The state with one group changed. */
export function withGroup(state: KernelState, id: string, change: Partial<IommuGroup>): KernelState {
  let { groups } = state;
  for (const at of GROUPS.places(groups, 'id', id)) groups = GROUPS.with(groups, at, { ...groups[at]!, ...change });
  return { ...state, groups };
}

/** Finds modules by their name with underscores. */
const MODULES = new Indexed<KernelModule, 'name'>({ name: ({ name }) => underscored(name) });

/** The module of that name, with dashes or underscores. */
export function findModule({ modules }: KernelState, name: string): KernelModule | undefined {
  return MODULES.all(modules, 'name', underscored(name))[0];
}

/** The state with one module changed, but for its name. */
export function withModule(state: KernelState, name: string, change: Partial<Omit<KernelModule, 'name'>>): KernelState {
  const at = MODULES.places(state.modules, 'name', underscored(name))[0]!;
  return { ...state, modules: MODULES.with(state.modules, at, { ...state.modules[at]!, ...change }) };
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
