import { parseFields } from './fields.ts';
import { widthOf } from './key-tokens.ts';

/** Values of fields, by tag, as devices of a bus carry them. */
type Values = Readonly<Record<string, string>>;

/** `v=00001AF4 d=00001041` -> values. */
const values = (text: string): Values => Object.fromEntries(text.split(' ').map((part) => part.split('=')));

/**
 * Class, subclass, interface of PCI functions, from usual to odd: an example should not fall to a driver of its whole
 * class.
 */
const PCI_CLASSES = '020000 FF0000 118000 010802 030000 040300 0C0330 078000 088000 058000 120000'.split(' ');
const USB_CLASSES = 'FF0000 FFFFFF 030000 020201 080650 0E0100 E00101 010100 0A0000 FE0101 DC0000'.split(' ');

/**
 * Ways to fill what a pattern leaves open, the likeliest first; a value also gives the width that a part of one is
 * filled up to.
 */
const FILLINGS: Readonly<Record<string, readonly Values[]>> = {
  pci: PCI_CLASSES.map((code) => ({
    ...values('v=00001AF4 d=00001041 sv=00001AF4 sd=00001100'),
    ...{ bc: code.slice(0, 2), sc: code.slice(2, 4), i: code.slice(4) },
  })),
  usb: USB_CLASSES.map((code) => ({
    ...values('v=1D6B p=0104 d=0100 dc=00 dsc=00 dp=00 in=00'),
    ...{ ic: code.slice(0, 2), isc: code.slice(2, 4), ip: code.slice(4) },
  })),
  hid: ['0001', '0000', '0002', '0003', '0004', '0101', '0102'].flatMap((group) =>
    ['0003', '0005', '0018'].map((bus) => values(`b=${bus} g=${group} v=0000046D p=0000C52B`)),
  ),
  cdx: [values('v=10EE d=8084 sv=10EE sd=0000 c=020000')],
  ieee1394: [values('ven=0000A0B0 mo=00F0F001 sp=0000A0B0 ver=00F0F001')],
  ccw: [values('t=3990 m=E9 dt=3390 dm=0A')],
  serio: [values('ty=06 pr=00 id=00 ex=00')],
  pcmcia: [values('m=F0E1 c=F0E2 f=FE fn=00 pfn=00 pa=0AB1CDEF pb=12345678 pc=00000000 pd=00000000')],
  virtio: [values('d=00000001 v=00001AF4')],
  sdio: ['00', '07', '02', 'F0'].map((code) => values(`c=${code} v=02D0 d=F0E1`)),
  ssb: [values('v=4243 id=0812 rev=05')],
  bcma: [values('m=04BF id=0812 rev=11 cl=00')],
  hdaudio: [values('v=10EC0269 r=00100100 a=01')],
  sdw: [values('m=025D p=0711 v=03 c=01')],
  tbsvc: [values('k=network p=00000001 v=00000001 r=00000001')],
  typec: [values('id=FF01 m=01')],
  ssam: [values('d=01 c=02 t=01 i=01 f=00')],
  ipack: [values('f=01 v=000000F0 d=0000002A')],
  rapidio: [values('v=0038 d=0374 av=0000 ad=0000')],
  input: [values('b=0003 v=046D p=C52B e=0111')],
};

/** Buses with fields of no fixed width. */
const LISTING: ReadonlySet<string> = new Set(['mei', 'pnp', 'slim', 'vio']);

/** What stars of other patterns stand for: nothing, or some letters. */
const LETTERS = ['', '0', 'x1'];

/**
 * Modaliases such as devices carry that a pattern probably matches, the likeliest first. Whether it does is for a
 * lookup to say: brackets and stars are filled in by rule of thumb.
 */
export function* plausibleKeys(pattern: string): Generator<string> {
  const literal = !/[*?[]/.test(pattern);
  if (literal) {
    yield pattern;
    return;
  }
  const parsed = parseFields(pattern);
  if (parsed && !parsed.format.loose && !LISTING.has(parsed.format.bus)) {
    const { format, prefix, values: parts } = parsed;
    for (const filling of FILLINGS[format.bus] ?? [{} as Values]) {
      const fields = format.fields.map((field, i) => {
        const usual = filling[field.tag] ?? '0'.repeat(widthOf(field) ?? 0);
        return field.tag + filledValue(parts[i]!, usual);
      });
      yield `${prefix === '' ? '' : `${prefix}_`}${format.bus}:${fields.join('')}`;
    }
    return;
  }
  for (const letters of LETTERS) yield filledText(pattern, letters);
}

/** A field's value with `usual` for `*`; a star after some digits stands for the digits that are missing. */
function filledValue(value: string, usual: string): string {
  if (value === '*') return usual;
  const text = withoutBrackets(value);
  const missing = Math.max(0, usual.length - text.replaceAll('*', '').length);
  return text.replace('*', '0'.repeat(missing)).replaceAll('*', '');
}

/** Text without regular fields, with the parts that most devices of a bus share put in. */
function filledText(pattern: string, letters: string): string {
  return withoutBrackets(pattern)
    .replace(/^of:N\*T\*C(.*?)(C?)\*?$/, (_, compatible: string, more: string) =>
      more === '' && letters === ''
        ? `of:NnodeT(null)C${compatible}`
        : `of:NnodeT(null)C${compatible}Cexample,part${letters}`,
    )
    .replace(/^of:N\*T\*/, 'of:NnodeT(null)')
    .replace(/^of:N(.+?)T\*/, 'of:N$1T(null)')
    .replace(/^dmi\*:/, 'dmi:bvnExample:bvr1.0:bd01/01/2024:')
    .replace(/ven\*fam\*mod\*/, 'ven0000fam0006mod009A')
    .replace(/feature:\*/, 'feature:,')
    .replaceAll('*', letters);
}

/** The first member for each bracket, 0 for each `?`. */
function withoutBrackets(text: string): string {
  return text.replace(/\[([^\]])[^\]]*\]/g, '$1').replaceAll('?', '0');
}
