import { needObject } from '../../arguments.ts';
import { parameters } from '../../boot/command-line.ts';
import { readRelease } from '../../vfio/sysfs/roots.ts';
import type { Tree } from '../../vfio/sysfs/tree.ts';
import { anonymizer, type Identity } from './anonymous.ts';
import type { DeviceDescription, GroupDescription, MachineDescription } from './description.ts';
import { readKernelProcesses } from './record-proc.ts';

const BUSES = ['pci', 'cdx', 'platform', 'amba', 'fsl-mc', 'css', 'ccw', 'ap', 'virtio'];
const CLASSES = ['block', 'net', 'drm', 'sound', 'nvme', 'vfio', 'vfio-dev'];
const ATTRIBUTES = [
  'class',
  'vendor',
  'device',
  'modalias',
  'driver_override',
  'boot_vga',
  'reset_method',
  'sriov_numvfs',
  'sriov_totalvfs',
  'sriov_offset',
  'sriov_stride',
  'sriov_vf_device',
  'sriov_drivers_autoprobe',
  'dev',
];
const PARAMETERS = ['enable_unsafe_noiommu_mode', 'disable_denylist', 'enable_sriov'];

const IDENTIFYING: Readonly<Partial<Record<Identity, readonly string[]>>> = {
  serials: ['serial', 'serial_number', 'wwid', 'unique_id'],
  addresses: ['address'],
};

/** How a machine is recorded. */
export interface RecordOptions {
  readonly name: string;
  /** What is recorded although it identifies the machine. Default: nothing. */
  readonly keep?: ReadonlySet<Identity> | undefined;
  /** The modules that the kernel's own files name for a modalias. Default: not recorded. */
  readonly modulesFor?: ((modalias: string) => readonly string[]) | undefined;
}

/**
 * Describes a machine's devices, IOMMU groups and drivers. Only what is listed here is recorded, without what
 * identifies the machine in its names, so that no serial number, MAC address, UUID, IP address or host name gets into
 * it unless `keep` names them. Nothing throws because of what sysfs holds.
 */
export function recordMachine(
  { sysfs, proc }: { readonly sysfs: Tree; readonly proc: Tree },
  { name, keep = new Set(), modulesFor }: RecordOptions,
): MachineDescription {
  needObject('sysfs', sysfs, 'root');
  needObject('proc', proc, 'root');
  const clean = anonymizer({ sysfs, proc }, keep);
  const attributes = [...ATTRIBUTES, ...[...keep].flatMap((one) => IDENTIFYING[one] ?? [])];
  const paths: string[] = [];
  const devicesOf = (bus: string, directory: string): DeviceDescription[] =>
    sysfs.list(directory).flatMap((entry) => {
      const path = sysfs.real(`${directory}/${entry}`);
      if (!path?.startsWith('devices/')) return [];
      const driver = sysfs.linkName(`${path}/driver`);
      const group = sysfs.linkName(`${path}/iommu_group`);
      paths.push(path);
      return [
        {
          path: clean(path.slice('devices/'.length)),
          bus,
          ...(driver ? { driver } : {}),
          ...(group ? { group } : {}),
          attributes: attributesOf(sysfs, path, attributes, clean),
        },
      ];
    });
  const devices = [
    ...BUSES.flatMap((bus) => devicesOf(bus, `bus/${bus}/devices`)),
    ...CLASSES.flatMap((one) => devicesOf(`class/${one}`, `class/${one}`)),
  ];
  const used = new Set(devices.map(({ bus }) => bus));
  const drivers = Object.fromEntries(BUSES.filter((bus) => used.has(bus)).map((bus) => [bus, driversOf(sysfs, bus)]));
  const modaliases = new Set(
    devices.flatMap(({ bus, attributes = {} }) => (bus.includes('/') ? [] : (attributes.modalias ?? []))),
  );
  return {
    version: 1,
    name,
    release: clean(readRelease({ proc }).text ?? ''),
    cmdline: commandLineOf(proc.line('cmdline') ?? ''),
    devices,
    drivers,
    builtIn: builtInOf(sysfs, drivers),
    groups: groupsOf(sysfs),
    modules: modulesOf(sysfs),
    ...(modulesFor
      ? { aliases: Object.fromEntries([...modaliases].sort().map((one) => [one, [...modulesFor(one)]])) }
      : {}),
    sysfs: Object.fromEntries(
      BUSES.filter((bus) => used.has(bus) && sysfs.line(`bus/${bus}/drivers_autoprobe`) === '0').map((bus) => [
        `bus/${bus}/drivers_autoprobe`,
        '0\n',
      ]),
    ),
    sysfsLinks: linksOf(
      sysfs,
      devices.map(({ bus }, i) => [bus, paths[i]!]),
      clean,
    ),
    proc: readKernelProcesses({ sysfs, proc }, clean, keep.has('host-name')),
  };
}

/** Parameters of the kernel and its modules on which binding depends. Values are numbers, letters and lists of them. */
const KERNEL_PARAMETERS =
  /^(?:(?:amd_|intel_)?iommu|iommu\.\w+|pcie_acs_override|pci|driver_async_probe|[\w-]+\.async_probe|(?:vfio[\w-]*|pci[-_](?:pf[-_])?stub)\.(?:ids|disable_denylist|enable_sriov|enable_unsafe_noiommu_mode|allow_unsafe_interrupts|disable_idle_d3|disable_vga|nointxmask))$/;

function commandLineOf(text: string): string {
  return parameters(text)
    .filter(({ name, value }) => KERNEL_PARAMETERS.test(name) && /^[\w:,.*;@=+-]*$/.test(value ?? ''))
    .map(({ name, value }) => (value === null ? name : `${name}=${value}`))
    .join(' ');
}

function attributesOf(
  sysfs: Tree,
  path: string,
  names: readonly string[],
  clean: (text: string) => string,
): Record<string, string> {
  const found = names.flatMap((key) => {
    const value = sysfs.line(`${path}/${key}`);
    return value === undefined || (key === 'driver_override' && value === '(null)') ? [] : [[key, value]];
  });
  const uevent = sysfs.read(`${path}/uevent`) ?? '';
  const kept = uevent.split('\n').filter((line) => /^(?:DEVNAME|INTERFACE|MODALIAS)=/.test(line));
  if (kept.length > 0) found.push(['uevent', clean(kept.join('\n'))]);
  return Object.fromEntries(found);
}

function driversOf(sysfs: Tree, bus: string): Record<string, string | null> {
  const names = sysfs.list(`bus/${bus}/drivers`);
  return Object.fromEntries(names.map((name) => [name, sysfs.linkName(`bus/${bus}/drivers/${name}/module`) ?? null]));
}

/** Drivers that are part of the kernel lead to a module, too; only loaded ones have an initstate (kernel/params.c). */
function builtInOf(sysfs: Tree, drivers: MachineDescription['drivers']): string[] {
  const modules = new Set(Object.values(drivers).flatMap((ofBus) => Object.values(ofBus)));
  return [...modules].filter((name) => name !== null && !sysfs.exists(`module/${name}/initstate`)) as string[];
}

function groupsOf(sysfs: Tree): Record<string, GroupDescription> {
  return Object.fromEntries(
    sysfs.list('kernel/iommu_groups').map((id): [string, GroupDescription] => {
      const at = `kernel/iommu_groups/${id}`;
      const type = sysfs.line(`${at}/type`);
      const title = sysfs.line(`${at}/name`);
      const reserved = (sysfs.read(`${at}/reserved_regions`) ?? '').split('\n').filter(Boolean);
      return [
        id,
        { ...(type === undefined ? {} : { type }), ...(title === undefined ? {} : { name: title }), reserved },
      ];
    }),
  );
}

function modulesOf(sysfs: Tree): Record<string, Record<string, string>> {
  const loaded = sysfs.list('module').filter((module) => /^vfio/.test(module));
  return Object.fromEntries(
    loaded.map((module) => [
      module,
      Object.fromEntries(
        PARAMETERS.flatMap((key) => {
          const value = sysfs.line(`module/${module}/parameters/${key}`);
          return value === undefined ? [] : [[key, value]];
        }),
      ),
    ]),
  );
}

/**
 * Links by which uses are found: physical functions, block numbers, what lies below device mapper, bridges and bonds.
 */
function linksOf(
  sysfs: Tree,
  devices: readonly (readonly [bus: string, path: string])[],
  clean: (text: string) => string,
): Record<string, string> {
  const links: Record<string, string> = {};
  const add = (at: string) => {
    const text = sysfs.link(at);
    if (text !== undefined) links[clean(at)] = clean(text);
  };
  for (const number of sysfs.list('dev/block')) add(`dev/block/${number}`);
  for (const [bus, at] of devices) {
    if (bus === 'pci') add(`${at}/physfn`);
    if (bus === 'class/net') for (const entry of sysfs.list(at)) if (/^lower_/.test(entry)) add(`${at}/${entry}`);
    if (bus === 'class/block') for (const entry of sysfs.list(`${at}/slaves`)) add(`${at}/slaves/${entry}`);
  }
  return links;
}
