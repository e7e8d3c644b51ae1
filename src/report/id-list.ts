import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where distributions keep pci.ids and usb.ids (packages pci.ids, usb.ids and hwdata). */
const PLACES: readonly string[] = [
  '/usr/share/misc',
  '/usr/share/hwdata',
  '/usr/share',
  '/var/lib/pciutils',
  '/var/lib/usbutils',
];

/** A line of a list, such as `8086  Intel Corporation`, with the lines indented below it. */
export interface Section {
  readonly name: string;
  /** A list of its own: the lines below, one tab less. */
  readonly below: string;
}

/** The first pci.ids or usb.ids that can be read, one character a byte; empty where there is none, for names are a courtesy. */
export function readIdList(bus: 'pci' | 'usb', places: readonly string[] = PLACES): string {
  for (const place of places) {
    try {
      return readFileSync(join(place, `${bus}.ids`), 'latin1');
    } catch {
      // The next place, or none.
    }
  }
  return '';
}

/** The section of a list, one character a byte, that starts with `head` and two spaces; undefined where the list has none. */
export function section(list: string, head: string): Section | undefined {
  const mark = `${head}  `;
  const start = list.startsWith(mark) ? 0 : list.indexOf(`\n${mark}`) + 1;
  if (!list.startsWith(mark, start)) return undefined;
  const next = /\n(?![\t\r\n#])/g;
  next.lastIndex = start;
  const end = next.exec(list)?.index ?? list.length;
  const [first = '', ...below] = list.slice(start, end).split('\n');
  return { name: printable(first.slice(mark.length)), below: below.map((line) => line.replace('\t', '')).join('\n') };
}

/** The UTF-8 that the bytes are, without control characters, which a terminal would obey. */
function printable(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString();
  return text.replaceAll(/[^\x20-\x7e\xa0-\uffff]/g, '').trim();
}
