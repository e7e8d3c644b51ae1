import { findDevice, findDriver, groupMembers, type KernelState, possibleDrivers } from '../../driver-core/index.ts';
import { isLeaving } from '../../driver-core/lookup.ts';
import { deviceFiles, devicePath, pathBelow } from './sysfs-device.ts';
import { moduleDirectory } from './sysfs-module.ts';
import { ABSENT, type Directory, directory, type Node, type SysfsEntry, UNKNOWN } from './sysfs-tree.ts';

/** Most links that are followed in one path (fs/namei.c: MAXSYMLINKS). */
const MOST_LINKS = 40;

/** Where a path leads. */
export interface Resolved {
  /** The path without links, `.` and `..`, relative to sysfs's root. */
  readonly path: string;
  readonly entry: SysfsEntry;
}

/**
 * What a path of sysfs leads to, relative to its root, in a state of the kernel. Links on the way are followed; the
 * last one only with `follow`. What the state does not tell is `unknown`, never guessed. Of a directory's names there
 * are those that begin with `start`.
 */
export function sysfsEntry(kernel: KernelState, path: string, follow = true, start = ''): Resolved {
  let rest = path.split('/').filter((part) => part !== '' && part !== '.');
  let walked: { name: string; node: Directory }[] = [];
  let links = 0;
  const root = rootOf(kernel);
  const at = () => walked.map(({ name }) => name).join('/');
  while (rest.length > 0) {
    const [part, ...after] = rest as [string, ...string[]];
    rest = after;
    if (part === '..') {
      walked = walked.slice(0, -1);
      continue;
    }
    const node = (walked.at(-1)?.node ?? root).child(part);
    const here = [at(), part].filter(Boolean).join('/');
    if (node.kind === 'link' && (follow || rest.length > 0)) {
      if (++links > MOST_LINKS) return { path: here, entry: ABSENT };
      rest = [...node.target.split('/'), ...rest];
      walked = [];
    } else if (node.kind === 'directory') walked = [...walked, { name: part, node }];
    else if (rest.length > 0 && node.kind !== 'unknown') return { path: [here, ...rest].join('/'), entry: ABSENT };
    else return { path: [here, ...rest].join('/'), entry: node };
  }
  const { names } = walked.at(-1)?.node ?? root;
  return { path: at(), entry: { kind: 'directory', names: names(start) } };
}

/** Directories of sysfs's root that the state tells nothing of. */
const OTHERS = Object.fromEntries(
  ['block', 'class', 'dev', 'firmware', 'fs', 'hypervisor', 'power'].map((name) => [name, UNKNOWN]),
);

function rootOf(kernel: KernelState): Directory {
  return directory({
    bus: () =>
      directory(Object.fromEntries(busNames(kernel).map((bus) => [bus, () => busDirectory(kernel, bus)])), true),
    devices: () => devicesBelow(kernel, 'devices'),
    kernel: () => directory({ iommu_groups: () => groupsDirectory(kernel) }, true),
    module: () => moduleDirectory(kernel),
    ...OTHERS,
  });
}

function busNames({ buses, devices, drivers }: KernelState): string[] {
  return [
    ...new Set([...buses.map(({ name }) => name), ...devices.map(({ bus }) => bus), ...drivers.map(({ bus }) => bus)]),
  ];
}

const WRITE_ONLY: Node = { kind: 'file', text: null };

function busDirectory(kernel: KernelState, bus: string): Directory {
  const devices = kernel.devices.filter((device) => device.bus === bus && device.present);
  const links = devices.map(({ name }): [string, Node] => [
    name,
    { kind: 'link', target: devicePath(kernel, bus, name) },
  ]);
  const drivers = kernel.drivers.filter((driver) => driver.bus === bus);
  const autoprobe = kernel.buses.find(({ name }) => name === bus)?.autoprobe ?? true;
  return directory({
    devices: directory(Object.fromEntries(links)),
    drivers: directory(Object.fromEntries(drivers.map(({ name }) => [name, () => driverDirectory(kernel, bus, name)]))),
    drivers_probe: WRITE_ONLY,
    drivers_autoprobe: { kind: 'file', text: autoprobe ? '1\n' : '0\n' },
    ...(bus === 'pci' ? { rescan: WRITE_ONLY } : {}),
    uevent: WRITE_ONLY,
  });
}

function driverDirectory(kernel: KernelState, bus: string, name: string): Directory {
  const driver = findDriver(kernel, bus, name)!;
  const mine = kernel.devices.filter(
    (d) => d.bus === bus && d.present && possibleDrivers(d.driver).includes(name) && !isLeaving(kernel, d),
  );
  const links = mine.map((d): [string, Node] => [
    d.name,
    d.driver === name ? { kind: 'link', target: devicePath(kernel, bus, d.name) } : UNKNOWN,
  ]);
  return directory({
    ...(driver.suppressBind ? {} : { bind: WRITE_ONLY, unbind: WRITE_ONLY }),
    ...(bus === 'pci' ? { new_id: WRITE_ONLY, remove_id: WRITE_ONLY } : {}),
    ...(driver.module === null ? {} : { module: { kind: 'link', target: `module/${driver.module}` } as const }),
    uevent: WRITE_ONLY,
    ...Object.fromEntries(links),
  });
}

function groupsDirectory(kernel: KernelState): Directory {
  return directory(
    Object.fromEntries(
      kernel.groups.map((group) => {
        const members = groupMembers(kernel, group.id);
        const links = members.map((d): [string, Node] => [
          d.name,
          { kind: 'link', target: devicePath(kernel, d.bus, d.name) },
        ]);
        return [
          group.id,
          directory({
            devices: directory(Object.fromEntries(links)),
            type: { kind: 'file', text: `${group.type}\n` },
            reserved_regions: { kind: 'file', text: null },
          }),
        ];
      }),
    ),
  );
}

/** The tree below devices/: each device lies in the directory of its parent. */
function devicesBelow(kernel: KernelState, path: string): Directory {
  const here = kernel.devices.filter((d) => d.present);
  const paths = new Map(here.map((d) => [devicePath(kernel, d.bus, d.name), d]));
  const own = paths.get(path);
  const device = own && findDevice(kernel, own.bus, own.name);
  const below = new Set([...paths.keys()].flatMap((one) => pathBelow(path, one) ?? []));
  const entries: Record<string, Node | (() => Node)> = device ? { ...deviceFiles(kernel, device) } : {};
  for (const { bus, name, present } of kernel.devices)
    if (!present && devicePath(kernel, bus, name) === `${path}/${name}`) entries[name] = ABSENT;
  for (const name of below) entries[name] = () => devicesBelow(kernel, `${path}/${name}`);
  // A physical function has the links of its virtual ones, whatever else there is.
  return directory(entries, true, device?.pci ? 'virtfn' : undefined);
}
