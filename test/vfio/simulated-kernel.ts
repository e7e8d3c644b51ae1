import fs from 'node:fs';
import path from 'node:path';
import {
  type Device,
  type Evidence,
  type KernelState,
  makeDriver,
  makeKernel,
  step,
} from '../../src/driver-core/index.ts';
import { parseRelease } from '../../src/release.ts';
import { DONE, type Hands, type Outcome } from '../../src/vfio/change/hands.ts';
import { readMachine } from '../../src/vfio/plan/machine.ts';
import { readDevice } from '../../src/vfio/sysfs/device.ts';
import { driverLike, modelDevice } from '../../src/vfio/sysfs/model.ts';
import { Tree } from '../../src/vfio/sysfs/tree.ts';
import { addDriver, type FakeRoot, type MachineDescription } from '../fake-root.ts';
import { addFunction, removeFunction, showFunctions } from './function-files.ts';

/** Modules that can be loaded, with the driver that each registers. */
export type Loadable = Readonly<Record<string, { readonly bus: string; readonly driver: string }>>;

const MODULES: Loadable = {
  vfio_pci: { bus: 'pci', driver: 'vfio-pci' },
  mlx5_vfio_pci: { bus: 'pci', driver: 'mlx5_vfio_pci' },
  vfio_platform: { bus: 'platform', driver: 'vfio-platform' },
  vfio_amba: { bus: 'amba', driver: 'vfio-amba' },
};

/** Hands of a simulated kernel, and how to tell it that the files were changed behind its back. */
export interface SimulatedKernel extends Hands {
  readonly lookAgain: () => void;
}

/**
 * A kernel behind a fake root: what is written goes through the driver-core model, and what the model says comes back
 * as files. It is all in the files, so that a test may kill the process in the middle and look at the machine with
 * another; to read them at each action would take longer than all else. Who knows what they say gives it: `kernelOf`.
 */
export function simulatedKernel(
  root: FakeRoot,
  machine: MachineDescription,
  modules = MODULES,
  known?: KernelState,
): SimulatedKernel {
  const sysfs = new Tree(root.sysfs);
  const act = (event: Parameters<typeof step>[1]): Outcome => {
    const before = known ?? stateOf(sysfs, machine, modules);
    const { state, result } = step(before, event);
    mirror(root, before, state);
    known = state;
    if (result.kind === 'ok') return DONE;
    if (result.kind === 'errno') return { kind: 'failed', errno: result.errno, message: '' };
    if (result.kind === 'blocks') return { kind: 'timeout', seconds: 1 };
    throw new Error(`the model does not know: ${result.why}`);
  };
  return {
    write: async (at, data) => act({ kind: 'write', path: at, data }),
    modprobe: async (module) => act({ kind: 'load', module }),
    close: () => {},
    lookAgain: () => {
      known = undefined;
    },
  };
}

/** What is behind a fake root of a machine, as its files show it now. */
export function kernelOf(root: FakeRoot, machine: MachineDescription): KernelState {
  return stateOf(new Tree(root.sysfs), machine, MODULES);
}

/**
 * The whole machine as the files show it now. A native driver takes the devices that it had when the machine was
 * recorded.
 */
function stateOf(sysfs: Tree, machine: MachineDescription, modules: Loadable): KernelState {
  const paths = machine.devices.filter(({ bus }) => !bus.includes('/')).map((device) => `devices/${device.path}`);
  const all = readMachine(
    { sysfs, proc: sysfs, release: machine.release },
    paths.map((at) => readDevice(sysfs, at)),
  );
  const names = Object.keys(modules);
  return makeKernel(parseRelease(machine.release), {
    buses: all.buses,
    disableDenylist: all.disableDenylist,
    modules: names.map((name) => {
      const { bus, driver } = modules[name]!;
      return {
        name,
        loaded: sysfs.exists(`bus/${bus}/drivers/${driver}`),
        depends: [],
        drivers: [driverLike(bus, driver, true, { module: name })],
      };
    }),
    drivers: all.drivers.map(({ bus, name, module, vfio }) => driverLike(bus, name, vfio, { module })),
    devices: all.devices.flatMap((device) => (device.bus === null ? [] : modelDevice(device, device.bus))),
    groups: all.groups.map(({ id, type, members }) => ({
      id,
      bus: members[0]?.bus ?? 'pci',
      type: type ?? 'unknown',
      direct: false,
      file: null,
    })),
    evidence: machine.devices.flatMap((device) => evidence(device, modules)),
    noiommu: all.noiommu,
  });
}

function evidence(device: MachineDescription['devices'][number], modules: Loadable): Evidence[] {
  const name = path.basename(device.path);
  const { bus } = device;
  const native =
    device.driver === undefined
      ? []
      : [{ bus, device: name, driver: device.driver, matches: true, probe: 'ok' as const }];
  const vfio = Object.values(modules).map(({ driver }) => ({
    bus,
    device: name,
    driver,
    matches: false,
    probe: 'ok' as const,
  }));
  return [...vfio.filter(({ driver }) => driver !== device.driver), ...native];
}

/** Writes the difference between two states into the files. */
function mirror(root: FakeRoot, before: KernelState, after: KernelState): void {
  for (const driver of after.drivers) {
    if (!before.drivers.some((one) => one.bus === driver.bus && one.name === driver.name))
      addDriver(root, driver.bus, driver.name, driver.module);
  }
  const there = ({ devices }: KernelState) => devices.filter(({ present }) => present);
  const sameName = (a: Device) => (b: Device) => a.bus === b.bus && a.name === b.name;
  for (const gone of there(before).filter((old) => !there(after).some(sameName(old)))) {
    relink(root, gone, locate(root, gone), gone.driver as string | null, null);
    removeFunction(root, gone);
  }
  for (const made of there(after).filter((one) => !there(before).some(sameName(one)))) addFunction(root, made);
  for (const device of there(after)) {
    const known = there(before).find(sameName(device));
    if (known === device) continue;
    const old = known ?? { ...device, override: null, driver: null };
    const isShown = old.pci?.numVfs === device.pci?.numVfs && old.pci?.vfsAutoprobe === device.pci?.vfsAutoprobe;
    if (device.pci?.sriov && !isShown) showFunctions(root, device);
    const at = locate(root, device);
    if (old.override !== device.override)
      fs.writeFileSync(path.join(at, 'driver_override'), `${device.override ?? '(null)'}\n`);
    if (old.driver !== device.driver)
      relink(root, device, at, old.driver as string | null, device.driver as string | null);
  }
}

function locate(root: FakeRoot, { bus, name }: Device): string {
  return fs.realpathSync.native(path.join(root.sysfs, 'bus', bus, 'devices', name));
}

function relink(root: FakeRoot, device: Device, at: string, from: string | null, to: string | null): void {
  const drivers = path.join(root.sysfs, 'bus', device.bus, 'drivers');
  const link = (file: string, target: string) => fs.symlinkSync(path.relative(path.dirname(file), target), file);
  if (from !== null) {
    fs.rmSync(path.join(at, 'driver'));
    fs.rmSync(path.join(drivers, from, device.name));
    fs.rmSync(path.join(at, 'vfio-dev'), { recursive: true, force: true });
  }
  if (to !== null) {
    link(path.join(at, 'driver'), path.join(drivers, to));
    link(path.join(drivers, to, device.name), at);
    if (driverLike(device.bus, to, false).vfio || makeDriver(device.bus, to).vfio)
      fs.mkdirSync(path.join(at, 'vfio-dev/vfio0'), { recursive: true });
  }
}

/**
 * Hands that do something else at one of their actions (counted from 1, modprobe included), before or instead of it; or
 * that do it, and report that it failed.
 */
export function faultyHands(
  hands: Hands,
  fault: (count: number, path: string) => Outcome | 'done-but-EIO' | undefined,
): Hands & { readonly count: () => number } {
  let count = 0;
  const act = async (at: string, done: () => Promise<Outcome>): Promise<Outcome> => {
    const wrong = fault(++count, at);
    if (wrong === 'done-but-EIO') {
      await done();
      return { kind: 'failed', errno: 'EIO', message: 'done all the same' };
    }
    return wrong ?? done();
  };
  return {
    write: (at, data) => act(at, () => hands.write(at, data)),
    modprobe: (module) => act(`modprobe ${module}`, () => hands.modprobe(module)),
    close: () => hands.close(),
    count: () => count,
  };
}
