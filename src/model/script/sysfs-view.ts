import {
  type Device,
  type Driver,
  findDevice,
  findDriver,
  findGroup,
  groupMembers,
  type KernelState,
  possibleDrivers,
} from '../../driver-core/index.ts';
import { isLeaving } from '../../driver-core/lookup.ts';
import { devicePath } from './sysfs-device.ts';
import { devicesDirectory } from './sysfs-devices.ts';
import { moduleDirectory } from './sysfs-module.ts';
import { ABSENT, type Directory, directory, lookedUp, type Node, type SysfsEntry, UNKNOWN } from './sysfs-tree.ts';

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
  const bus = lookedUp(
    () => [],
    (name) => (isBus(kernel, name) ? busDirectory(kernel, name) : undefined),
    () => directory({}, true),
  );
  return directory({
    bus,
    devices: () => devicesDirectory(kernel),
    kernel: () => directory({ iommu_groups: () => groupsDirectory(kernel) }, true),
    module: () => moduleDirectory(kernel),
    ...OTHERS,
  });
}

function isBus({ buses, devices, drivers }: KernelState, bus: string): boolean {
  return [buses.map(({ name }) => ({ bus: name })), drivers, devices].some((list) =>
    list.some((one) => one.bus === bus),
  );
}

const WRITE_ONLY: Node = { kind: 'file', text: null };

const linkTo = (kernel: KernelState, { bus, name }: Device): Node => ({
  kind: 'link',
  target: devicePath(kernel, bus, name),
});

function busDirectory(kernel: KernelState, bus: string): Directory {
  const autoprobe = kernel.buses.find(({ name }) => name === bus)?.autoprobe ?? true;
  return directory({
    devices: lookedUp(
      () => kernel.devices.flatMap((device) => (device.bus === bus && device.present ? device.name : [])),
      (name) => {
        const device = findDevice(kernel, bus, name);
        return device && linkTo(kernel, device);
      },
    ),
    drivers: lookedUp(
      () => kernel.drivers.flatMap((driver) => (driver.bus === bus ? driver.name : [])),
      (name) => {
        const driver = findDriver(kernel, bus, name);
        return driver && driverDirectory(kernel, driver);
      },
    ),
    drivers_probe: WRITE_ONLY,
    drivers_autoprobe: { kind: 'file', text: autoprobe ? '1\n' : '0\n' },
    ...(bus === 'pci' ? { rescan: WRITE_ONLY } : {}),
    uevent: WRITE_ONLY,
  });
}

function driverDirectory(kernel: KernelState, { bus, name, suppressBind, module }: Driver): Directory {
  const isMine = (device: Device) => possibleDrivers(device.driver).includes(name) && !isLeaving(kernel, device);
  return lookedUp(
    () => kernel.devices.flatMap((one) => (one.bus === bus && one.present && isMine(one) ? one.name : [])),
    (link) => {
      const device = findDevice(kernel, bus, link);
      if (!device || !isMine(device)) return undefined;
      return device.driver === name ? linkTo(kernel, device) : UNKNOWN;
    },
    () =>
      directory({
        ...(suppressBind ? {} : { bind: WRITE_ONLY, unbind: WRITE_ONLY }),
        ...(bus === 'pci' ? { new_id: WRITE_ONLY, remove_id: WRITE_ONLY } : {}),
        ...(module === null ? {} : { module: { kind: 'link', target: `module/${module}` } as const }),
        uevent: WRITE_ONLY,
      }),
  );
}

function groupsDirectory(kernel: KernelState): Directory {
  return lookedUp(
    () => kernel.groups.map(({ id }) => id),
    (id) => {
      const group = findGroup(kernel, id);
      if (!group) return undefined;
      const links = groupMembers(kernel, id).map((d): [string, Node] => [d.name, linkTo(kernel, d)]);
      return directory({
        devices: directory(Object.fromEntries(links)),
        type: { kind: 'file', text: `${group.type}\n` },
        reserved_regions: { kind: 'file', text: null },
      });
    },
  );
}
