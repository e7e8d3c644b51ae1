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

/** The names in a pci.ids or usb.ids. */
export interface IdList {
  /**
   * The names of an entry and of its parents, outermost first, as far as the list knows them: of `8086`,
   * `10d3` the vendor's and the device's. Ids are lower-case hexadecimal digits; a class begins with `C `.
   */
  names(...ids: readonly string[]): readonly string[];
}

/** A line of a list, such as `8086  Intel Corporation`, with the lines indented below it. */
interface Section {
  readonly name: string;
  /** The lines below, as in the file: each starts with one more tab. */
  readonly below: string;
}

/** The names in the text of a list, one character a byte, which is read on first use. */
export function idList(text: () => string): IdList {
  const sections = new Map<string, Section | undefined>();
  let outermost: ((head: string) => number) | undefined;
  let whole = '';
  return {
    names(...ids) {
      if (!outermost) {
        whole = text();
        outermost = outermostPlaces(whole);
      }
      const found: string[] = [];
      let list = whole;
      for (const [depth, id] of ids.entries()) {
        const path = ids.slice(0, depth + 1).join('\t');
        if (!sections.has(path))
          sections.set(path, section(list, id, depth, depth === 0 ? outermost(id) : placeOf(list, id, depth)));
        const here = sections.get(path);
        if (!here) break;
        found.push(here.name);
        list = here.below;
      }
      return found;
    },
  };
}

/**
 * Where the lines of vendors and classes stand in a list, by what they begin with; -1 for what there is none of. The
 * list is read once, up to what is asked for.
 */
function outermostPlaces(list: string): (head: string) => number {
  const places = new Map<string, number>();
  let next = 0;
  return (head) => {
    while (next < list.length && !places.has(head)) {
      const line = next;
      const newline = list.indexOf('\n', line);
      next = newline === -1 ? list.length : newline + 1;
      if ('\t#\r\n'.includes(list[line]!)) continue;
      const [name] = list.slice(line, next).split('  ', 1);
      if (!places.has(name!)) places.set(name!, line);
    }
    return places.get(head) ?? -1;
  };
}

/**
 * The first pci.ids or usb.ids of this machine, or of the places given, that can be read; without one nothing has a
 * name, as names are optional.
 */
export function installedIdList(bus: 'pci' | 'usb', places: readonly string[] = PLACES): IdList {
  return idList(() => firstReadable(places.map((place) => join(place, `${bus}.ids`))));
}

/** The text of the first file that can be read, latin1; empty without one. */
export function firstReadable(files: readonly string[]): string {
  for (const file of files) {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      // The next one, or none: names are optional.
    }
  }
  return '';
}

/** Where the line stands that starts with this many tabs, `head` and two spaces; -1 if there is none. */
function placeOf(list: string, head: string, tabs: number): number {
  const mark = markOf(head, tabs);
  return list.startsWith(mark) ? 0 : list.indexOf(`\n${mark}`) + 1 || -1;
}

const markOf = (head: string, tabs: number) => `${'\t'.repeat(tabs)}${head}  `;

/**
 * The section whose line starts at a place, with this many tabs (0 for vendors and classes), `head` and two spaces;
 * undefined for none, -1.
 */
function section(list: string, head: string, tabs: number, start: number): Section | undefined {
  if (start === -1) return undefined;
  const mark = markOf(head, tabs);
  const line = list.indexOf('\n', start);
  if (line < 0) return { name: printable(list.slice(start + mark.length)), below: '' };
  const deeper = '\t'.repeat(tabs + 1);
  const goesOn = (at: number) => list.startsWith(deeper, at) || (at < list.length && '\r\n#'.includes(list[at]!));
  let end = line;
  while (end >= 0 && goesOn(end + 1)) end = list.indexOf('\n', end + 1);
  return {
    name: printable(list.slice(start + mark.length, line)),
    below: list.slice(line + 1, end < 0 ? list.length : end + 1),
  };
}

/** The bytes as UTF-8, without control characters, which could affect a terminal. */
export function printable(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString();
  return text.replaceAll(/[^\x20-\x7e\xa0-\uffff]/g, '').trim();
}
