import { needObject } from '../arguments.ts';
import { parseFields } from '../match/fields.ts';
import { type HwdbBus, installedHwdb } from './hwdb.ts';
import { installedIdList } from './id-list.ts';

/** What the ids of a pattern are called; null where no list knows them. */
export interface DeviceNames {
  readonly vendor: string | null;
  readonly device: string | null;
}

const NAMELESS: DeviceNames = { vendor: null, device: null };

/** Where lists are sought instead of in this machine's places. */
export interface NamePlaces {
  /** Folders with pci.ids and usb.ids. */
  readonly ids?: readonly string[];
  /** Folders of hwdb. */
  readonly hwdb?: readonly string[];
}

/** The ids of a pattern: four digits as pci.ids and usb.ids have them, and the matches of hwdb. */
interface Ids {
  readonly vendor: string;
  readonly device: string;
  readonly matches: readonly [vendor: string, device: string];
}

/** How the names of a bus are found. */
interface Naming {
  /** The tags of the fields with vendor and device. */
  readonly tags: readonly [vendor: string, device: string];
  /** The list that is asked first. */
  readonly list?: 'pci' | 'usb';
  readonly hwdb: HwdbBus;
  /** What hwdb has before each id. */
  readonly before: readonly [vendor: string, device: string];
}

/** hid devices of USB and Bluetooth are named as USB devices. */
const NAMINGS: Readonly<Record<string, Naming>> = {
  pci: { tags: ['v', 'd'], list: 'pci', hwdb: 'pci', before: ['pci:v0000', 'd0000'] },
  usb: { tags: ['v', 'p'], list: 'usb', hwdb: 'usb', before: ['usb:v', 'p'] },
  hid: { tags: ['v', 'p'], list: 'usb', hwdb: 'usb', before: ['usb:v', 'p'] },
  sdio: { tags: ['v', 'd'], hwdb: 'sdio', before: ['sdio:c*v', 'd'] },
};

/** `acpi*:PNP0C0A:*`, `pnp:dPNP0C0A*`, `pnp*:cCSC7532dCSC0000*`: three or four letters and digits, then four digits. */
const ACPI = /^(?:acpi\*?:|pnp\*?:[cd])([A-Z0-9]{3,4})[0-9A-Fa-f]{4}(?![0-9A-Za-z])/;

/**
 * Names for patterns out of this machine's pci.ids and usb.ids, or hwdb where these are missing; hwdb also names the
 * vendors of acpi and pnp ids, and sdio devices.
 */
export function loadDeviceNames(places: NamePlaces = {}): (pattern: string) => DeviceNames {
  needObject('places', places);
  const { ids, hwdb } = places;
  const lists = { pci: installedIdList('pci', ids), usb: installedIdList('usb', ids) };
  const databases = new Map<HwdbBus, (match: string) => string | undefined>();
  const named = (bus: HwdbBus, match: string): string | null => {
    const known = databases.get(bus) ?? installedHwdb(bus, hwdb);
    databases.set(bus, known);
    return known(match) ?? null;
  };
  return (pattern) => {
    const acpi = ACPI.exec(pattern)?.[1];
    if (acpi !== undefined) return { vendor: named('acpi', `acpi:${acpi}*:`), device: null };
    const naming = NAMINGS[parseFields(pattern)?.format.bus ?? ''];
    if (!naming) return NAMELESS;
    const { vendor, device, matches } = idsOf(pattern, naming);
    const found = naming.list ? lists[naming.list].names(vendor, device) : [];
    if (found.length > 0) return { vendor: found[0]!, device: found[1] ?? null };
    return { vendor: named(naming.hwdb, matches[0]), device: named(naming.hwdb, matches[1]) };
  };
}

function idsOf(pattern: string, { tags, before }: Naming): Ids {
  const { format, values } = parseFields(pattern)!;
  const id = (tag: string) =>
    values[format.fields.findIndex((field) => field.tag === tag)]!.replace(/\*$/, '').slice(-4);
  const [vendor, device] = [id(tags[0]), id(tags[1])];
  const match = before[0] + vendor;
  return {
    vendor: vendor.toLowerCase(),
    device: device.toLowerCase(),
    matches: [`${match}*`, `${match}${before[1]}${device}*`],
  };
}
