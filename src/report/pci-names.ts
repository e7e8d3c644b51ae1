import { readFileSync } from 'node:fs';

/** Where distributions put pci.ids (packages pci.ids and hwdata). */
const PLACES = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids', '/usr/share/pci.ids'];

/** Names of PCI vendors and devices. */
export interface PciNames {
  /** `Intel Corporation 82574L Gigabit Network Connection`; null where nothing is known of the vendor. Ids are four lower-case hex digits. */
  device(vendor: string, device: string): string | null;
}

/** Names out of the first pci.ids that can be read; without one nothing has a name. */
export function loadPciNames(places: readonly string[] = PLACES): PciNames {
  let text: string | undefined;
  const known = new Map<string, string | null>();
  return {
    device(vendor, device) {
      text ??= readFirst(places);
      const key = `${vendor} ${device}`;
      if (!known.has(key)) known.set(key, find(text, vendor, device));
      return known.get(key) ?? null;
    },
  };
}

function readFirst(places: readonly string[]): string {
  for (const file of places) {
    try {
      return `\n${readFileSync(file, 'utf8')}`;
    } catch {
      // The next one, or none: names are a courtesy.
    }
  }
  return '';
}

/** Vendors begin their lines, devices stand below them after one tab. */
function find(text: string, vendor: string, device: string): string | null {
  const start = text.indexOf(`\n${vendor}  `);
  if (start < 0) return null;
  const name = text.slice(start + 7, text.indexOf('\n', start + 1));
  const next = /\n[0-9a-fA-F]/g;
  next.lastIndex = start + 1;
  const end = next.exec(text)?.index ?? text.length;
  const at = text.slice(start, end).indexOf(`\n\t${device}  `);
  if (at < 0) return printable(name);
  const begin = start + at + 8;
  return printable(`${name} ${text.slice(begin, text.indexOf('\n', begin))}`);
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\uffff]/g, '').trim();
}

/** What a class code of 24 bits stands for, in the words of the PCI specification; by base and sub class, else by base class. */
export function className(code: number): string {
  const hex = code.toString(16).padStart(6, '0');
  return CLASSES[hex.slice(0, 4)] ?? CLASSES[hex.slice(0, 2)] ?? `class ${hex.slice(0, 4)}`;
}

const CLASSES: Readonly<Record<string, string>> = {
  '00': 'unclassified device',
  '01': 'mass storage',
  '0100': 'SCSI controller',
  '0104': 'RAID controller',
  '0106': 'SATA controller',
  '0107': 'SAS controller',
  '0108': 'NVMe controller',
  '02': 'network controller',
  '0200': 'Ethernet controller',
  '0207': 'InfiniBand controller',
  '03': 'display controller',
  '0300': 'VGA controller',
  '0302': '3D controller',
  '04': 'multimedia controller',
  '0401': 'audio controller',
  '0403': 'audio device',
  '05': 'memory controller',
  '0500': 'RAM memory',
  '06': 'bridge',
  '0600': 'host bridge',
  '0601': 'ISA bridge',
  '0604': 'PCI bridge',
  '07': 'communication controller',
  '0700': 'serial controller',
  '08': 'system peripheral',
  '0880': 'system peripheral',
  '0c': 'serial bus controller',
  '0c03': 'USB controller',
  '0c05': 'SMBus',
  '0d': 'wireless controller',
  '0280': 'network controller',
  '10': 'encryption controller',
  '11': 'signal processing',
  '12': 'processing accelerator',
};
