import type { ExplainedField, Explanation } from '../explain/explanation.ts';
import { type IdList, installedIdList } from './id-list.ts';

/** The tags of a bus's fields from the widest down, each with its place in the list: `v`, then `d` below it. */
const PATHS = {
  pci: [['v', 'd', 'sv sd'], ['sv'], ['bc', 'sc', 'i']],
  usb: [['v', 'p'], ['dc'], ['ic', 'isc', 'ip']],
} as const;

/** Tags of classes, whose numbers follow a `C` in a list. */
const CLASSES: ReadonlySet<string> = new Set(['bc', 'dc', 'ic']);

/**
 * Names for the values of a PCI or USB key, by the tags of its fields: vendor, device, subsystem, class. Only those
 * that the list knows.
 */
export function namesFrom(list: IdList, bus: 'pci' | 'usb', fields: readonly ExplainedField[]): Map<string, string> {
  const names = new Map<string, string>();
  const value = (tag: string) => (fields.find((f) => f.tag === tag)?.value ?? '').toLowerCase().slice(-4);
  const id = (tags: string) => `${CLASSES.has(tags) ? 'C ' : ''}${tags.split(' ').map(value).join(' ')}`;
  for (const path of PATHS[bus])
    list.names(...path.map(id)).forEach((name, i) => {
      names.set(path[i]!.split(' ').at(-1)!, name);
    });
  return names;
}

/** Names for a key's values from this machine's pci.ids or usb.ids; none if the file is not installed. */
export function installedNames({ key, fields }: Pick<Explanation, 'key' | 'fields'>): ReadonlyMap<string, string> {
  const bus = /^(?:[a-z0-9]+_)?([a-z]+):/.exec(key)?.[1];
  return bus === 'pci' || bus === 'usb' ? namesFrom(installedIdList(bus), bus, fields) : new Map();
}
