import { needObject, needText } from '../../arguments.ts';
import { ModaliasError } from '../../errors.ts';
import { didYouMean } from '../../nearest.ts';
import { vfioBuses } from './buses.ts';
import { type Device, readDevice } from './device.ts';
import { hangingOn } from './hanging.ts';
import type { Tree } from './tree.ts';

/** A requested device, and how the argument was understood. */
export interface Found {
  readonly asked: string;
  readonly device: Device;
  /** Notes for the user: a short address that was completed, a path that led to another device. */
  readonly note?: string;
  /** What else is below the device, if the argument named something below it, such as one of its disks. */
  readonly others?: readonly string[];
}

const FULL = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
const SHORT = /^([0-9a-f]{1,2}):([0-9a-f]{1,2})(?:\.([0-7]))?$/;

/**
 * The device that an argument names: a PCI address, a sysfs path, or a device's name on its bus. A short address is
 * completed only if it is unambiguous. Throws `no-device`, `ambiguous-device` or `bad-device`.
 */
export function findDevice(tree: Tree, asked: string): Found {
  needObject('tree', tree, 'root');
  needText('asked', asked);
  if (/[^\x20-\x7e]/.test(asked) || asked === '') throw bad(asked);
  if (asked.includes('/')) return fromPath(tree, asked);
  const name = asked.toLowerCase();
  if (FULL.test(name)) {
    const path = tree.real(`bus/pci/devices/${name}`);
    if (path === undefined) {
      const there = tree.list('bus/pci/devices');
      const slot = there.filter((one) => one.startsWith(name.slice(0, -1)));
      const near = didYouMean(name, slot.length > 0 ? slot : there);
      throw missing(asked, `${tree.root}/bus/pci/devices has no such address${near}`);
    }
    return { asked, device: readDevice(tree, path) };
  }
  const short = SHORT.exec(name);
  if (short) return fromShort(tree, asked, short);
  return fromName(tree, asked);
}

function fromShort(tree: Tree, asked: string, [, bus, slot, fn]: RegExpExecArray): Found {
  const tail = `:${bus!.padStart(2, '0')}:${slot!.padStart(2, '0')}.${fn ?? ''}`;
  const fits = tree
    .list('bus/pci/devices')
    .filter((name) => (fn === undefined ? name.slice(0, -1).endsWith(tail) : name.endsWith(tail)));
  const path = only(asked, fits, (name) => tree.real(`bus/pci/devices/${name}`));
  return {
    asked,
    device: readDevice(tree, path),
    note: `${asked} is completed to ${fits[0]}, the only such device`,
  };
}

function fromName(tree: Tree, asked: string): Found {
  const paths = new Map<string, string>();
  const buses = tree.list('bus');
  for (const bus of buses) {
    const path = tree.real(`bus/${bus}/devices/${asked}`);
    if (path?.startsWith('devices/')) paths.set(`${tree.root}/bus/${bus}/devices/${asked}`, path);
  }
  if (paths.size === 0) {
    const names = buses.flatMap((bus) => tree.list(`bus/${bus}/devices`));
    throw bad(asked, looksLikeModalias(asked) ? '' : didYouMean(asked, names));
  }
  const path = only(asked, [...paths.keys()], (key) => paths.get(key));
  const found = around(tree, asked, path);
  return { ...found, note: `${asked} is read as ${tree.root}/${found.device.path}` };
}

function fromPath(tree: Tree, asked: string): Found {
  const inside = [`${tree.root}/`, '/sys/', '/'].find((root) => asked.startsWith(root)) ?? '';
  const start = tree.real(asked.slice(inside.length)) ?? tree.below(asked);
  if (start === undefined) throw missing(asked, `no such path under ${tree.root}`);
  return around(tree, asked, start);
}

/**
 * A path may lead into a device (`/sys/class/net/eth0`); then it means the nearest parent device that VFIO has a driver
 * for.
 */
function around(tree: Tree, asked: string, start: string): Found {
  const first = nearest(tree, start, (device) => device.bus !== null);
  const device = nearest(tree, start, ({ bus }) => bus !== null && Object.hasOwn(vfioBuses, bus)) ?? first;
  if (!first || !device) throw missing(asked, 'neither it nor a parent is a device on a bus');
  if (device.path === start) return { asked, device };
  const note = `${asked} belongs to ${device.name} on bus ${device.bus}, which is used`;
  if (device.path === first.path) return { asked, device, note };
  const others = hangingOn(tree, device.path, first.path);
  return others.length === 0 ? { asked, device, note } : { asked, device, note, others };
}

function nearest(tree: Tree, start: string, fits: (device: Device) => boolean): Device | undefined {
  for (let path = start; path.includes('/'); path = path.slice(0, path.lastIndexOf('/'))) {
    if (!tree.exists(`${path}/subsystem`)) continue;
    const device = readDevice(tree, path);
    if (fits(device)) return device;
  }
  return undefined;
}

function only(asked: string, fits: readonly string[], path: (fit: string) => string | undefined): string {
  if (fits.length > 1) {
    const list = fits.slice(0, 8).join(', ') + (fits.length > 8 ? ', ...' : '');
    throw new ModaliasError(
      'ambiguous-device',
      `'${asked}' is ambiguous: it fits ${fits.length} devices (${list}); write one of them in full`,
    );
  }
  const found = fits.length === 1 ? path(fits[0]!) : undefined;
  if (found === undefined) throw missing(asked, 'no such device');
  return found;
}

function missing(asked: string, why: string): ModaliasError {
  return new ModaliasError('no-device', `no device '${asked}': ${why}`);
}

function looksLikeModalias(asked: string): boolean {
  return /^[a-z][a-z_-]+:\S/.test(asked);
}

function bad(asked: string, near = ''): ModaliasError {
  const expected = "; expected a PCI address such as 0000:01:00.0, a path in sysfs, or a device's name on its bus";
  const modalias = looksLikeModalias(asked)
    ? `; vfio resolve takes modaliases of ${Object.keys(vfioBuses).join(', ')}, without vfio_ before them`
    : '';
  return new ModaliasError('bad-device', `${JSON.stringify(asked)} names no device${near || expected + modalias}`);
}
