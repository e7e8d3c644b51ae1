/** The ids of a PCI function as lspci prints them, in four or two hexadecimal digits; undefined where it does not. */
export interface PciIds {
  readonly vendor: string;
  readonly device: string;
  /** Class and subclass. */
  readonly class?: string | undefined;
  readonly progIf?: string | undefined;
  readonly subvendor?: string | undefined;
  readonly subdevice?: string | undefined;
}

/**
 * The modalias of a PCI function, with `*` for what lspci leaves out: the subsystem of most bridges, and in older
 * versions the programming interface.
 */
export function modaliasOfPci(ids: PciIds): string {
  const wide = (id: string | undefined) => (id ? `0000${id.toUpperCase()}` : '*');
  const code = ids.class?.toUpperCase();
  const progIf = ids.progIf?.toUpperCase() ?? '*';
  return [
    `pci:v${wide(ids.vendor)}d${wide(ids.device)}sv${wide(ids.subvendor)}sd${wide(ids.subdevice)}`,
    `bc${code?.slice(0, 2) ?? '*'}sc${code?.slice(2) ?? '*'}i${progIf}`,
  ].join('');
}

const ADDRESS = '(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]';
const QUOTED = '"([0-9a-f]{4})"';
const LINE = new RegExp(
  `^${ADDRESS} ${QUOTED} ${QUOTED} ${QUOTED}(?: -r[0-9a-f]{2})?(?: -p([0-9a-f]{2}))? (?:""|${QUOTED}) (?:""|${QUOTED})`,
);

/** A line of `lspci -nmm` (`-nmmk` is the same); undefined for any other. */
export function idsOfLine(line: string): PciIds | undefined {
  const [, code, vendor, device, progIf, subvendor, subdevice] = LINE.exec(line) ?? [];
  return vendor && device ? { vendor, device, class: code, progIf, subvendor, subdevice } : undefined;
}

const MEMBER =
  /^(Slot|Device|Class|Vendor|SVendor|SDevice|PhySlot|Rev|ProgIf|Driver|Module|NUMANode|IOMMUGroup|DTNode):\t(.*)$/;

/** A line of a record of `lspci -vmm`: its tag and value; undefined for any other. */
export function memberOf(line: string): readonly [tag: string, value: string] | undefined {
  // A modalias begins with a small letter.
  if (line.charCodeAt(0) > 0x5a) return undefined;
  const [, tag, value] = MEMBER.exec(line) ?? [];
  return tag === undefined ? undefined : [tag, value!];
}

/**
 * The ids of a record of `lspci -vmmn` or `-vmmnn`; undefined where it has names only, as without `-n`. Of two members
 * of one tag the last counts, as of `Device`, which is the slot too in the oldest form.
 */
export function idsOfRecord(record: ReadonlyMap<string, string>): PciIds | undefined {
  const id = (tag: string) => /^(?:.*\[)?([0-9a-f]{4})\]?$/.exec(record.get(tag) ?? '')?.[1];
  const [vendor, device] = [id('Vendor'), id('Device')];
  if (!vendor || !device) return undefined;
  const progIf = /^[0-9a-f]{2}$/.exec(record.get('ProgIf') ?? '')?.[0];
  return { vendor, device, class: id('Class'), progIf, subvendor: id('SVendor'), subdevice: id('SDevice') };
}
