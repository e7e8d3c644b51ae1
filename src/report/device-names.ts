import { parseFields } from '../match/fields.ts';
import { installedIdList } from './id-list.ts';

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

/**
 * Names for patterns out of this machine's pci.ids and usb.ids, or of those in the places given. hid devices of USB are
 * named by usb.ids.
 */
export function loadDeviceNames(places?: readonly string[]): (pattern: string) => DeviceNames {
  const lists = { pci: installedIdList('pci', places), usb: installedIdList('usb', places) };
  return (pattern) => {
    const parsed = parseFields(pattern);
    const tags = parsed && TAGS[parsed.format.bus];
    if (!parsed || !tags) return NAMELESS;
    const [vendorTag, deviceTag, list] = tags;
    const id = (tag: string) => {
      const place = parsed.format.fields.findIndex((field) => field.tag === tag);
      return parsed.values[place]!.slice(-4).toLowerCase();
    };
    const [vendor = null, device = null] = lists[list].names(id(vendorTag), id(deviceTag));
    return { vendor, device };
  };
}
