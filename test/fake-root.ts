import fs from 'node:fs';
import path from 'node:path';
import type { MachineDescription } from '../src/model/machines/description.ts';

export type { DeviceDescription, MachineDescription } from '../src/model/machines/description.ts';

/** Buses whose devices have a driver_override, which is `(null)` when unset. */
const overridable = ['pci', 'platform', 'amba', 'fsl-mc', 'cdx', 'css', 'vmbus'];

export interface FakeRoot {
  readonly directory: string;
  readonly sysfs: string;
  readonly proc: string;
}

const MACHINES = 'test/machines';

export function readMachine(name: string): MachineDescription {
  return JSON.parse(fs.readFileSync(path.join(MACHINES, `${name}.json`), 'utf8'));
}

export function machineNames(): string[] {
  return fs
    .readdirSync(MACHINES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5))
    .sort();
}

/** Makes `sys` and `proc` under a directory. Links are relative, as the kernel makes them. */
export function buildRoot(machine: MachineDescription, directory: string): FakeRoot {
  const root: FakeRoot = { directory, sysfs: path.join(directory, 'sys'), proc: path.join(directory, 'proc') };
  const made = new Set<string>();
  const inside = (base: string, at: string) => {
    const file = path.join(base, at);
    const parent = path.dirname(file);
    if (!made.has(parent)) {
      fs.mkdirSync(parent, { recursive: true });
      made.add(parent);
    }
    return file;
  };
  const put = (base: string, at: string, text: string) => fs.writeFileSync(inside(base, at), text, 'latin1');
  const link = (at: string, target: string) => {
    const file = inside(root.sysfs, at);
    fs.symlinkSync(path.relative(path.dirname(file), path.join(root.sysfs, target)), file);
  };
  const mkdir = (at: string) => inside(root.sysfs, `${at}/x`);

  for (const at of ['devices', 'bus', 'module', 'class', 'kernel']) mkdir(at);
  put(root.proc, 'sys/kernel/osrelease', `${machine.release}\n`);
  put(root.proc, 'cmdline', `${machine.cmdline ?? ''}\n`);
  for (const [module, parameters] of Object.entries(machine.modules ?? {})) {
    mkdir(`module/${module}`);
    for (const [key, value] of Object.entries(parameters))
      put(root.sysfs, `module/${module}/parameters/${key}`, `${value}\n`);
  }
  for (const [bus, drivers] of Object.entries(machine.drivers)) {
    put(root.sysfs, `bus/${bus}/drivers_probe`, '');
    put(root.sysfs, `bus/${bus}/drivers_autoprobe`, '1\n');
    for (const [driver, module] of Object.entries(drivers)) addDriver(root, bus, driver, module);
  }
  for (const [id, group] of Object.entries(machine.groups ?? {})) {
    const at = `kernel/iommu_groups/${id}`;
    mkdir(`${at}/devices`);
    if (group.type !== undefined) put(root.sysfs, `${at}/type`, `${group.type}\n`);
    if (group.name !== undefined) put(root.sysfs, `${at}/name`, `${group.name}\n`);
    if (group.reserved) put(root.sysfs, `${at}/reserved_regions`, group.reserved.map((line) => `${line}\n`).join(''));
  }
  for (const device of machine.devices) {
    const at = `devices/${device.path}`;
    const name = path.basename(device.path);
    const bus = device.bus.includes('/') ? device.bus : `bus/${device.bus}`;
    mkdir(at);
    link(`${at}/subsystem`, bus);
    link(bus.startsWith('bus/') ? `${bus}/devices/${name}` : `${bus}/${name}`, at);
    if (overridable.includes(device.bus)) put(root.sysfs, `${at}/driver_override`, '(null)\n');
    for (const [key, value] of Object.entries(device.attributes ?? {})) put(root.sysfs, `${at}/${key}`, `${value}\n`);
    if (device.driver !== undefined) {
      link(`${at}/driver`, `${bus}/drivers/${device.driver}`);
      link(`${bus}/drivers/${device.driver}/${name}`, at);
    }
    if (device.group !== undefined) {
      link(`${at}/iommu_group`, `kernel/iommu_groups/${device.group}`);
      link(`kernel/iommu_groups/${device.group}/devices/${name}`, at);
    }
  }
  for (const [at, text] of Object.entries(machine.sysfs ?? {})) put(root.sysfs, at, text);
  for (const [at, text] of Object.entries(machine.proc ?? {})) put(root.proc, at, text);
  for (const [at, text] of Object.entries(machine.sysfsLinks ?? {})) fs.symlinkSync(text, inside(root.sysfs, at));
  for (const [at, text] of Object.entries(machine.procLinks ?? {})) fs.symlinkSync(text, inside(root.proc, at));
  return root;
}

/** Registers a driver in a root, as loading its module would. */
export function addDriver(root: FakeRoot, bus: string, driver: string, module: string | null): void {
  const at = path.join(root.sysfs, 'bus', bus, 'drivers', driver);
  fs.mkdirSync(at, { recursive: true });
  for (const name of ['bind', 'unbind', ...(bus === 'pci' ? ['new_id', 'remove_id'] : [])])
    fs.writeFileSync(path.join(at, name), '');
  if (module === null) return;
  const its = path.join(root.sysfs, 'module', module, 'drivers');
  fs.mkdirSync(its, { recursive: true });
  fs.writeFileSync(path.join(its, '../initstate'), 'live\n');
  fs.rmSync(path.join(its, `${bus}:${driver}`), { force: true });
  fs.symlinkSync(`../../../bus/${bus}/drivers/${driver}`, path.join(its, `${bus}:${driver}`));
  fs.rmSync(path.join(at, 'module'), { force: true });
  fs.symlinkSync(`../../../../module/${module}`, path.join(at, 'module'));
}
