import {
  type Device,
  type Driver,
  type Evidence,
  type KernelModule,
  type KernelState,
  makeDriver,
  makeKernel,
} from '../driver-core/index.ts';
import type { Release } from '../release.ts';
import { readMachine } from '../vfio/plan/machine.ts';
import { driverOfModule } from '../vfio/resolve/driver-name.ts';
import type { Device as SysfsDevice } from '../vfio/sysfs/device.ts';
import { driverLike, modelDevice } from '../vfio/sysfs/model.ts';
import { pciIds, sameIds } from '../vfio/sysfs/pci-ids.ts';
import type { MachineRoots } from '../vfio/sysfs/roots.ts';
import type { Tree } from '../vfio/sysfs/tree.ts';
import type { StageModules } from './modules/stage-modules.ts';
import { idsIn } from './run/load.ts';
import { UNLISTED } from './stages/kernel-stage.ts';

/** The kernel before it has found the subject, and which of its modules matter. */
export interface SubjectKernel {
  readonly kernel: KernelState;
  readonly relevant: ReadonlySet<string>;
  /** Built-in modules that matter, in the order in which they register their drivers. */
  readonly builtins: readonly string[];
  /** Modules of which the driver's name is not known and taken to be theirs. */
  readonly guessed: readonly string[];
}

/** Drivers that take any device whose ids they are given. */
const BY_IDS: Readonly<Record<string, string>> = { vfio_pci: 'vfio-pci', pci_stub: 'pci-stub' };

/**
 * The part of a kernel that decides about one device: the modules whose aliases match it, with and without the prefix
 * of VFIO, and those that are given ids. A driver is known to take the device if it has it now, or one like it.
 */
export async function subjectKernel(
  roots: MachineRoots,
  release: Release,
  device: SysfsDevice,
  stages: readonly StageModules[],
  directory: string | null,
): Promise<SubjectKernel> {
  const bus = device.bus ?? '';
  const { modalias } = device;
  const modulesOf = (alias: string) =>
    stages
      .flatMap((stage) => stage.matches(alias))
      .flatMap(({ module, source }) => (source === 'symbol' ? [] : module));
  const natives = new Set(modalias === null ? [] : modulesOf(modalias));
  const vfio = new Set(modalias === null ? [] : modulesOf(`vfio_${modalias}`));
  const given = stages.flatMap(({ config }) =>
    config.options.flatMap(({ module, options }) => (idsIn(options) === undefined ? [] : module)),
  );
  const byIds = bus === 'pci' ? [...Object.keys(BY_IDS), ...given] : [];
  const isThere = (module: string) =>
    stages.some((stage) => stage.isBuiltin(module) || stage.dependencies(module) !== undefined);
  const names = [...new Set([...natives, ...vfio, ...byIds])].filter(isThere);
  const guessed: string[] = [];
  const modules: KernelModule[] = [];
  const owners = driversNow(roots.sysfs, device);
  for (const module of names) {
    const found = BY_IDS[module] ?? (await driverOfModule(roots.sysfs, bus, module, directory)).name;
    if (found === null) guessed.push(module);
    const name = found ?? module;
    modules.push({ name: module, loaded: false, depends: [], drivers: [driver(bus, name, module, vfio.has(module))] });
  }
  // What is built in and in no list, or whose module is not known, has the device at once.
  const builtin = stages[0]?.builtins.filter((module) => names.includes(module)) ?? [];
  const known = new Set(modules.flatMap((module) => module.drivers.map((one) => one.name)));
  const unlisted = [...owners].filter(
    (name) => !known.has(name) && roots.sysfs.linkName(`bus/${bus}/drivers/${name}/module`) === undefined,
  );
  for (const name of unlisted)
    modules.push({ name: `${name}${UNLISTED}`, loaded: false, depends: [], drivers: [makeDriver(bus, name)] });
  const machine = readMachine(roots, [device]);
  const read = machine.devices.find((one) => one.path === device.path) ?? device;
  const start: Device = {
    ...modelDevice(read, bus),
    ...{ driver: null, override: null, present: false, plugged: true, matchReady: false },
  };
  const kernel = makeKernel(release, {
    buses: [{ name: bus, autoprobe: true }],
    modules,
    devices: [start],
    groups: device.group === null ? [] : [{ id: device.group, bus, type: 'unknown', direct: false, file: null }],
    evidence: modules.flatMap((module) => evidence(module, device, natives, owners)),
  });
  return {
    kernel,
    relevant: new Set(names),
    builtins: [...unlisted.map((name) => `${name}${UNLISTED}`), ...builtin],
    guessed,
  };
}

function driver(bus: string, name: string, module: string, vfio: boolean): Driver {
  return vfio ? driverLike(bus, name, true, { module }) : makeDriver(bus, name, { module });
}

/** The drivers of the device and of those like it. */
function driversNow(sysfs: Tree, device: SysfsDevice): ReadonlySet<string> {
  const found = new Set(device.driver === null ? [] : [device.driver]);
  const ids = pciIds(device.modalias);
  if (device.bus !== 'pci' || ids === null) return found;
  for (const name of sysfs.list('bus/pci/devices')) {
    const at = `bus/pci/devices/${name}`;
    const other = pciIds(sysfs.line(`${at}/modalias`) ?? null);
    const driver = other && sameIds(ids, other) ? sysfs.linkName(`${at}/driver`) : undefined;
    if (driver !== undefined) found.add(driver);
  }
  return found;
}

/** An id table is as its aliases say; rows for VFIO need an override (pci-driver.c:pci_match_device). */
function evidence(
  module: KernelModule,
  { name: device, bus }: SysfsDevice,
  natives: ReadonlySet<string>,
  owners: ReadonlySet<string>,
): Evidence[] {
  return module.drivers.map(({ name }): Evidence => {
    const matches = natives.has(module.name) || module.name.endsWith(UNLISTED);
    const base = { bus: bus ?? '', driver: name, device, matches };
    return owners.has(name) ? { ...base, probe: 'ok' } : base;
  });
}
