import { basename } from 'node:path/posix';
import {
  type Bus,
  type Device,
  type DeviceId,
  type Driver,
  type Evidence,
  type IommuGroup,
  type KernelState,
  makeKernel,
  PCI_ANY_ID,
  type SriovFacts,
} from '../../driver-core/index.ts';
import { ModaliasError } from '../../errors.ts';
import { underscored } from '../../pattern/normalize.ts';
import { parseRelease, type Release } from '../../release.ts';
import { driverLike, modelDevice } from '../../vfio/sysfs/model.ts';
import { parseSriov } from '../../vfio/sysfs/sriov.ts';
import { asksForAsync, modulesProbeLater } from './command-line.ts';
import type { DeviceDescription, IdRow, MachineDescription } from './description.ts';
import { modulesOf } from './modules.ts';

/** Most devices on buses of a machine that is modelled: several times those of the largest that there are. */
const MOST_DEVICES = 10_000;

/**
 * A machine as the driver-core model expects it. What a device is bound to is evidence that the driver takes it, and
 * others of its modalias too; which modules the kernel's files name for a modalias says which drivers match. What
 * neither says is left open. Drivers stand in the order of the description: sysfs does not show that of registration.
 */
export function kernelState(machine: MachineDescription, release: Release = releaseOf(machine)): KernelState {
  const onBuses = machine.devices.filter(({ bus }) => !bus.includes('/'));
  if (onBuses.length > MOST_DEVICES) {
    const message = `the machine ${machine.name} has ${onBuses.length} devices, expected at most ${MOST_DEVICES}`;
    throw new ModaliasError('bad-value', message);
  }
  const buses = [...new Set([...onBuses.map(({ bus }) => bus), ...Object.keys(machine.drivers)])];
  const making: MakeDriver = (bus, name, module) => makeDriverOf(machine, release, bus, name, module);
  const drivers = driversOf(machine, making);
  const modules = modulesOf(machine, drivers, new Set(buses), making);
  const paths = new Set(onBuses.map(({ bus, path }) => `${bus} ${path}`));
  const devices = onBuses.map((device) => deviceOf(machine, paths, device));
  return makeKernel(release, {
    buses: buses.map(
      (name): Bus => ({ name, autoprobe: !/^0/.test(machine.sysfs?.[`bus/${name}/drivers_autoprobe`] ?? '1') }),
    ),
    modules,
    drivers,
    devices,
    groups: groupsOf(machine, devices),
    evidence: evidenceOf(machine, onBuses, [...drivers, ...modules.flatMap((module) => module.drivers)]),
    noiommu: /^[Y1]/.test(machine.modules?.vfio?.enable_unsafe_noiommu_mode ?? ''),
    disableDenylist: /^[Y1]/.test(machine.modules?.vfio_pci?.disable_denylist ?? ''),
    enableSriov: /^[Y1]/.test(machine.modules?.vfio_pci?.enable_sriov ?? ''),
    ...(modulesProbeLater(machine.cmdline ?? '', release) ? { asyncProbe: true } : {}),
  });
}

function releaseOf({ release, name }: MachineDescription): Release {
  try {
    return parseRelease(release);
  } catch (cause) {
    throw new ModaliasError(
      'bad-release',
      `the machine ${name} does not say which kernel it runs; name one with --kernel`,
      {},
      { cause },
    );
  }
}

type MakeDriver = (bus: string, name: string, module: string | null) => Driver;

function driversOf(machine: MachineDescription, making: MakeDriver): Driver[] {
  return Object.entries(machine.drivers).flatMap(([bus, drivers]) =>
    Object.entries(drivers).map(([name, module]) => making(bus, name, module)),
  );
}

function makeDriverOf(
  machine: MachineDescription,
  release: Release,
  bus: string,
  name: string,
  module: string | null,
): Driver {
  const rows = machine.ids?.[bus]?.[name];
  const mine = machine.devices.filter((device) => device.bus === bus && device.driver === name);
  const vfio = mine.some(({ path }) =>
    machine.devices.some((one) => one.bus === 'class/vfio-dev' && one.path.startsWith(`${path}/`)),
  );
  const rest = { module, ...(rows ? { ids: deviceIds(rows) } : {}) };
  const async = asksForAsync(machine.cmdline ?? '', name, release);
  return driverLike(bus, name, vfio, async ? { ...rest, async } : rest);
}

/** `paths`: those of every device, each after the name of its bus and a blank. */
function deviceOf(machine: MachineDescription, paths: ReadonlySet<string>, device: DeviceDescription): Device {
  const { path, bus, driver, group, attributes = {} } = device;
  const hex = Number.parseInt(attributes.class ?? '', 16);
  const numVfs = Number(attributes.sriov_numvfs ?? 0);
  const physfn = machine.sysfsLinks?.[`devices/${path}/physfn`];
  const model = modelDevice(
    {
      name: basename(path),
      bus,
      path: `devices/${path}`,
      modalias: attributes.modalias ?? null,
      driver: driver ?? null,
      group: group ?? null,
      class: bus === 'pci' && !Number.isNaN(hex) ? hex : null,
      override: overrideOf(attributes.driver_override),
      sriov: {
        numVfs: Number.isInteger(numVfs) && numVfs > 0 ? numVfs : 0,
        vfsAutoprobe: attributes.sriov_drivers_autoprobe !== '0',
        physfn: physfn === undefined ? null : basename(physfn),
        capability: parseSriov((name) => attributes[name]),
      },
      bridge: null,
      bootDisplay: false,
      unbinding: false,
    },
    bus,
  );
  let above = path;
  do above = above.slice(0, Math.max(above.lastIndexOf('/'), 0));
  while (above !== '' && !paths.has(`${bus} ${above}`));
  const pci = model.pci && { ...model.pci, sriov: sriovOf(attributes) };
  return { ...model, pci, parent: above === '' ? null : basename(above) };
}

/** Null where the device is no physical function, or its recording is older than the files of SR-IOV in it. */
function sriovOf(attributes: Readonly<Record<string, string>>): SriovFacts | null {
  const [totalVfs, offset, stride] = ['totalvfs', 'offset', 'stride'].map((name) =>
    Number.parseInt(attributes[`sriov_${name}`] ?? '', 10),
  ) as [number, number, number];
  const vfDevice = Number.parseInt(attributes.sriov_vf_device ?? '', 16);
  if ([totalVfs, offset, stride, vfDevice].some(Number.isNaN)) return null;
  return { totalVfs, offset, stride, vfDevice };
}

function overrideOf(text: string | undefined): string | null {
  return text === undefined || text === '' || text === '(null)' ? null : text;
}

function groupsOf({ groups = {} }: MachineDescription, devices: readonly Device[]): IommuGroup[] {
  const ids = new Set([...Object.keys(groups), ...devices.flatMap(({ group }) => group ?? [])]);
  const buses = new Map(devices.toReversed().flatMap(({ group, bus }) => (group === null ? [] : [[group, bus]])));
  return [...ids].map((id) => ({
    id,
    bus: buses.get(id) ?? 'pci',
    type: groups[id]?.type ?? 'unknown',
    direct: (groups[id]?.reserved ?? []).some((line) => /\bdirect$/.test(line)),
    file: null,
  }));
}

/** What the machine shows of drivers whose tables or probes are not known. */
function evidenceOf(
  { aliases = {}, builtIn }: MachineDescription,
  devices: readonly DeviceDescription[],
  drivers: readonly Driver[],
): Evidence[] {
  const bound = new Map<string, boolean>();
  for (const { bus, driver, attributes = {} } of devices)
    if (driver !== undefined && attributes.modalias !== undefined) {
      const key = `${bus} ${driver} ${attributes.modalias}`;
      bound.set(key, bound.get(key) === true || overrideOf(attributes.driver_override) === null);
    }
  const owned = drivers.flatMap(({ module }) => module ?? []);
  return devices.flatMap(({ path, bus, driver: has, attributes = {} }) => {
    const modalias = attributes.modalias;
    const served = modalias === undefined || !Object.hasOwn(aliases, modalias) ? undefined : aliases[modalias]!;
    // Drivers of which sysfs shows no module are built in; where others serve the device, none of them does.
    const byOthers = builtIn && served?.every((one) => owned.some((module) => sameModule(one, module)));
    return drivers.flatMap((driver): Evidence[] => {
      if (driver.bus !== bus) return [];
      const seen = bound.get(`${bus} ${driver.name} ${modalias}`);
      const taken = has === driver.name || seen !== undefined;
      const { module } = driver;
      const listed = module === null ? (byOthers ? false : undefined) : served?.some((one) => sameModule(one, module));
      const matches = seen === true ? true : driver.ids === 'unknown' ? listed : undefined;
      if (!taken && matches === undefined) return [];
      return [
        {
          bus,
          driver: driver.name,
          device: basename(path),
          ...(matches === undefined ? {} : { matches }),
          ...(taken ? { probe: 'ok' as const } : {}),
        },
      ];
    });
  });
}

const sameModule = (a: string, b: string) => underscored(a) === underscored(b);

/** Rows of a machine's description as the model has them. */
function deviceIds(rows: readonly IdRow[]): DeviceId[] {
  return rows.map((row) => ({
    vendor: number(row.vendor, PCI_ANY_ID),
    device: number(row.device, PCI_ANY_ID),
    subvendor: number(row.subvendor, PCI_ANY_ID),
    subdevice: number(row.subdevice, PCI_ANY_ID),
    class: number(row.class, 0),
    class_mask: number(row.class_mask, row.class === undefined ? 0 : 0xffffff),
    driver_data: BigInt(row.driver_data ?? 0),
    override_only: number(row.override_only, 0),
  }));
}

function number(text: string | undefined, absent: number): number {
  return text === undefined ? absent : Number(text);
}
