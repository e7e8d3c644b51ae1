import { attachDriver } from './attach.ts';
import { finishProbes } from './async.ts';
import { detach } from './bind.ts';
import { addParameterIds } from './dynamic-ids.ts';
import { errno, type KernelEvent, OK, type Result, type TraceEntry, type Transition } from './event.ts';
import { takeAlong } from './hotplug.ts';
import { bindingOf, findDriver, possibleDrivers, withDevice } from './lookup.ts';
import { resetParameters, setParameters } from './parameters.ts';
import type { KernelModule, KernelState, LoadParameters } from './state.ts';
import { kstrtobool } from './text.ts';

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

/** What is loaded, and with what. */
type Load = Omit<Extract<KernelEvent, { readonly kind: 'load' }>, 'kind'>;

/**
 * modprobe: a module's dependencies first, then the module with its options, then what is to follow it. Each driver
 * goes to the end of its bus's list and, where drivers_autoprobe is set, is offered every unbound device
 * (drivers/base/bus.c:bus_add_driver). A loaded module is not loaded again; one that the state does not list is ENOENT.
 * Unless the parameter async_probe says otherwise, it returns when every probe is done (main.c:do_init_module).
 */
export function loadModule(state: KernelState, load: Load): Transition {
  const { module: name, alone = false } = load;
  const rule = 'kernel/module/main.c:load_module';
  const module = find(state, name);
  if (!module) return { state, result: errno('ENOENT'), trace: [{ rule, text: `there is no module ${name}` }] };
  if (module.loaded)
    return { state, result: alone ? errno('EEXIST') : OK, trace: [{ rule, text: `${name} is loaded` }] };
  const lacks = alone && module.depends.find((one) => find(state, one)?.loaded === false);
  if (lacks) {
    const text = `${lacks}, whose symbols it uses, is not loaded`;
    return { state, result: errno('ENOENT'), trace: [{ rule: 'kernel/module/main.c:simplify_symbols', text }] };
  }
  let now = mark(state, module.name, true);
  const trace: TraceEntry[] = [];
  for (const dependency of alone ? [] : module.depends) {
    const first = loadModule(now, { module: dependency });
    if (first.result.kind !== 'ok') return { state, result: first.result, trace: first.trace };
    now = first.state;
    trace.push(...first.trace);
  }
  const given = {
    ...(alone ? {} : module.options),
    ...load.parameters,
    ...(load.ids === undefined ? {} : { ids: load.ids }),
  };
  const set = setParameters(now, underscored(name), given);
  if (set.result.kind !== 'ok') return { ...set, state: mark(now, module.name, false) };
  now = set.state;
  trace.push(...set.trace, { rule, text: `${name} is loaded` });
  const async = asksForAsync(given);
  for (const driver of module.drivers.map((one) => (async ? { ...one, async } : one))) {
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
    if (given.ids) {
      const added = addParameterIds(now, driver.bus, driver.name, given.ids);
      now = added.state;
      trace.push(...added.trace);
    }
  }
  const followers = (alone ? [] : (module.after ?? [])).map(
    (one) => (now: KernelState) => loadModule(now, { module: one }),
  );
  for (const next of [...(async ? [] : [finishProbes]), ...followers]) {
    const done = next(now);
    now = done.state;
    trace.push(...done.trace);
  }
  return { state: now, result: OK, trace };
}

/** Whether a module is loaded with async_probe: anything but a no (kernel/module/main.c:unknown_module_param_cb). */
function asksForAsync(parameters: LoadParameters): boolean {
  const given = Object.entries(parameters).find(([name]) => underscored(name) === 'async_probe');
  return given !== undefined && kstrtobool(given[1] ?? '') !== false;
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
  for (const { device, by, bound } of state.deviceFiles ?? []) {
    const driver = state.devices.find((d) => d.name === device && d.present)?.driver ?? null;
    const open = module.drivers.some(({ name }) => possibleDrivers(driver).includes(name));
    if (bound && open) return `${by} has ${device} open`;
  }
  return null;
}

/**
 * rmmod: every device of the module's drivers is unbound, the dynamic ids and the parameters are forgotten; overrides
 * stay (kernel/module/main.c:delete_module, drivers/base/bus.c:bus_remove_driver). EAGAIN while something uses it. It
 * waits for probes that workers have to do: first those of its own drivers (dd.c:driver_detach), at the end all.
 */
export function unloadModule(state: KernelState, name: string): Transition {
  const rule = 'kernel/module/main.c:delete_module';
  const fail = (result: Result, text: string): Transition => ({ state, result, trace: [{ rule, text }] });
  const module = find(state, name);
  if (!module?.loaded) return fail(errno('ENOENT'), `${name} is not loaded`);
  const held = heldBy(state, module);
  if (held) return fail(errno('EAGAIN'), held);
  const isAsync = module.drivers.some((one) => findDriver(state, one.bus, one.name)?.async);
  const probed = isAsync ? finishProbes(state) : { state, trace: [] };
  let now = resetParameters(mark(probed.state, module.name, false), underscored(module.name));
  const trace: TraceEntry[] = [...probed.trace];
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
  const last = finishProbes(now);
  return { state: last.state, result: OK, trace: [...trace, ...last.trace] };
}
