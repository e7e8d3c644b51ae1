import { expect, test } from 'vitest';
import { fieldMatches, isExact, parseBoth, parseFields } from '../../src/match/fields.ts';

/** A text taken apart, in one line: bus, prefix, and each value behind its tag. */
function told(text: string): string | undefined {
  const parsed = parseFields(text);
  if (!parsed) return undefined;
  const { format, prefix, values } = parsed;
  return [format.bus, prefix || '-', ...values.map((value, i) => `${format.fields[i]!.tag}=${value}`)].join(' ');
}

test.each([
  ['pci:v00008086d00000953sv*sd*bc01sc08i02', 'pci - v=00008086 d=00000953 sv=* sd=* bc=01 sc=08 i=02'],
  ['vfio_pci:v*d*sv*sd*bc*sc*i*', 'pci vfio v=* d=* sv=* sd=* bc=* sc=* i=*'],
  ['a_b9_pci:v1d2sv3sd4bc5sc6i', 'pci a_b9 v=1 d=2 sv=3 sd=4 bc=5 sc=6 i='],
  ['usb:v0951p16A4d*dc*dsc*dp*ic*isc*ip*in*', 'usb - v=0951 p=16A4 d=* dc=* dsc=* dp=* ic=* isc=* ip=* in=*'],
  ['of:NethT(null)Cvendor,aCvendor,b', 'of - N=eth T=(null) C=vendor,aCvendor,b'],
  ['of:N*T*Cvendor,a', 'of - N=* T=* C=vendor,a'],
  ['acpi*:PNP0C09:*', 'acpi - =PNP0C09:*'],
  ['fsl-mc:v00001957ddprc', 'fsl-mc - v=00001957 d=dprc'],
  ['fsl_mc:v00001957ddprc', 'fsl-mc - v=00001957 d=dprc'],
  ['vfio_fsl_mc:v00001957ddprc', 'fsl-mc vfio v=00001957 d=dprc'],
  ['mei:name:uuid:01:', 'mei - =name :=uuid :=01'],
  ['typec:id1234m01', 'typec - id=1234 m=01'],
  ['typec:id1234', 'typec - id=1234'],
  ['scsi:t-0x05', undefined],
  ['scsi:t_0x05', 'scsi - t_=0x05'],
])('parseFields takes %s apart', (text, expected) => {
  expect(told(text)).toBe(expected);
});

test('parseFields takes the fields of dmi in any order, those that are left out as anything, and no other part', () => {
  const { format, values } = parseFields('dmi*:pn:x:svnLENOVO:*')!;
  expect(Object.fromEntries(format.fields.map(({ tag }, i) => [tag, values[i]]))).toEqual({
    ...Object.fromEntries(format.fields.map(({ tag }) => [tag, '*'])),
    svn: 'LENOVO',
    pn: '',
  });
});

test.each([
  ['of no format', 'platform:rtc_cmos'],
  ['without a colon', 'pci'],
  ['with a bus that only ends like one', 'xpci:v1d2sv3sd4bc5sc6i7'],
  ['with an upper-case bus', 'PCI:v1d2sv3sd4bc5sc6i7'],
  ['with something before its prefix', '-vfio_pci:v1d2sv3sd4bc5sc6i7'],
  ['that lacks a field', 'pci:v1d2sv3sd4bc5sc6'],
  ['whose first field is not first', 'pci:xv1d2sv3sd4bc5sc6i7'],
  ['that lacks what ends the last field', 'mei:name:uuid:01'],
  ['of which no part has a tag', 'dmi:*'],
  ['with a name of Object', 'constructor:v1'],
])('parseFields takes no text apart %s: %s', (_what, text) => {
  expect(parseFields(text)).toBeUndefined();
});

test('parseFields sees a bus whose prefix looks like the start of fsl_mc', () => {
  expect(parseFields('fsl_mc:v1d2')).toMatchObject({ prefix: '', values: ['1', '2'] });
  expect(parseFields('fsl_pci:v1d2sv3sd4bc5sc6i7')).toMatchObject({ prefix: 'fsl' });
});

test('parseBoth takes the first format of a bus that both texts have, under one prefix', () => {
  const formats = (key: string, pattern: string) =>
    parseBoth(key, pattern)?.map(({ format, values }) => `${format.fields.length} ${values.join(' ')}`);
  expect(formats('typec:id1234m01', 'typec:id*m*')).toEqual(['2 1234 01', '2 * *']);
  expect(formats('typec:id1234m01', 'typec:id1234*')).toEqual(['1 1234m01', '1 1234*']);
  expect(formats('typec:id1234', 'typec:id*m*')).toEqual(['1 1234', '1 *m*']);
  expect(formats('pci:v1d2sv3sd4bc5sc6i7', 'vfio_pci:v1d2sv3sd4bc5sc6i7')).toBeUndefined();
  expect(formats('vfio_pci:v1d2sv3sd4bc5sc6i7', 'vfio_pci:v*d2sv3sd4bc5sc6i7')).toHaveLength(2);
  expect(formats('pci:v1d2sv3sd4bc5sc6i7', 'usb:v1')).toBeUndefined();
});

const list = { tag: 'C', name: 'compatible', printed: '%s', between: 'C' };
const plain = { tag: 'v', name: 'vendor', printed: '%08X' };

test.each([
  [plain, '0000*', '00008086', true],
  [plain, '8086', '00008086', false],
  [list, 'vendor,b', 'vendor,aCvendor,b', true],
  [list, 'vendor,a', 'vendor,aCvendor,b', false],
  [list, 'vendor,aC*', 'vendor,aCvendor,b', true],
  [list, 'vendor,a', 'vendor,a', true],
  [list, 'endor,a', 'vendor,a', false],
  [list, '', 'vendor,aC', true],
  [list, 'b', 'Cb', true],
  [list, 'x', '', false],
])(
  'fieldMatches: a list matches from any of its entries on, and only there (%j, %s, %s)',
  (field, pattern, value, yes) => {
    expect(fieldMatches(field, pattern, value)).toBe(yes);
  },
);

test.each([
  ['00008086', true],
  ['8086*', true],
  ['', true],
  ['*', false],
  ['**', false],
  ['80*6', false],
  ['*8086', false],
  ['80?6', false],
  ['80[8]6', false],
  ['8086?*', false],
])('isExact: %j is a single value, a star at the end aside: %j', (value, exact) => {
  expect(isExact(value)).toBe(exact);
});
