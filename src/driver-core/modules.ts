import { underscored } from '../pattern/normalize.ts';
import { attachDriver } from './attach.ts';
import { finishProbes } from './async.ts';
import { detach } from './bind.ts';
import { addParameterIds } from './dynamic-ids.ts';
import { errno, type KernelEvent, OK, type Result, type TraceEntry, type Transition, unknown } from './event.ts';
import { takeAlong } from './hotplug.ts';
import {
  bindingOf,
  dependencies,
  deviceCalled,
  findDriver,
  findModule,
  possibleDrivers,
  withDevice,
  withModule,
} from './lookup.ts';
import { resetParameters, setParameters } from './parameters.ts';
import type { KernelModule, KernelState, LoadParameters } from './state.ts';
import { kstrtobool } from './text.ts';

/** What is loaded, and with what. */
type Load = Omit<Extract<KernelEvent, { readonly kind: 'load' }>, 'kind'>;

const LOAD = 'kernel/module/main.c:load_module';
const RMMOD = 'kernel/module/main.c:delete_module';
const MODPROBE = 'kmod: tools/modprobe.c:rmmod_do_module';

/**
 * modprobe: a module's dependencies first, then what is to precede it, the module with its options, and what is to
 * follow. Each driver goes to the end of its bus's list and, where drivers_autoprobe is set, is offered every unbound
 * device (drivers/base/bus.c:bus_add_driver). A loaded module is not loaded again; one that the state does not list is
 * ENOENT. Unless the parameter async_probe says otherwise, it returns when every probe is done (main.c:do_init_module).
 */
export function loadModule(state: KernelState, load: Load): Transition {
  const { module: name, alone = false } = load;
  const fail = (result: Result, text: string, rule = LOAD): Transition => ({ state, result, trace: [{ rule, text }] });
  const module = findModule(state, name);
  if (!module) return fail(errno('ENOENT'), `there is no module ${name}`);
  if (module.loaded) return fail(alone ? errno('EEXIST') : OK, `${name} is loaded`);
  if (alone) {
    const lacks = lacksOf(state, module);
    if (lacks === undefined) return insert(state, module, load);
    const text = `${lacks}, whose symbols it uses, is not loaded`;
    return fail(errno('ENOENT'), text, 'kernel/module/main.c:simplify_symbols');
  }
  const needed = new Set([...dependencies(state, module), module]);
  const gone = [...needed].flatMap(({ depends }) => depends).find((one) => !findModule(state, one));
  if (gone !== undefined) return fail(errno('ENOENT'), `there is no module ${gone}`);
  let now = state;
  const trace: TraceEntry[] = [];
  for (const one of probeList(state, module)) {
    if (findModule(now, one.name)!.loaded || (!needed.has(one) && lacksOf(now, one) !== undefined)) continue;
    const done = insert(now, one, one === module ? load : { module: one.name });
    now = done.state;
    trace.push(...done.trace);
    if (done.result.kind !== 'ok' && needed.has(one)) return { state: now, result: done.result, trace };
  }
  return { state: now, result: OK, trace };
}

/** A module that one depends on and that is not loaded. */
function lacksOf(state: KernelState, { depends }: KernelModule): string | undefined {
  return depends.find((one) => !findModule(state, one)?.loaded);
}

/**
 * What modprobe loads for a module, in order, whether it is loaded already or not: each with what softdep has loaded
 * before and after it (libkmod-module.c:__kmod_module_get_probe_list). Names that there are no modules of are left out.
 */
function probeList(state: KernelState, module: KernelModule, visited = new Set<KernelModule>()): KernelModule[] {
  if (visited.has(module)) return [];
  visited.add(module);
  const along = (names: readonly string[] = []) =>
    names.flatMap((name) => findModule(state, name) ?? []).flatMap((one) => probeList(state, one, visited));
  return [...dependencies(state, module), module].flatMap((one) => [...along(one.before), one, ...along(one.after)]);
}

/** init_module(2) of a module that is not loaded: its parameters are set and its drivers registered, or nothing is. */
function insert(state: KernelState, module: KernelModule, load: Load): Transition {
  const { name } = module;
  const given = {
    ...(load.alone ? {} : module.options),
    ...load.parameters,
    ...(load.ids === undefined ? {} : { ids: load.ids }),
  };
  const set = setParameters(withModule(state, name, { loaded: true }), underscored(name), given);
  if (set.result.kind !== 'ok') return { ...set, state };
  let now = set.state;
  const trace: TraceEntry[] = [...set.trace, { rule: LOAD, text: `${load.module} is loaded` }];
  const async = asksForAsync(state, given);
  for (const driver of module.drivers.map((one) => (async ? { ...one, async } : one))) {
    if (findDriver(now, driver.bus, driver.name)) {
      const rule = 'drivers/base/driver.c:driver_register';
      const text = `a driver named ${driver.name} is registered already`;
      return { state, result: errno('EBUSY'), trace: [...trace, { rule, text }] };
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
  const last = async ? { state: now, trace: [] } : finishProbes(now);
  return { state: last.state, result: OK, trace: [...trace, ...last.trace] };
}

/** Whether a module probes asynchronously: what is neither yes nor no is a yes (main.c:unknown_module_param_cb). */
function asksForAsync({ features, release, asyncProbe = false }: KernelState, parameters: LoadParameters): boolean {
  const given = Object.entries(parameters).find(([name]) => underscored(name) === 'async_probe');
  if (!given) return asyncProbe;
  return !features.asyncProbeDefault || kstrtobool(given[1] ?? '', release) !== false;
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
    const driver = deviceCalled(state, device)?.driver ?? null;
    const open = module.drivers.some(({ name }) => possibleDrivers(driver).includes(name));
    if (bound && open) return `${by} has ${device} open`;
  }
  return null;
}

/** What is unloaded, and how. */
type Unload = Omit<Extract<KernelEvent, { readonly kind: 'unload' }>, 'kind'>;

/**
 * modprobe -r: what follows the module by softdep, the module, those that it depended on and that nothing else uses
 * then, and what precedes it by softdep; only the module itself must be unloaded. What the modules that it depended on
 * need in their turn stays: modprobe asks for these first, when they are still used. One that is not loaded is done.
 * `alone`: rmmod, which unloads one module and fails where that is not loaded.
 */
export function unloadModule(state: KernelState, { module: name, alone = false }: Unload): Transition {
  return alone ? deleteModule(state, name) : removeModule(state, name, new Set());
}

/** `leaving`: modules that are being removed, by which this one is. */
function removeModule(state: KernelState, name: string, leaving: ReadonlySet<string>): Transition {
  const module = findModule(state, name);
  if (!module || module.builtIn) {
    const text = module ? `${name} is built in` : `there is no module ${name}`;
    return { state, result: errno('ENOENT'), trace: [{ rule: MODPROBE, text }] };
  }
  if (!module.loaded) return { state, result: OK, trace: [{ rule: MODPROBE, text: `${name} is not loaded` }] };
  let now = state;
  const trace: TraceEntry[] = [];
  const within = new Set([...leaving, module.name]);
  const take = (done: Transition): Transition => {
    now = done.state;
    trace.push(...done.trace);
    return done;
  };
  const along = (names: readonly string[] = []) => {
    for (const one of names.toReversed().map((other) => findModule(now, other)))
      if (one?.loaded && !one.builtIn && !within.has(one.name)) take(removeModule(now, one.name, within));
  };
  along(module.after);
  if (findModule(now, name)?.loaded === false) {
    // One of these needed it, and nothing else did; kmod of September 2025 was the first to see that.
    const why = `whether modprobe fails where ${name} went along with what follows it`;
    return { state: now, result: unknown(why), trace: [...trace, { rule: MODPROBE, text: why }] };
  }
  const { result } = take(deleteModule(now, name));
  if (result.kind !== 'ok') return { state: now, result, trace };
  const used = new Set(now.modules.flatMap((one) => (one.loaded ? one.depends.map(underscored) : [])));
  const unused = dependencies(now, module).filter(
    (one) => one.loaded && !one.builtIn && !used.has(underscored(one.name)) && heldBy(now, one) === null,
  );
  for (const { name } of unused) take(deleteModule(now, name));
  along(module.before);
  return { state: now, result: OK, trace };
}

/**
 * Every device of the module's drivers is unbound, the dynamic ids and the parameters are forgotten; overrides
 * stay (kernel/module/main.c:delete_module, drivers/base/bus.c:bus_remove_driver). EAGAIN while something uses it. It
 * waits for probes that workers have to do: first those of its own drivers (dd.c:driver_detach), at the end all.
 */
function deleteModule(state: KernelState, name: string): Transition {
  const fail = (result: Result, text: string): Transition => ({ state, result, trace: [{ rule: RMMOD, text }] });
  const module = findModule(state, name);
  if (!module?.loaded || module.builtIn)
    return fail(errno('ENOENT'), `${name} is ${module?.builtIn ? 'built in' : 'not loaded'}`);
  const held = heldBy(state, module);
  if (held) return fail(errno('EAGAIN'), held);
  const isAsync = module.drivers.some((one) => findDriver(state, one.bus, one.name)?.async);
  const probed = isAsync ? finishProbes(state) : { state, trace: [] };
  let now = resetParameters(withModule(probed.state, name, { loaded: false }), underscored(module.name));
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
  trace.push(...last.trace, { rule: RMMOD, text: `${module.name} is unloaded` });
  return { state: last.state, result: OK, trace };
}
