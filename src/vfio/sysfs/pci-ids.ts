/** What a PCI function is: four lower-case digits each. */
export interface PciIds {
  readonly vendor: string;
  readonly device: string;
  readonly subvendor: string;
  readonly subdevice: string;
}

/** The ids of a PCI function by its modalias (drivers/pci/pci-sysfs.c:modalias_show); null for any other text. */
export function pciIds(modalias: string | null): PciIds | null {
  const ids = /^pci:v0000(\w{4})d0000(\w{4})sv0000(\w{4})sd0000(\w{4})/.exec(modalias ?? '');
  if (!ids) return null;
  const [vendor, device, subvendor, subdevice] = ids.slice(1).map((text) => text.toLowerCase());
  return { vendor: vendor!, device: device!, subvendor: subvendor!, subdevice: subdevice! };
}

export function sameIds(a: PciIds, b: PciIds): boolean {
  return a.vendor === b.vendor && a.device === b.device && a.subvendor === b.subvendor && a.subdevice === b.subdevice;
}

/**
 * What a word says that a function has to be, as lspci and vfio-pci's `ids=` write it: `VENDOR:DEVICE`, or with
 * `:SUBVENDOR:SUBDEVICE` after it, in hexadecimal. Undefined if the word is not one.
 */
export function parseIds(word: string): Partial<PciIds> | undefined {
  const ids = /^([0-9a-f]{4}):([0-9a-f]{4})(?::([0-9a-f]{4}):([0-9a-f]{4}))?$/.exec(word.toLowerCase());
  if (!ids) return undefined;
  const [, vendor, device, subvendor, subdevice] = ids;
  return subvendor === undefined
    ? { vendor: vendor!, device: device! }
    : { vendor: vendor!, device: device!, subvendor, subdevice: subdevice! };
}
