import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExplainedField } from '../match/explanation.ts';

/** Where distributions keep pci.ids and usb.ids. */
const PLACES = ['/usr/share/hwdata', '/usr/share/misc', '/var/lib/pciutils', '/var/lib/usbutils'];

/** The part of a list for one vendor or class: its name and the indented lines below it. */
interface Section {
  readonly name: string;
  readonly lines: readonly string[];
}

/** `8086  Intel Corporation` with the lines indented below it, out of a text like pci.ids. */
function section(lines: readonly string[], head: string): Section | undefined {
  const start = lines.findIndex((line) => line.startsWith(`${head}  `));
  if (start === -1) return undefined;
  const below: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line.startsWith('\t')) below.push(line.slice(1));
    else if (!line.startsWith('#') && line.trim() !== '') break;
  }
  return { name: lines[start]!.slice(head.length + 2).trim(), lines: below };
}

/**
 * Names for the values of a PCI or USB key, by the tags of its fields: vendor, device, subsystem, class. Only those that the list
 * (pci.ids, usb.ids; latin1 or UTF-8 as it is) knows.
 */
export function namesFrom(list: string, bus: string, fields: readonly ExplainedField[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const value = (tag: string) =>
    fields
      .find((f) => f.tag === tag)
      ?.value.toLowerCase()
      .slice(-4) ?? '';
  const put = (tag: string, name: string | undefined) => {
    if (name !== undefined) names.set(tag, name);
  };
  const lines = list.split('\n');
  const vendor = section(lines, value('v'));
  put('v', vendor?.name);
  const [device, classes] = bus === 'pci' ? ['d', ['bc', 'sc', 'i']] : ['p', ['ic', 'isc', 'ip']];
  const product = vendor && section(vendor.lines, value(device));
  put(device, product?.name);
  if (bus === 'pci') {
    put('sv', section(lines, value('sv'))?.name);
    const pair = `${value('sv')} ${value('sd')}`;
    put('sd', product?.lines.find((line) => line.startsWith(`${pair}  `))?.slice(pair.length + 2));
  } else {
    put('dc', section(lines, `C ${value('dc')}`)?.name);
  }
  let level = section(lines, `C ${value(classes[0]!)}`);
  for (const [i, tag] of classes.entries()) {
    if (i > 0) level = level && section(level.lines, value(tag));
    put(tag, level?.name);
  }
  return names;
}

/** Names for a key's values from this machine's pci.ids or usb.ids; none where the file is not installed. */
export function installedNames(bus: string, fields: readonly ExplainedField[]): ReadonlyMap<string, string> {
  if (bus !== 'pci' && bus !== 'usb') return new Map();
  for (const place of PLACES) {
    try {
      return namesFrom(readFileSync(join(place, `${bus}.ids`), 'utf8'), bus, fields);
    } catch {
      // Not here; names are a convenience.
    }
  }
  return new Map();
}
