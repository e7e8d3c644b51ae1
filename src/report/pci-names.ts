import { readIdList, type Section, section } from './id-list.ts';

/** Names of PCI vendors and devices. */
export interface PciNames {
  /** `Intel Corporation 82574L Gigabit Network Connection`; null where nothing is known of the vendor. Ids are four lower-case hex digits. */
  device(vendor: string, device: string): string | null;
}

/** Names out of this machine's pci.ids, or of one in the places given; without one nothing has a name. */
export function loadPciNames(places?: readonly string[]): PciNames {
  let list: string | undefined;
  const makers = new Map<string, Section | undefined>();
  const known = new Map<string, string | null>();
  return {
    device(vendor, device) {
      list ??= readIdList('pci', places);
      if (!makers.has(vendor)) makers.set(vendor, section(list, vendor));
      const key = `${vendor} ${device}`;
      if (!known.has(key)) known.set(key, deviceName(makers.get(vendor), device));
      return known.get(key) ?? null;
    },
  };
}

function deviceName(maker: Section | undefined, device: string): string | null {
  const made = maker && section(maker.below, device, 1);
  return maker ? [maker.name, made?.name].filter(Boolean).join(' ') : null;
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
  '0c': 'serial bus controller',
  '0c03': 'USB controller',
  '0c05': 'SMBus',
  '0d': 'wireless controller',
  '10': 'encryption controller',
  '11': 'signal processing',
  '12': 'processing accelerator',
};
