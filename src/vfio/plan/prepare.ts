import { makeDriver } from '../../driver-core/index.ts';
import { ModaliasError } from '../../errors.ts';
import { underscored } from '../../pattern/normalize.ts';
import { driverOfModule, moduleUsesVfio } from '../resolve/driver-name.ts';
import { type ResolveContext, resolveVfio } from '../resolve/resolve.ts';
import { readCard } from '../sysfs/card.ts';
import { type Device, type GroupMember, pciBridge, readDevice } from '../sysfs/device.ts';
import { type Found, findDevice } from '../sysfs/find-device.ts';
import { readGroups } from '../sysfs/groups.ts';
import { hangingOn } from '../sysfs/hanging.ts';
import { type PciIds, pciIds } from '../sysfs/pci-ids.ts';
import type { MachineRoots } from '../sysfs/roots.ts';
import { predictFunctions, readSriov } from '../sysfs/sriov.ts';
import type { Tree } from '../sysfs/tree.ts';
import type { BindRequest } from './plan.ts';
import type { Warning } from './plan-types.ts';

export interface PrepareOptions {
  /** Take every endpoint of the devices' groups. */
  readonly wholeGroup?: boolean;
  /** Take the other functions of the devices' cards, such as the sound of a graphics card. */
  readonly allFunctions?: boolean;
  /** Name of the driver to bind to instead of the resolved one. */
  readonly driver?: string;
  /** Accept a controller when a device below it is named. */
  readonly allowInUse?: boolean;
  /** Make so many virtual functions of each device, and bind these. */
  readonly vfs?: number;
  /** What the devices have to be: one for all that are asked for, or one for each. Default: anything. */
  readonly ids?: readonly Partial<PciIds>[];
}

/** The input of a bind. */
export interface Prepared {
  readonly targets: readonly Device[];
  readonly requests: readonly BindRequest[];
  /** Short addresses that were completed, devices that were added with a group. */
  readonly notes: readonly string[];
  /**
   * Devices without a driver to bind to, and devices that were not named themselves and have more below them than what
   * was.
   */
  readonly problems: readonly Warning[];
}

/**
 * Finds the requested devices and the driver of each. Throws `no-device`, `ambiguous-device` and `bad-device`; where
 * ids are given, a device that is not there is a problem as another one in its place is.
 */
export async function prepareBind(
  roots: MachineRoots,
  context: ResolveContext,
  asked: readonly string[],
  options: PrepareOptions = {},
): Promise<Prepared> {
  const { ids = [] } = options;
  const problems: Warning[] = [];
  const found = asked.flatMap((word, index): Found[] => {
    const expected = ids.length === 1 ? ids[0] : ids[index];
    try {
      const one = findDevice(roots.sysfs, word);
      if (expected !== undefined) problems.push(...otherDevice(one.device, expected));
      return [one];
    } catch (error) {
      if (expected === undefined || !(error instanceof ModaliasError) || error.code !== 'no-device') throw error;
      problems.push(notThere(word, error.message, expected));
      return [];
    }
  });
  const notes = found.flatMap(({ note }) => note ?? []);
  const targets = new Map(found.map(({ device }) => [device.path, device]));
  const add = (device: Device, why: string) => {
    if (!targets.has(device.path)) notes.push(`${device.name} comes with ${why}`);
    if (!targets.has(device.path)) targets.set(device.path, device);
  };
  if (options.allFunctions)
    for (const { device } of found)
      if (device.bus === 'pci')
        for (const { path } of readCard(roots.sysfs, device.path).functions)
          add(readDevice(roots.sysfs, path), `the card of ${device.name}`);
  if (options.wholeGroup)
    for (const device of groupMates(roots, [...targets.values()])) add(device, `group ${device.group}`);
  const requests: BindRequest[] = [];
  if (options.vfs === undefined)
    problems.push(...found.flatMap((one) => controllerWarning(roots.sysfs, one, options.allowInUse === true)));
  for (const device of targets.values()) {
    const bound = options.vfs === undefined ? device : functionOf(roots.sysfs, device);
    const answer =
      options.driver === undefined ? await resolved(context, bound) : await named(context, bound, options.driver);
    if (typeof answer === 'string')
      problems.push({ code: 'no-driver', about: device.name, message: answer, blocks: 'always' });
    else if (options.vfs === undefined) requests.push(answer);
    else requests.push({ ...answer, path: device.path, vfs: options.vfs });
  }
  return { targets: [...targets.values()], requests, notes, problems };
}

/**
 * What the virtual functions of a device will be, whose driver is looked for; itself where it has none, which the plan
 * refuses.
 */
function functionOf(sysfs: Tree, device: Device): Device {
  const capability = device.bus === 'pci' ? readSriov(sysfs, device.path) : null;
  const [first] = capability === null ? [] : predictFunctions(device, capability, 1);
  return { ...device, modalias: first?.modalias ?? device.modalias };
}

/** A device at the address that is not what was there when the address was written down. */
function otherDevice({ name, modalias }: Device, expected: Partial<PciIds>): Warning[] {
  const ids = pciIds(modalias);
  const keys = Object.keys(expected) as (keyof PciIds)[];
  if (ids !== null && keys.every((key) => ids[key] === expected[key])) return [];
  const is = ids === null ? 'has no PCI ids' : `is ${Object.values(ids).join(':')}`;
  return [notThere(name, `it ${is}`, expected)];
}

function notThere(about: string, found: string, expected: Partial<PciIds>): Warning {
  const message = `${found}; expected ${Object.values(expected).join(':')}: addresses move when hardware changes, find it with lspci -nn`;
  return { code: 'other-device', about, message, blocks: 'always' };
}

/** A USB stick or a disk is passed to a guest with its controller, and so is everything else below that. */
function controllerWarning(sysfs: Tree, { asked, device, others }: Found, allowed: boolean): Warning[] {
  const found = others ?? usbDevices(sysfs, device);
  if (found.length === 0) return [];
  const list = found.slice(0, 8).join(', ') + (found.length > 8 ? ` and ${found.length - 8} more` : '');
  const controller = { code: 'controller', about: device.name } as const;
  if (others === undefined) return [{ ...controller, message: `${list} would go away with it`, blocks: null }];
  const message = `${asked} is only a part of it; ${list} would go away too`;
  return [{ ...controller, message, blocks: allowed ? null : 'in-use' }];
}

/** What is plugged into a USB controller (class 0c03) that was named itself, with the names of the products. */
function usbDevices(sysfs: Tree, { path, class: code }: Device): string[] {
  if (code === null || code >> 8 !== 0x0c03) return [];
  return hangingOn(sysfs, path, '').map((name) => {
    const product = sysfs
      .line(`bus/usb/devices/${name}/product`)
      ?.replaceAll(/[^\x20-\x7e]/g, '?')
      .trim();
    return product ? `${name} (${product})` : name;
  });
}

/**
 * What of the groups VFIO takes: endpoints, and bridges without a bus behind them whose driver blocks the group, such
 * as lpc_ich. What is behind one of the devices goes away with it, and is left out.
 */
function groupMates(roots: MachineRoots, devices: readonly Device[]): Device[] {
  const ids = new Set(devices.flatMap(({ group }) => group ?? []));
  return readGroups(roots, ids).groups.flatMap(({ members, viability }) => {
    const blocks = (name: string) => viability.blockers.some(({ device }) => device === name);
    const taken = members.filter((member) => {
      const kind = pciBridge(member);
      return kind === 'none' || (kind === 'host' && blocks(member.name));
    });
    const behind = ({ path }: GroupMember) => taken.some((other) => path.startsWith(`${other.path}/`));
    return taken.flatMap((member) => (behind(member) ? [] : readDevice(roots.sysfs, member.path)));
  });
}

async function resolved(context: ResolveContext, device: Device): Promise<BindRequest | string> {
  const { driver, module, problem } = await resolveVfio(context, device);
  if (problem !== null || driver === null) return problem ?? 'its driver is not known';
  return { path: device.path, driver, module, vfio: true };
}

/** A driver by its name, as --driver gives it. For a module's name the message gives the driver's. */
async function named(context: ResolveContext, device: Device, driver: string): Promise<BindRequest | string> {
  const { sysfs, modules } = context;
  const bus = device.bus ?? '';
  if (!/^[\x21-\x2e\x30-\x7e]{1,63}$/.test(driver) || driver === '.' || driver === '..')
    return `${JSON.stringify(driver)} cannot be the name of a driver`;
  const registered = `bus/${bus}/drivers/${driver}`;
  if (sysfs.exists(registered))
    return { path: device.path, driver, module: sysfs.linkName(`${registered}/module`) ?? null };
  const module = underscored(driver);
  const inside = await driverOfModule(sysfs, bus, module, modules);
  const vfio = modules === null ? null : moduleUsesVfio(modules, module);
  // A driver without an id table, such as pci-stub, cannot be found in its module's file.
  const known = inside.name === null && vfio !== null && makeDriver(bus, driver).module === module;
  if (inside.name === driver || known) return { path: device.path, driver, module, vfio: vfio === true };
  if (inside.name !== null)
    return `'${driver}' is a module; its driver is '${inside.name}': use --driver ${inside.name}`;
  return `no driver '${driver}' is registered on bus '${bus}', and no module is known to contain it (${inside.from})`;
}
