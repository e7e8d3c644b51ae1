import { fnmatch } from '../pattern/fnmatch.ts';

/** A field of a modalias: the letters before its value, and what it is. */
export interface Field {
  readonly tag: string;
  readonly name: string;
  /** What parts the entries of a value that is a list; a pattern may take up any entry. */
  readonly between?: string;
}

/** How the modalias of a bus is put together, where it is regular: fields in order after the colon, each a tag and a value. */
export interface Format {
  readonly bus: string;
  readonly title: string;
  readonly fields: readonly Field[];
  /** Tags from the most identifying down; those in one group count together. Default: each field in its order. */
  readonly power?: readonly (readonly string[])[];
  /** What follows the last field, before more that is no field. */
  readonly after?: string;
  /** What parts the fields, where a device or a pattern may lack any of them: what it lacks is `ANYTHING`. */
  readonly parts?: string;
  /** Whether a wildcard of a pattern may reach over several fields. These explain matches but do not rank them. */
  readonly loose?: true;
}

/** The value that takes all: of a field that a pattern leaves open or lacks. */
export const ANYTHING = '*';

/** `v=vendor d=device` -> fields; `C=compatible..C` is a list whose entries a C parts. */
function fields(text: string): Field[] {
  return text.split(' ').map((part) => {
    const [, tag, name, between] = /^(.*?)=(.*?)(?:\.\.(.))?$/.exec(part)!;
    return { tag: tag!, name: name!.replaceAll('_', ' '), ...(between === undefined ? {} : { between }) };
  });
}

/** Formats by the text before the colon, as scripts/mod/file2alias.c, or the bus itself, prints them; of several of a bus the first that fits. */
export const FORMATS: readonly Format[] = [
  {
    bus: 'pci',
    title: 'PCI device',
    fields: fields(
      'v=vendor d=device sv=subsystem_vendor sd=subsystem_device bc=class sc=subclass i=programming_interface',
    ),
    power: [['v', 'd'], ['sv'], ['sd'], ['bc'], ['sc'], ['i']],
  },
  {
    bus: 'usb',
    title: 'USB interface',
    fields: fields(
      'v=vendor p=product d=device_release dc=device_class dsc=device_subclass dp=device_protocol ic=interface_class isc=interface_subclass ip=interface_protocol in=interface_number',
    ),
    power: [['v', 'p'], ['d'], ['in'], ['ic', 'isc', 'ip'], ['ic', 'isc'], ['ic'], ['dc', 'dsc', 'dp'], ['dc']],
  },
  {
    bus: 'hid',
    title: 'HID device',
    fields: fields('b=bus g=group v=vendor p=product'),
    power: [['v', 'p'], ['v'], ['g'], ['b']],
  },
  {
    bus: 'cdx',
    title: 'CDX device',
    fields: fields('v=vendor d=device sv=subsystem_vendor sd=subsystem_device c=class'),
    power: [['v', 'd'], ['sv'], ['sd'], ['c']],
  },
  { bus: 'ieee1394', title: 'FireWire unit', fields: fields('ven=vendor mo=model sp=specifier ver=version') },
  { bus: 'ccw', title: 'channel device', fields: fields('t=control_unit m=cu_model dt=device_type dm=device_model') },
  { bus: 'ap', title: 'crypto adapter', fields: fields('t=type') },
  { bus: 'css', title: 'subchannel', fields: fields('t=type') },
  { bus: 'scsi', title: 'SCSI device', fields: fields('t_=type') },
  { bus: 'serio', title: 'serio port', fields: fields('ty=type pr=protocol id=id ex=extra') },
  {
    bus: 'pcmcia',
    title: 'PCMCIA card',
    fields: fields(
      'm=manufacturer c=card f=function fn=function_number pfn=pseudo_function pa=product_hash_1 pb=product_hash_2 pc=product_hash_3 pd=product_hash_4',
    ),
  },
  { bus: 'virtio', title: 'virtio device', fields: fields('d=device v=vendor') },
  { bus: 'sdio', title: 'SDIO function', fields: fields('c=class v=vendor d=device') },
  { bus: 'ssb', title: 'SSB core', fields: fields('v=vendor id=core rev=revision') },
  { bus: 'bcma', title: 'BCMA core', fields: fields('m=manufacturer id=core rev=revision cl=class') },
  {
    bus: 'parisc',
    title: 'PA-RISC device',
    fields: fields('t=hardware_type hv=version rev=revision sv=software_version'),
  },
  { bus: 'hdaudio', title: 'HD audio codec', fields: fields('v=vendor r=revision a=api') },
  { bus: 'sdw', title: 'SoundWire device', fields: fields('m=manufacturer p=part v=version c=class') },
  { bus: 'slim', title: 'SLIMbus device', fields: fields('=manufacturer :=product :=index_and_instance') },
  { bus: 'fsl-mc', title: 'FSL-MC object', fields: fields('v=vendor d=type') },
  { bus: 'tbsvc', title: 'Thunderbolt service', fields: fields('k=key p=protocol v=version r=revision') },
  { bus: 'typec', title: 'Type-C alternate mode', fields: fields('id=svid m=mode') },
  { bus: 'typec', title: 'Type-C alternate mode', fields: fields('id=svid') },
  {
    bus: 'ssam',
    title: 'Surface module device',
    fields: fields('d=domain c=category t=target i=instance f=function'),
  },
  { bus: 'dfl', title: 'DFL feature', fields: fields('t=type f=feature') },
  { bus: 'ipack', title: 'IndustryPack module', fields: fields('f=format v=vendor d=device') },
  {
    bus: 'rapidio',
    title: 'RapidIO device',
    fields: fields('v=vendor d=device av=assembly_vendor ad=assembly_device'),
  },
  { bus: 'ulpi', title: 'ULPI device', fields: fields('v=vendor p=product') },
  { bus: 'coreboot', title: 'coreboot table', fields: fields('t=tag') },
  { bus: 'mcb', title: 'MEN chameleon unit', fields: fields('16z=device') },
  { bus: 'input', title: 'input device', fields: fields('b=bus v=vendor p=product e=version _=capabilities') },
  { bus: 'amba', title: 'AMBA device', fields: fields('d=peripheral_id') },
  { bus: 'mdio', title: 'MDIO device', fields: fields('=PHY_id') },
  { bus: 'i3c', title: 'I3C device', fields: fields('dcr=characteristics manuf=manufacturer part=part ext=extra') },
  { bus: 'vio', title: 'virtual I/O device', fields: fields('T=type S=compatible') },
  { bus: 'zorro', title: 'Zorro board', fields: fields('i=id') },
  { bus: 'eisa', title: 'EISA board', fields: fields('s=signature') },
  { bus: 'mipscdmm', title: 'MIPS CDMM device', fields: fields('t=type') },
  { bus: 'mei', title: 'MEI client', fields: fields('=name :=uuid :=version'), after: ':' },
  { bus: 'pnp', title: 'PNP device', fields: fields('d=id..d') },
  { bus: 'acpi', title: 'ACPI device', fields: fields('=id..:'), loose: true },
  { bus: 'of', title: 'device-tree node', fields: fields('N=name T=type C=compatible..C'), loose: true },
  {
    bus: 'cpu',
    title: 'processor',
    fields: fields('type:=type ,ven=vendor fam=family mod=model :feature:=features'),
    loose: true,
  },
  { bus: 'cpu', title: 'processor', fields: fields('type:=type :feature:=features'), loose: true },
  {
    bus: 'dmi',
    title: 'machine',
    fields: fields(
      'bvn=BIOS_vendor bvr=BIOS_version bd=BIOS_date br=BIOS_release efr=EC_firmware svn=system_vendor pn=product_name pvr=product_version rvn=board_vendor rn=board_name rvr=board_version cvn=chassis_vendor ct=chassis_type cvr=chassis_version sku=product_SKU',
    ),
    parts: ':',
    loose: true,
  },
];

const BY_BUS = new Map<string, readonly Format[]>();
for (const format of FORMATS) BY_BUS.set(format.bus, [...(BY_BUS.get(format.bus) ?? []), format]);

/** A modalias or pattern taken apart: its format, an override prefix such as `vfio`, and the value of each field. */
export interface Parsed {
  readonly format: Format;
  readonly prefix: string;
  readonly values: readonly string[];
}

/** Bus and override prefix of a modalias, or of a pattern such as `acpi*:PNP0C09:*`. */
const START = /^(?:(?!fsl_mc:)([a-z0-9]+)_)?(fsl[-_]mc|[a-z0-9]+)\*?:/;

/**
 * Takes a modalias or a pattern of a regular bus apart; a value ends where the next tag first appears. Undefined for any other, and where a
 * field is missing.
 */
export function parseFields(text: string): Parsed | undefined {
  return parseEach(text)[0];
}

/** A key and a pattern by the first format of their bus that both have; undefined where there is none, or one has another prefix. */
export function parseBoth(key: string, pattern: string): readonly [key: Parsed, pattern: Parsed] | undefined {
  for (const have of parseEach(key)) {
    const want = parseEach(pattern).find((p) => p.format === have.format && p.prefix === have.prefix);
    if (want) return [have, want];
  }
  return undefined;
}

function parseEach(text: string): Parsed[] {
  const m = START.exec(text);
  const formats = (m && BY_BUS.get(m[2]!.replace('_', '-'))) ?? [];
  return formats.flatMap((format) => {
    const values = (format.parts === undefined ? valuesOf : partsOf)(text, m![0].length, format);
    return values ? [{ format, prefix: m![1] ?? '', values }] : [];
  });
}

function valuesOf(text: string, start: number, { fields, after }: Format): string[] | undefined {
  if (!text.startsWith(fields[0]!.tag, start)) return undefined;
  const values: string[] = [];
  let at = start;
  for (const [i, { tag }] of fields.entries()) {
    at += tag.length;
    const next = fields[i + 1]?.tag ?? after;
    const end = next === undefined ? text.length : text.indexOf(next, at);
    if (end === -1) return undefined;
    values.push(text.slice(at, end));
    at = end;
  }
  return values;
}

/** The same where each field may be missing and fields come in any order; a part without a tag, such as `*`, tells nothing. */
function partsOf(text: string, start: number, { fields, parts }: Format): string[] | undefined {
  const values = fields.map(() => ANYTHING);
  for (const part of text.slice(start).split(parts!)) {
    const i = fields.findIndex(({ tag }) => part.startsWith(tag));
    if (i >= 0) values[i] = part.slice(fields[i]!.tag.length);
  }
  return values.some((value) => value !== ANYTHING) ? values : undefined;
}

/** Whether a field's value is taken by that of a pattern; in a list, from any entry on. */
export function fieldMatches({ between }: Field, wanted: string, value: string): boolean {
  if (between === undefined) return fnmatch(wanted, value);
  for (let at = 0; ; ) {
    if (fnmatch(wanted, value.slice(at))) return true;
    const next = value.indexOf(between, at);
    if (next === -1) return false;
    at = next + 1;
  }
}

/** Whether a field's value in a pattern is matched by one text only; a last `*` after a value is a mere continuation. */
export function isExact(value: string): boolean {
  return value !== ANYTHING && !/[*?[]/.test(value.replace(/(?<=.)\*$/, ''));
}
