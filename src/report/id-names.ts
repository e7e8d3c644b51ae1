import type { ExplainedField } from '../explain/explanation.ts';
import { readIdList, type Section, section } from './id-list.ts';

/** The fields of a bus that hold its product and its classes, from the widest down. */
const TAGS = {
  pci: { product: 'd', classes: ['bc', 'sc', 'i'] },
  usb: { product: 'p', classes: ['ic', 'isc', 'ip'] },
} as const;

/**
 * Names for the values of a PCI or USB key, by the tags of its fields: vendor, device, subsystem, class. Only those that the list
 * (the text of pci.ids or usb.ids) knows.
 */
export function namesFrom(list: string, bus: 'pci' | 'usb', fields: readonly ExplainedField[]): Map<string, string> {
  const names = new Map<string, string>();
  const value = (tag: string) => (fields.find((f) => f.tag === tag)?.value ?? '').toLowerCase().slice(-4);
  const put = (tag: string, found: Section | undefined) => {
    if (found) names.set(tag, found.name);
    return found;
  };
  const { product, classes } = TAGS[bus];
  const vendor = put('v', section(list, value('v')));
  const device = vendor && put(product, section(vendor.below, value(product), 1));
  if (bus === 'pci') {
    put('sv', section(list, value('sv')));
    put('sd', device && section(device.below, `${value('sv')} ${value('sd')}`, 2));
  } else put('dc', section(list, `C ${value('dc')}`));
  let level = put(classes[0], section(list, `C ${value(classes[0])}`));
  classes.slice(1).forEach((tag, i) => {
    level = level && put(tag, section(level.below, value(tag), i + 1));
  });
  return names;
}

/** Names for a key's values from this machine's pci.ids or usb.ids; none where the file is not installed. */
export function installedNames(bus: string, fields: readonly ExplainedField[]): ReadonlyMap<string, string> {
  return bus === 'pci' || bus === 'usb' ? namesFrom(readIdList(bus), bus, fields) : new Map();
}
