import { parseFields } from '../match/formats.ts';
import { readIdList, type Section, section } from './id-list.ts';

/** What the ids of a pattern are called; null where no list knows them. */
export interface DeviceNames {
  readonly vendor: string | null;
  readonly device: string | null;
}

const NAMELESS: DeviceNames = { vendor: null, device: null };

/** The fields of a bus that hold vendor and device. */
const TAGS: Readonly<Record<string, readonly [vendor: string, device: string, list: 'pci' | 'usb']>> = {
  pci: ['v', 'd', 'pci'],
  usb: ['v', 'p', 'usb'],
  hid: ['v', 'p', 'usb'],
};

/** Names for patterns out of this machine's pci.ids and usb.ids, or of those in the places given. hid devices of USB are named by usb.ids. */
export function loadDeviceNames(places?: readonly string[]): (pattern: string) => DeviceNames {
  const lists: Partial<Record<'pci' | 'usb', string>> = {};
  const vendors = new Map<string, Section | undefined>();
  return (pattern) => {
    const parsed = parseFields(pattern);
    const tags = parsed && TAGS[parsed.format.bus];
    if (!parsed || !tags) return NAMELESS;
    const [vendorTag, deviceTag, bus] = tags;
    const id = (tag: string) =>
      parsed.values[parsed.format.fields.findIndex((f) => f.tag === tag)]!.slice(-4).toLowerCase();
    const name = `${bus} ${id(vendorTag)}`;
    lists[bus] ??= readIdList(bus, places);
    if (!vendors.has(name)) vendors.set(name, section(lists[bus], id(vendorTag)));
    const vendor = vendors.get(name);
    const device = vendor && section(vendor.below, id(deviceTag), 1);
    return { vendor: vendor?.name ?? null, device: device?.name ?? null };
  };
}
