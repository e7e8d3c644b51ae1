/** A field of a modalias: the letters before its value, and what it is. */
export interface Field {
  readonly tag: string;
  readonly name: string;
}

/** How the modalias of a bus is put together, where it is regular: fields in order after the colon, each a tag and a value. */
export interface Format {
  readonly bus: string;
  readonly title: string;
  readonly fields: readonly Field[];
  /** Tags from the most identifying down; those in one group count together. Default: each field in its order. */
  readonly power?: readonly (readonly string[])[];
  /** Marks of which one follows the last field, before more that is no field. */
  readonly after?: readonly string[];
}

/** `v=vendor d=device` -> fields. */
function fields(text: string): Field[] {
  return text.split(' ').map((part) => {
    const [tag, name] = part.split('=') as [string, string];
    return { tag, name: name.replaceAll('_', ' ') };
  });
}

/** Formats by the text before the colon, as scripts/mod/file2alias.c prints them. */
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
  { bus: 'slim', title: 'SLIMbus device', fields: fields('m=manufacturer p=product') },
  { bus: 'fsl-mc', title: 'FSL-MC object', fields: fields('v=vendor d=type') },
  { bus: 'tbsvc', title: 'Thunderbolt service', fields: fields('k=key p=protocol v=version r=revision') },
  { bus: 'typec', title: 'Type-C alternate mode', fields: fields('id=svid m=mode') },
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
  { bus: 'input', title: 'input device', fields: fields('b=bus v=vendor p=product e=version'), after: ['-', '_'] },
];

const BY_BUS = new Map(FORMATS.map((format) => [format.bus, format]));

/** A modalias or pattern taken apart: its format, an override prefix such as `vfio`, and the value of each field. */
export interface Parsed {
  readonly format: Format;
  readonly prefix: string;
  readonly values: readonly string[];
}

/**
 * Takes a modalias or a pattern of a regular bus apart; a value ends where the next tag first appears. Undefined for any other, and where a
 * field is missing.
 */
export function parseFields(text: string): Parsed | undefined {
  const m = /^(?:([a-z0-9]+)_)?([a-z0-9]+(?:[-_]mc)?):/.exec(text);
  const format = m && BY_BUS.get(m[2]!.replace('_', '-'));
  if (!format) return undefined;
  const { fields, after } = format;
  let at = m[0].length;
  if (!text.startsWith(fields[0]!.tag, at)) return undefined;
  const values: string[] = [];
  for (const [i, { tag }] of fields.entries()) {
    at += tag.length;
    const next = fields[i + 1]?.tag;
    const end = next === undefined ? endOfLast(text, at, after) : text.indexOf(next, at);
    if (end === -1) return undefined;
    values.push(text.slice(at, end));
    at = end;
  }
  return { format, prefix: m[1] ?? '', values };
}

/** Where the last value ends: at the end, or at what may follow the fields; -1 where that is missing. */
function endOfLast(text: string, start: number, after: readonly string[] | undefined): number {
  if (!after) return text.length;
  const ends = after.map((mark) => text.indexOf(mark, start)).filter((end) => end !== -1);
  return ends.length === 0 ? -1 : Math.min(...ends);
}

/** Whether a field's value in a pattern is matched by one text only; a last `*` after a value is a mere continuation. */
export function isExact(value: string): boolean {
  return value !== '*' && !/[*?[]/.test(value.replace(/(?<=.)\*$/, ''));
}
