import type { Tree } from './tree.ts';

/** The modaliases of a device of this machine. */
export interface FoundModaliases {
  /** Where they were read, below the root: the device itself or the nearest parent that has any. */
  readonly path: string;
  /** One, but for a USB device, whose interfaces have one each. latin1. */
  readonly modaliases: readonly string[];
}

/**
 * The target of a path, below the root; undefined if it does not exist or is elsewhere. The root may be written as
 * /sys.
 */
export function placeOf(tree: Tree, path: string): string | undefined {
  const inside = [`${tree.root}/`, '/sys/', '/'].find((root) => path.startsWith(root)) ?? '';
  return tree.real(path.slice(inside.length)) ?? tree.below(path);
}

/**
 * The modaliases at a place below the root: a device, or something in or below one; undefined if neither it nor a
 * parent has any.
 */
export function modaliasesAt(tree: Tree, place: string): FoundModaliases | undefined {
  for (let at = place; at.includes('/'); at = at.slice(0, at.lastIndexOf('/'))) {
    const own = tree.line(`${at}/modalias`);
    const modaliases = own ? [own] : interfacesOf(tree, at);
    if (modaliases.length > 0) return { path: at, modaliases };
  }
  return undefined;
}

/** drivers/usb/core/sysfs.c: a USB device has no modalias of its own; its interfaces, `1-1:1.0`, do. */
function interfacesOf(tree: Tree, device: string): string[] {
  const name = device.slice(device.lastIndexOf('/') + 1);
  return tree
    .directories(device)
    .flatMap((one) => (one.startsWith(`${name}:`) ? (tree.line(`${device}/${one}/modalias`) ?? []) : []));
}

/**
 * The devices of all buses by their names, as places such as bus/pci/devices/0000:00:03.0: read once, for lists of
 * names.
 */
export type DeviceNames = ReadonlyMap<string, readonly string[]>;

export function deviceNames(tree: Tree): DeviceNames {
  const names = new Map<string, string[]>();
  for (const bus of tree.list('bus')) {
    for (const name of tree.list(`bus/${bus}/devices`)) {
      const place = `bus/${bus}/devices/${name}`;
      const places = names.get(name);
      if (places) places.push(place);
      else names.set(name, [place]);
    }
  }
  return names;
}

/** The places of the devices that have a name, on one bus or on any; a PCI address may lack its domain. */
export function devicesNamed(names: DeviceNames, name: string, bus?: string): readonly string[] {
  const places = names.get(name) ?? [];
  if (bus === undefined) return places;
  const found = places.filter((place) => place.startsWith(`bus/${bus}/`));
  if (bus !== 'pci' || found.length > 0 || /:.*:/.test(name)) return found;
  return [...names.values()].flat().filter((place) => place.startsWith('bus/pci/') && place.endsWith(`:${name}`));
}

/** The path of a USB device by the numbers that lsusb prints. */
export function usbDevice(tree: Tree, busnum: number, devnum: number): string | undefined {
  const isIt = (at: string) =>
    Number(tree.line(`${at}/busnum`)) === busnum && Number(tree.line(`${at}/devnum`)) === devnum;
  const name = tree.list('bus/usb/devices').find((one) => isIt(`bus/usb/devices/${one}`));
  return name === undefined ? undefined : tree.real(`bus/usb/devices/${name}`);
}

/** The vendor's and the device's id of a device on PCI or USB, as four small digits each. */
export function idsAt(tree: Tree, path: string): readonly [vendor: string, device: string] | undefined {
  const id = (...files: readonly string[]) => files.map((file) => tree.line(`${path}/${file}`)).find(Boolean);
  const [vendor, device] = [id('vendor', 'idVendor'), id('device', 'idProduct')];
  return vendor && device ? [vendor.replace(/^0x/, ''), device.replace(/^0x/, '')] : undefined;
}

/** The names of the devices on a bus that have these ids. */
export function devicesWithIds(tree: Tree, bus: 'pci' | 'usb', vendor: string, device: string): readonly string[] {
  return tree.list(`bus/${bus}/devices`).filter((name) => {
    const ids = idsAt(tree, `bus/${bus}/devices/${name}`);
    return ids?.[0] === vendor.toLowerCase() && ids[1] === device.toLowerCase();
  });
}
