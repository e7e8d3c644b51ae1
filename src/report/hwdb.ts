import { join } from 'node:path';
import { firstReadable, printable } from './id-list.ts';

/** Where systemd's hardware database has its text; most distributions keep it in the first. */
const PLACES: readonly string[] = ['/usr/lib/udev/hwdb.d', '/lib/udev/hwdb.d', '/etc/udev/hwdb.d'];

/** The files of vendors and devices, by bus. */
const FILES = {
  pci: '20-pci-vendor-model.hwdb',
  usb: '20-usb-vendor-model.hwdb',
  sdio: '20-sdio-vendor-model.hwdb',
  acpi: '20-acpi-vendor.hwdb',
} as const;

/** A bus whose vendors, and on most whose devices, hwdb names. */
export type HwdbBus = keyof typeof FILES;

const NAME = /^ ID_(?:VENDOR|MODEL)_FROM_DATABASE=(.*)$/;

/** The names in the text of a hwdb file, latin1, by the match that stands above each, such as `usb:v0499p1000*`. */
export function hwdbNames(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let matches: string[] = [];
  let ended = false;
  for (const line of text.split('\n')) {
    if (line.startsWith(' ')) {
      const name = NAME.exec(line)?.[1];
      for (const match of name === undefined ? [] : matches) names.set(match, printable(name!));
      ended = true;
    } else {
      if (ended || line === '') matches = [];
      ended = false;
      if (line !== '' && !line.startsWith('#')) matches.push(line);
    }
  }
  return names;
}

/** The names of a bus in this machine's hwdb, or in the places given; read on first use, none where it is not there. */
export function installedHwdb(bus: HwdbBus, places: readonly string[] = PLACES): (match: string) => string | undefined {
  let names: ReadonlyMap<string, string> | undefined;
  return (match) => {
    names ??= hwdbNames(firstReadable(places.map((place) => join(place, FILES[bus]))));
    return names.get(match);
  };
}
