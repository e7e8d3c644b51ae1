import { needList, needObject } from '../../arguments.ts';
import type { Release } from '../../release.ts';
import { type Card, readCard } from '../sysfs/card.ts';
import { type Device, isUnbinding, type MachineDevice, pciBridge, readDevice } from '../sysfs/device.ts';
import { type IommuGroup, readGroups } from '../sysfs/groups.ts';
import { driverLike } from '../sysfs/model.ts';
import { type Platform, readPlatform } from '../sysfs/platform.ts';
import { type MachineRoots, readRelease } from '../sysfs/roots.ts';
import { readNumVfs, readSriov } from '../sysfs/sriov.ts';
import type { Tree } from '../sysfs/tree.ts';
import { type GroupHolder, groupHolders, isVfioFile } from '../uses/group-holders.ts';
import { type OpenFiles, readNodes, readOpenFiles } from '../uses/holders.ts';
import type { Use } from '../uses/use.ts';
import { readUses } from '../uses/uses.ts';

/** A registered driver. */
export interface MachineDriver {
  readonly bus: string;
  readonly name: string;
  /** Module that holds it; null where it is built in. */
  readonly module: string | null;
  /** Its module uses vfio_pci_core, or one of its devices has a `vfio-dev` directory. */
  readonly vfio: boolean;
  /** It has `bind` and `unbind`; without them its devices cannot be moved. */
  readonly bindable: boolean;
}

/** A bus that one of the devices sits on. */
export interface MachineBus {
  readonly name: string;
  /** The value of drivers_autoprobe; true if it cannot be read. */
  readonly autoprobe: boolean;
}

/** All that planBind needs to know about a machine: plain data, made by readMachine or by hand. */
export interface Machine {
  readonly kernel: string | null;
  readonly release: Release;
  readonly iommu: boolean;
  readonly noiommu: boolean;
  /** vfio-pci's parameter disable_denylist, where its module is loaded. */
  readonly disableDenylist: boolean;
  readonly platform: Platform;
  readonly buses: readonly MachineBus[];
  readonly devices: readonly MachineDevice[];
  readonly groups: readonly IommuGroup[];
  /** Numbers of all IOMMU groups; a new one gets the lowest that is free. */
  readonly groupIds: readonly string[];
  readonly drivers: readonly MachineDriver[];
  /** What else is on the cards of the PCI functions that are asked for. */
  readonly cards: readonly Card[];
  readonly uses: readonly Use[];
  /** What processes hold of the groups through VFIO. */
  readonly holders: readonly GroupHolder[];
  /** Processes whose open files cannot be seen. */
  readonly unseen: number;
  readonly notes: readonly string[];
}

/**
 * Reads what matters for some devices: the devices, the members of their groups, their physical and virtual functions,
 * what is behind them, and their users.
 */
export function readMachine(roots: MachineRoots, targets: readonly Device[]): Machine {
  needObject('roots', roots, 'sysfs', 'proc');
  needList('targets', targets, 'path');
  const { sysfs } = roots;
  const ids = new Set(targets.flatMap((device) => device.group ?? []));
  const view = readGroups(roots, ids);
  const paths = new Set([...targets, ...view.groups.flatMap((group) => group.members)].map((device) => device.path));
  for (const path of [...paths]) {
    const parent = sysfs.real(`${path}/physfn`);
    if (parent?.startsWith('devices/')) paths.add(parent);
  }
  for (const { bus, path } of targets) if (bus === 'pci') for (const one of dependent(sysfs, path)) paths.add(one);
  const devices = [...paths].sort().map((path) => readMachineDevice(sysfs, path));
  const drivers = readDrivers(sysfs, devices);
  const endpoints = devices.filter((device) => device.class === null || device.class >> 16 !== 6);
  const nodes = readNodes(roots, endpoints);
  const { processes, unseen }: OpenFiles =
    nodes.size === 0
      ? { processes: [], unseen: 0 }
      : readOpenFiles(roots.proc, (file) => nodes.has(file) || isVfioFile(file), nodes);
  const isVfio = ({ bus, driver }: MachineDevice) =>
    bus !== null &&
    driver !== null &&
    driverLike(
      bus,
      driver,
      drivers.some((one) => one.bus === bus && one.name === driver && one.vfio),
    ).vfio;
  return {
    kernel: view.kernel,
    release: readRelease(roots).release,
    iommu: view.iommu,
    noiommu: view.noiommu,
    platform: readPlatform(roots),
    disableDenylist: /^[Y1]/.test(sysfs.line('module/vfio_pci/parameters/disable_denylist') ?? ''),
    buses: [...new Set(devices.flatMap((device) => device.bus ?? []))].sort().map((name) => ({
      name,
      autoprobe: sysfs.line(`bus/${name}/drivers_autoprobe`) !== '0',
    })),
    devices,
    groups: view.groups,
    groupIds: sysfs.list('kernel/iommu_groups'),
    drivers,
    cards: targets.flatMap(({ bus, path }) => (bus === 'pci' ? readCard(sysfs, path) : [])),
    uses: readUses(roots, endpoints, targets, nodes, processes),
    holders: groupHolders(roots.proc, processes, nodes, devices.filter(isVfio)),
    unseen,
    notes: view.notes,
  };
}

/** PCI functions that depend on one: its virtual functions, and those behind it. */
function dependent(sysfs: Tree, path: string): string[] {
  const virtual = sysfs
    .list(path)
    .flatMap((name) => (/^virtfn\d+$/.test(name) ? (sysfs.real(`${path}/${name}`) ?? []) : []));
  const behind = sysfs.realLinks('bus/pci/devices').filter((one) => one.startsWith(`${path}/`));
  return [...virtual, ...behind].filter((one) => one.startsWith('devices/'));
}

function readMachineDevice(sysfs: Tree, path: string): MachineDevice {
  const device = readDevice(sysfs, path);
  const unbinding = isUnbinding(sysfs, path);
  if (device.bus !== 'pci') return { ...device, sriov: null, bridge: null, bootDisplay: false, unbinding };
  return {
    ...device,
    sriov: {
      numVfs: readNumVfs(sysfs, path),
      vfsAutoprobe: sysfs.line(`${path}/sriov_drivers_autoprobe`) !== '0',
      physfn: sysfs.linkName(`${path}/physfn`) ?? null,
      capability: readSriov(sysfs, path),
    },
    bridge: headerType(sysfs, device),
    bootDisplay: sysfs.line(`${path}/boot_vga`) === '1',
    unbinding,
  };
}

/** PCI_HEADER_TYPE is byte 0x0e of the configuration space, its top bit set on devices with several functions. */
function headerType(sysfs: Tree, device: Device): boolean | null {
  const config = sysfs.read(`${device.path}/config`, 64);
  if (config !== undefined && config.length >= 16) return (config.charCodeAt(0x0e) & 0x7f) !== 0;
  return device.class === null ? null : pciBridge(device) === 'bus';
}

/**
 * Drivers of every bus that one of the devices sits on. The order of sysfs is not that of registration, which cannot be
 * seen.
 */
function readDrivers(sysfs: Tree, devices: readonly Device[]): MachineDriver[] {
  const buses = [...new Set(devices.flatMap((device) => device.bus ?? []))].sort();
  return buses.flatMap((bus) => sysfs.list(`bus/${bus}/drivers`).map((name) => readDriver(sysfs, bus, name, devices)));
}

function readDriver(sysfs: Tree, bus: string, name: string, devices: readonly Device[]): MachineDriver {
  const at = `bus/${bus}/drivers/${name}`;
  const module = sysfs.linkName(`${at}/module`) ?? null;
  const mine = devices.filter((device) => device.bus === bus && device.driver === name);
  return {
    bus,
    name,
    module,
    vfio:
      (module !== null && sysfs.exists(`module/vfio_pci_core/holders/${module}`)) ||
      mine.some((device) => sysfs.exists(`${device.path}/vfio-dev`)),
    bindable: sysfs.exists(`${at}/bind`) && sysfs.exists(`${at}/unbind`),
  };
}
