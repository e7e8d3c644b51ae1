import { expect, test } from 'vitest';
import { DEVICE_FORMATS } from '../../../src/bus/buses.ts';
import { unprintable } from '../../../src/packaging/lint/device-language.ts';
import { randomFrom } from '../../support/random.ts';

test.each([
  ['pci:v00008086d1533sv*sd*bc*sc*i*', "device (d): found '1533', expected 8 upper-case hexadecimal digits"],
  ['vfio_pci:v00008086d1533sv*sd*bc*sc*i*', "device (d): found '1533', expected 8 upper-case hexadecimal digits"],
  ['pci:v00008086d0000abcdsv*sd*bc*sc*i*', "device (d): found '0000abcd', expected 8 upper-case hexadecimal digits"],
  ['usb:v0763p1031d010dc*dsc*dp*ic*isc*ip*in*', "device release (d): found '010', expected 4 upper-case"],
  ['acpi*:ACME0001', "found no ':' at the end"],
  ['pci_pci:v00008086d00001533sv*sd*bc*sc*i*', 'expected a pattern of pci:v%08Xd%08X'],
  ['pci:acme', 'expected a pattern of pci:v%08Xd%08X'],
  ['mdio:0101', "PHY id: found '0101', expected 32 binary digits"],
  ['vmbus:635161F83EDFC546913FF2D2F965ED0E', 'expected 32 lower-case hexadecimal digits'],
  ['vmbus:635161f83edfc546913ff2d2f965ed0', 'expected 32 lower-case hexadecimal digits'],
  ['wmi:59142400-C6A3-40fa-BADB-8A2652834100', 'expected a GUID in upper-case hexadecimal digits'],
  ['tee:AB7A617C-B8E7-4D8F-8301-D09B61036B64*', 'uuid: found'],
  ['ishtp:{33aecd58-b679-4e54-9bd9-a04d34f0c226}', 'expected a GUID in upper-case hexadecimal digits'],
  ['ishtp:33AECD58-B679-4E54-9BD9-A04D34F0C226', 'expected a pattern of ishtp:{%pUL'],
  ['ulpi:v04CCp*', 'lower-case hexadecimal'],
  ['scsi:t-0x1', '0x and 2 lower-case hexadecimal digits'],
])('unprintable: says of %s that %s', (alias, reason) => {
  expect(unprintable(alias)).toContain(reason);
});

test.each([
  ['pci:v00008086d0000153[3-6]sv*sd*bc*sc*i*'],
  ['pci:v00008086d*'],
  ['usb:v0763p1031d010[0-9]dc*dsc*dp*ic*isc*ip*in*'],
  ['usb:v0763*'],
  ['scsi:t-0x00*'],
  ['acpi*:PNP0C0A:*'],
  ['acpi:VMBus:'],
  ['of:N*T*Cacme,led'],
  ['of:N*T*Cacme,ledC*'],
  ['of:N*T*Cacme,my-led'],
  ['dmi*:svnACME*:'],
  ['cpu:type:x86,ven*fam*mod*:feature:*0099*'],
  ['fsl-mc:v00001957ddprc'],
  ['vmbus:635161f83edfc546913ff2d2f965ed0e'],
  ['wmi:59142400-C6A3-40FA-BADB-8A2652834100'],
  ['wmi:59142400-*'],
  ['tee:ab7a617c-b8e7-4d8f-8301-d09b61036b64*'],
  ['ishtp:{33AECD58-B679-4E54-9BD9-A04D34F0C226}'],
  ['platform:acme led'],
  ['crypto-aes'],
  ['acme:v1'],
  ['pci:v[['],
])('unprintable: has nothing to say of %s', (alias) => {
  expect(unprintable(alias)).toBeUndefined();
});

test('unprintable: knows a device of each regular bus', () => {
  expect(DEVICE_FORMATS.filter(({ bus }) => unprintable(`${bus}:*`) !== undefined)).toEqual([]);
});

const regular = DEVICE_FORMATS.filter(
  ({ fields, parts, after }) =>
    parts === undefined &&
    after === undefined &&
    fields.every(({ printed, optional }) => !optional && /^%0?[1-9]X$/.test(printed)),
);
const digits = ({ printed }: (typeof regular)[number]['fields'][number]) => Number(/\d+/.exec(printed)![0]);

test('unprintable: has nothing to say of fields that are * or whole, whichever', () => {
  expect(regular.length).toBeGreaterThan(10);
  for (const { bus, fields, ends = '' } of regular)
    for (let which = 0; which < 2 ** Math.min(fields.length, 5); which++) {
      const values = fields.map((field, i) => field.tag + (which & (1 << (i % 5)) ? 'A'.repeat(digits(field)) : '*'));
      for (const end of [ends, '*']) expect(unprintable(`${bus}:${values.join('')}${end}`)).toBeUndefined();
    }
});

test('unprintable: says of each field that a digit too few or too many, or a small one, is not printed', () => {
  for (const { bus, fields, ends = '' } of regular)
    for (const changed of fields)
      for (const value of [
        'A'.repeat(digits(changed) - 1),
        'A'.repeat(digits(changed) + 1),
        'a'.repeat(digits(changed)),
      ]) {
        const values = fields.map((field) => field.tag + (field === changed ? value : 'A'.repeat(digits(field))));
        expect([bus, value, unprintable(`${bus}:${values.join('')}${ends}`)]).not.toContain(undefined);
      }
});

test('unprintable: says the same of a letter and of the bracket that holds it alone', () => {
  const { below, pick } = randomFrom(41);
  const starts = ['of:N', 'acpi*:', 'dmi*:', 'dmi:', 'cpu:type:', 'pnp:d', 'eisa:s', 'vio:T', 'of:', 'acpi:'];
  const parts = ['*', '*', 'T', 'C', 'S', ':', ':feature:', 'x', 'acme,led', '0099', '?', 'd', 'bvn'];
  const verdicts = new Set<boolean>();
  for (let round = 0; round < 20_000; round++) {
    const text = `${pick(starts)}*${Array.from({ length: below(7) }, () => pick(parts)).join('')}`;
    const places = [...text.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index).filter((at) => at > text.indexOf('*'));
    if (places.length === 0) continue;
    const at = pick(places);
    const verdict = unprintable(text) === undefined;
    verdicts.add(verdict);
    const bracketed = `${text.slice(0, at)}[${text[at]}]${text.slice(at + 1)}`;
    expect([text, unprintable(bracketed) === undefined]).toEqual([text, verdict]);
  }
  expect(verdicts.size).toBe(2);
});

test('unprintable: ends soon on long text in which a field is missing', () => {
  const long = (unit: string) => unit.repeat(4000 / unit.length);
  for (const text of [`of:N${long('T')}`, `of:N${long('TC')}[`, `of:N${long('NT')}?`, `cpu:type:${long(':feature')}`])
    for (let round = 0; round < 500; round++) unprintable(text + round);
});
