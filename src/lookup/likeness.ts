/**
 * A vendor and a device or product id, as lspci and lsusb print them; class and subclass where lspci printed them too.
 */
export interface Ids {
  /** Undefined if it is not known whether they are PCI or USB ids. */
  readonly bus?: 'pci' | 'usb';
  readonly vendor: string;
  readonly device: string;
  readonly class?: string;
}

/** What a text that no module serves looks like. */
export interface Likeness {
  /** What it is, as the rest of "this is ...". */
  readonly what: string;
  /** The modalias that it contains. */
  readonly modalias?: string;
  /** A device by its path in sysfs, or by its name on a bus (any bus if none is given). */
  readonly device?: { readonly path: string } | { readonly bus?: 'pci' | 'usb'; readonly name: string };
  /** A USB device by its bus and device numbers. */
  readonly usb?: { readonly busnum: number; readonly devnum: number };
  readonly ids?: Ids;
  /** How to get an answer, if none of the above does. */
  readonly hint?: string;
}

type Reader = (found: Readonly<Record<string, string>>) => Likeness;

const HEX4 = '[0-9A-Fa-f]{4}';
const ADDRESS = '(?<domain>[0-9A-Fa-f]{4,8}:)?(?<bus>[0-9A-Fa-f]{1,2}):(?<slot>[0-9A-Fa-f]{1,2})\\.(?<fn>[0-7])';
const IDS = `(?:0x)?(?<vendor>${HEX4})[: ](?:0x)?(?<device>${HEX4})`;

const SHAPES: readonly (readonly [shape: RegExp, read: Reader])[] = [
  [new RegExp(`^${ADDRESS}$`), (m) => ({ what: 'a PCI address', device: pciDevice(m) })],
  [
    new RegExp(`^${ADDRESS} .*\\[(?<cls>${HEX4})\\]: .*\\[${IDS}\\]`),
    (m) => ({ what: 'a line of lspci -nn', device: pciDevice(m), ids: idsOf(m, 'pci') }),
  ],
  [
    new RegExp(`^${ADDRESS} "?(?:Class )?(?<cls>${HEX4})"?:? "?(?<vendor>${HEX4})"?[: ]"?(?<device>${HEX4})`),
    (m) => ({ what: 'a line of lspci -n', device: pciDevice(m), ids: idsOf(m, 'pci') }),
  ],
  [new RegExp(`^${ADDRESS} \\S`), (m) => ({ what: 'a line of lspci', device: pciDevice(m) })],
  [
    new RegExp(`^Subsystem: .*\\[${IDS}\\]$`),
    () => ({ what: 'the Subsystem line of lspci -nn', hint: 'the device is named by the line above it' }),
  ],
  [new RegExp(`^ID ${IDS}(?: |$)`), (m) => ({ what: 'a part of a line of lsusb', ids: idsOf(m, 'usb') })],
  [
    new RegExp(`^Bus (?<busnum>\\d{3}) Device (?<devnum>\\d{3}): ID ${IDS}`),
    (m) => ({
      what: 'a line of lsusb',
      usb: { busnum: Number(m.busnum), devnum: Number(m.devnum) },
      ids: idsOf(m, 'usb'),
    }),
  ],
  [new RegExp(`^\\[?${IDS}\\]?$`), (m) => ({ what: 'a pair of ids', ids: idsOf(m) })],
  [new RegExp(`^${IDS}:${HEX4}:${HEX4}$`), (m) => ({ what: 'the four ids of a PCI device', ids: idsOf(m, 'pci') })],
  [/^(?<q>["'])(?<modalias>[a-z][a-z0-9_-]*:[^"']*)\k<q>$/, (m) => ({ what: 'in quotes', modalias: m.modalias! })],
  [
    /^(?:[A-Z]: )?MODALIAS==?"?(?<modalias>[^"]+)"?$/,
    (m) => ({ what: 'a line of uevent or udevadm', modalias: m.modalias! }),
  ],
  [
    /^alias (?<pattern>\S+) (?<module>\S+)$/,
    (m) => ({
      what: 'a line of modules.alias',
      hint: `ask for a device's modalias, or for the module's name: ${m.module}`,
    }),
  ],
  [
    /^(?:.*\/)?(?<module>[^/]+)\.ko(?:\.(?:gz|xz|zst))?$/,
    (m) => ({ what: 'a module file', hint: `its name is ${m.module}, and modalias extract shows its tables` }),
  ],
  [
    /^(?=.*[A-Z])(?<bus>[A-Za-z]{2,16}):v\w{4}/,
    (m) => ({ what: 'a modalias with an upper-case bus', hint: `write ${m.bus!.toLowerCase()}:` }),
  ],
  [/^(?:usb\d+|\d+-\d+(?:\.\d+)*(?::\d+\.\d+)?)$/, (m) => ({ what: 'a USB address', device: at('usb', m.text!) })],
  [/^(?:\/|\.{1,2}\/)|^(?:devices|class|bus|block)\//, (m) => ({ what: 'a path', device: { path: m.text! } })],
];

/** The first fields of buses whose values are hexadecimal: modpost and the kernel print upper-case digits. */
const DIGITS = /^(?:[a-z0-9]+_)?(?:pci:v(\w{8})d(\w{8})|usb:v(\w{4})p(\w{4})|hid:b\w{4}g\w{4}v(\w{8})p(\w{8}))/;

const IDS_OF_BUS = new RegExp(`^(pci|usb):(${HEX4}):(${HEX4})$`);

/** Starts with a bus, as thousands do in a list; an address may begin with letters too. */
const MODALIAS = /^(?![0-9a-f]{1,8}:)[a-z][a-z0-9_-]*:\S*$/;

/** Limit in characters on a line of lspci or a path. */
const LONGEST = 1024;

/**
 * Names of devices, such as serial8250 and INT33A1:00, which have no form of their own; a modalias starts with its bus.
 */
const NAME = /^(?![a-z][a-z0-9_-]*:)[\w.:,@+-]{2,64}$/;

/**
 * What a text that is not a modalias looks like; undefined if it may be one, or the name of a module. Reads nothing:
 * whether such a device exists is checked elsewhere. Only for texts without a match, since libkmod accepts any text.
 */
export function likenessOf(text: string): Likeness | undefined {
  if (text.length > LONGEST) return undefined;
  if (MODALIAS.test(text)) return nearlyModalias(text);
  const trimmed = text.trim();
  if (trimmed !== text && trimmed !== '') {
    const inside = likenessOf(trimmed);
    const named = inside?.device && 'name' in inside.device && !inside.device.bus;
    return inside && !named ? inside : { what: 'a modalias with blanks around it', modalias: trimmed };
  }
  for (const [shape, read] of SHAPES) {
    const m = shape.exec(text);
    if (m) return read({ ...m.groups, text });
  }
  return NAME.test(text) ? { what: 'the name of a device', device: { name: text } } : undefined;
}

function nearlyModalias(text: string): Likeness | undefined {
  const [, bus, vendor, device] = IDS_OF_BUS.exec(text) ?? [];
  if (bus) return { what: 'a pair of ids', ids: { bus: bus as 'pci' | 'usb', vendor: vendor!, device: device! } };
  const values = DIGITS.exec(text)?.slice(1) ?? [];
  if (!values.some((value) => value !== undefined && /[a-f]/.test(value))) return undefined;
  return { what: 'a modalias with lower-case hexadecimal digits', hint: 'write A to F in upper case' };
}

/** The modalias to look up if only ids are known: `*` for the rest, so that only patterns that leave it open match. */
export function modaliasOfIds({ vendor, device, class: code }: Ids, bus: 'pci' | 'usb'): string {
  const [v, d] = [vendor.toUpperCase(), device.toUpperCase()];
  if (bus === 'usb') return `usb:v${v}p${d}d*dc*dsc*dp*ic*isc*ip*in*`;
  const [base, sub] = code === undefined ? ['*', '*'] : [code.slice(0, 2).toUpperCase(), code.slice(2).toUpperCase()];
  return `pci:v0000${v}d0000${d}sv*sd*bc${base}sc${sub}i*`;
}

function at(bus: 'pci' | 'usb', name: string) {
  return { bus, name };
}

/** The address with all its digits; its domain may be omitted, as lspci does if there is only one. */
function pciDevice({ domain = '', bus, slot, fn }: Readonly<Record<string, string>>) {
  return at('pci', `${domain}${bus!.padStart(2, '0')}:${slot!.padStart(2, '0')}.${fn}`.toLowerCase());
}

function idsOf({ vendor, device, cls }: Readonly<Record<string, string>>, bus?: 'pci' | 'usb'): Ids {
  return {
    ...(bus === undefined ? {} : { bus }),
    vendor: vendor!,
    device: device!,
    ...(cls === undefined ? {} : { class: cls }),
  };
}
