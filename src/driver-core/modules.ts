import { attachDriver } from './attach.ts';
import { detach } from './bind.ts';
import { addParameterIds } from './dynamic-ids.ts';
import { errno, OK, type Result, type TraceEntry, type Transition } from './event.ts';
import { takeAlong } from './hotplug.ts';
import { bindingOf, findDriver, possibleDrivers, withDevice } from './lookup.ts';
import type { KernelModule, KernelState } from './state.ts';

/** A module's name as the kernel has it: dashes are underscores. */
function underscored(name: string): string {
  return name.replaceAll('-', '_');
}

function find(state: KernelState, name: string): KernelModule | undefined {
  return state.modules.find((m) => underscored(m.name) === underscored(name));
}

function mark(state: KernelState, name: string, loaded: boolean): KernelState {
  return { ...state, modules: state.modules.map((m) => (m.name === name ? { ...m, loaded } : m)) };
}

/**
 * modprobe: a module's dependencies first, then the module. Each driver goes to the end of its bus's list and, where
 * drivers_autoprobe is set, is offered every unbound device (drivers/base/bus.c:bus_add_driver). A loaded module is not
 * loaded again; one that the state does not list is ENOENT.
 */
export function loadModule(state: KernelState, name: string, ids = ''): Transition {
  const rule = 'kernel/module/main.c:load_module';
  const module = find(state, name);
  if (!module) return { state, result: errno('ENOENT'), trace: [{ rule, text: `there is no module ${name}` }] };
  if (module.loaded) return { state, result: OK, trace: [{ rule, text: `${name} is loaded` }] };
  let now = mark(state, module.name, true);
  const trace: TraceEntry[] = [];
  for (const dependency of module.depends) {
    const first = loadModule(now, dependency);
    if (first.result.kind !== 'ok') return { state, result: first.result, trace: first.trace };
    now = first.state;
    trace.push(...first.trace);
  }
  trace.push({ rule, text: `${name} is loaded` });
  for (const driver of module.drivers) {
    if (findDriver(now, driver.bus, driver.name)) {
      const text = `a driver named ${driver.name} is registered already`;
      return {
        state,
        result: errno('EBUSY'),
        trace: [...trace, { rule: 'drivers/base/driver.c:driver_register', text }],
      };
    }
    now = { ...now, drivers: [...now.drivers, { ...driver, dynids: [] }] };
    const autoprobe = now.buses.find((b) => b.name === driver.bus)?.autoprobe ?? true;
    const text = autoprobe ? 'registered, and offered every device' : 'registered; drivers_autoprobe is 0';
    trace.push({ rule: 'drivers/base/bus.c:bus_add_driver', text, driver: driver.name });
    if (autoprobe) {
      const attached = attachDriver(now, { ...driver, dynids: [] });
      now = attached.state;
      trace.push(...attached.trace);
    }
    if (ids !== '') {
      const added = addParameterIds(now, driver.bus, driver.name, ids);
      now = added.state;
      trace.push(...added.trace);
    }
  }
  return { state: now, result: OK, trace };
}

/** Why a module cannot be unloaded now, or null. */
function heldBy(state: KernelState, module: KernelModule): string | null {
  const user = state.modules.find(
    (m) => m.loaded && m.depends.some((d) => underscored(d) === underscored(module.name)),
  );
  if (user) return `${user.name} depends on it`;
  for (const { file } of state.groups) {
    if (!file) continue;
    if (file.iommu && underscored(module.name) === 'vfio_iommu_type1') return `${file.by} uses it`;
    const held = state.devices.find(
      (d) => file.devices.includes(d.name) && module.drivers.some((m) => possibleDrivers(d.driver).includes(m.name)),
    );
    if (held) return `${file.by} has ${held.name} open`;
  }
  return null;
}

/**
 * rmmod: every device of the module's drivers is unbound, and the dynamic ids are forgotten; overrides stay
 * (kernel/module/main.c:delete_module, drivers/base/bus.c:bus_remove_driver). EAGAIN while something uses it.
 */
export function unloadModule(state: KernelState, name: string): Transition {
  const rule = 'kernel/module/main.c:delete_module';
  const fail = (result: Result, text: string): Transition => ({ state, result, trace: [{ rule, text }] });
  const module = find(state, name);
  if (!module?.loaded) return fail(errno('ENOENT'), `${name} is not loaded`);
  const held = heldBy(state, module);
  if (held) return fail(errno('EAGAIN'), held);
  let now = mark(state, module.name, false);
  const trace: TraceEntry[] = [];
  for (const { bus, name: driverName } of module.drivers.toReversed()) {
    const driver = findDriver(now, bus, driverName);
    if (!driver) continue;
    for (const device of now.devices.filter((d) => d.bus === bus && d.present)) {
      const possible = possibleDrivers(device.driver);
      if (!possible.includes(driverName)) continue;
      if (possible.length === 1) {
        const along = takeAlong(now, driver, device);
        const left =
          along.result.kind === 'ok'
            ? detach(along.state, driver, device, 'unbind', 'drivers/base/dd.c:driver_detach')
            : along;
        now = left.state;
        trace.push(...along.trace, ...(left === along ? [] : left.trace));
        if (left.result.kind !== 'ok') return { state: now, result: left.result, trace };
      } else {
        const driver = bindingOf(possible.map((d) => (d === driverName ? null : d)));
        now = withDevice(now, bus, device.name, { driver });
      }
    }
    now = { ...now, drivers: now.drivers.filter((d) => d.bus !== bus || d.name !== driverName) };
    trace.push({ rule: 'drivers/base/bus.c:bus_remove_driver', text: 'unregistered', driver: driverName });
  }
  return { state: now, result: OK, trace };
}
