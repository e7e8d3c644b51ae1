import { basename } from 'node:path/posix';
import {
  type Bus,
  type Device,
  type DeviceId,
  type Driver,
  type IommuGroup,
  type KernelState,
  makeKernel,
  PCI_ANY_ID,
  type SriovFacts,
} from '../../driver-core/index.ts';
import { ModaliasError } from '../../errors.ts';
import { parseRelease, type Release } from '../../release.ts';
import { driverLike, modelDevice } from '../../vfio/sysfs/model.ts';
import { parseSriov } from '../../vfio/sysfs/sriov.ts';
import { asksForAsync, modulesProbeLater } from './command-line.ts';
import type { DeviceDescription, IdRow, MachineDescription } from './description.ts';
import { modulesOf } from './modules.ts';
import { evidenceOf, overrideOf } from './seen-evidence.ts';

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
  const making = driverMaker(machine, release);
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

function driverMaker({ devices, ids, cmdline = '' }: MachineDescription, release: Release): MakeDriver {
  const registered = new Set<string>();
  for (const { path } of devices.filter(({ bus }) => bus === 'class/vfio-dev'))
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) registered.add(path.slice(0, at));
  const vfio = new Set(
    devices.flatMap(({ bus, driver, path }) =>
      driver !== undefined && registered.has(path) ? `${bus} ${driver}` : [],
    ),
  );
  return (bus, name, module) => {
    const rows = ids?.[bus]?.[name];
    const rest = { module, ...(rows ? { ids: deviceIds(rows) } : {}) };
    const async = asksForAsync(cmdline, name, release);
    return driverLike(bus, name, vfio.has(`${bus} ${name}`), async ? { ...rest, async } : rest);
  };
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
