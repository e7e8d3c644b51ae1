/**
 * The meaning of a 24-bit class code, in the words of the PCI specification; by base class and sub-class, else by base
 * class.
 */
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
