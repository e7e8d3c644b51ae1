import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultsOf, incomplete } from '../../src/explain/incomplete.ts';
import { openAliasIndex, parseAliases } from '../../src/lookup/load.ts';
import { explanationText } from '../../src/report/explanation-text.ts';

const tags = (key: string) => {
  const found = incomplete(key);
  return found && [found.fields.map(({ field, value }) => field.tag + value), found.missing.map(({ tag }) => tag)];
};

test.each([
  ['pci:v00008086d000010D3', ['v00008086', 'd000010D3'], ['sv', 'sd', 'bc', 'sc', 'i']],
  ['pci:v00008086d0000', ['v00008086', 'd0000'], ['sv', 'sd', 'bc', 'sc', 'i']],
  ['pci:v00008086sd00000001i00', ['v00008086', 'sd00000001', 'i00'], ['d', 'sv', 'bc', 'sc']],
  ['vfio_pci:', [], ['v', 'd', 'sv', 'sd', 'bc', 'sc', 'i']],
  ['usb:v046DpC52Bdc00', ['v046D', 'pC52B', 'dc00'], ['d', 'dsc', 'dp', 'ic', 'isc', 'ip', 'in']],
  ['of:NethernetT(null)', ['Nethernet', 'T(null)'], ['C']],
  ['tbsvc:knetworkp00000001', ['knetwork', 'p00000001'], ['v', 'r']],
  ['fsl_mc:v00001957', ['v00001957'], ['d']],
  ['pci:none', [], ['v', 'd', 'sv', 'sd', 'bc', 'sc', 'i']],
  ['of:NfooT', ['Nfoo', 'T'], ['C']],
  ['cpu:type:x86', ['type:x86'], [':feature:']],
  ['spi:', [], ['']],
  ['acpi:', [], ['']],
  ['acpi:PNP0A03', ['PNP0A03'], [':']],
  ['dmi:bvnX', ['bvnX'], [':']],
  ['dmi:x', [], ['bvn']],
])('incomplete takes %s apart as far as it goes', (key, fields, missing) => {
  expect(tags(key)).toEqual([fields, missing]);
});

test.each([
  ['pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i', ['i']],
  ['pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc0i00', ['sc']],
  ['pci:v00008086d000010d3sv00008086sd0000A01Fbc02sc00i00', ['d']],
  ['pci:vZZZZ', ['v']],
  ['pci:v0000808d6x', ['v', 'd']],
  ['input:b0003v', ['v']],
  ['mdio:0101', ['']],
  ['mcb:16zA', ['16z']],
  ['scsi:t_0x', ['t_']],
  ['mei:name:55213584_9a29:01:', [':']],
  ['i3c:dcr00manuf0104part006C', []],
])('incomplete says which values of %s no device prints', (key, tags) => {
  expect(incomplete(key)?.wrong.map(({ field }) => field.tag)).toEqual(tags);
});

test.each([
  [
    'pci:v00008086d',
    'is truncated or miswritten; device (d) has no value, expected 8 upper-case hexadecimal digits; it lacks subsystem',
  ],
  [
    'virtio:d00000001v0001AF4',
    "is truncated or miswritten; vendor (v) is '0001AF4', expected 8 upper-case hexadecimal digits",
  ],
  ['of:NfooT', 'is truncated; it lacks compatible (C)'],
  ['ulpi:v0451pABCD', "is truncated or miswritten; product (p) is 'ABCD', expected 4 lower-case hexadecimal digits"],
  ['mcb:16z01', "is truncated or miswritten; device (16z) is '01', expected 3 decimal digits"],
  ['slim:217:x:1', "is truncated or miswritten; product (:) is 'x', expected lower-case hexadecimal digits"],
  ['acpi:PNP0A03', 'is truncated; it lacks colon at the end (:)'],
  ['virtio:none', 'has none of the fields of its bus: device (d), vendor (v)'],
  ['spi:', 'has no name after its colon'],
])('faultsOf says of %s: %s', (key, words) => {
  expect(faultsOf(incomplete(key)!)).toContain(words);
});

test('explain says that no bus has a name, unless a pattern begins with it', () => {
  const index = parseAliases('alias own:x* mine\n');
  expect(index.explain('foo:bar')).toMatchObject({ unknownBus: 'foo' });
  expect(index.explain('foo:bar')).not.toHaveProperty('builtinPossible');
  for (const key of ['own:y', 'own:x1', 'xen-backend:vbd', 'vfio_pci:', 'symbol:x', 'e1000e', '0000:00:03.0'])
    expect(index.explain(key)).not.toHaveProperty('unknownBus');
  expect(explanationText(index.explain('pcii:v'), new Map())).toContain(
    "No known bus has modaliases that begin with 'pcii:'; did you mean 'pci'?",
  );
});

test.each([
  'nvme',
  'none:v0',
  'dmi:bvnX:',
  'virtio:d00000001v00001AF4',
  'acpi:PNP0A03:PNP0A08:',
  'ccw:t3990mE9dtdm',
  'i3c:dcr00manuf0104',
  'i3c:dcr00manuf0104part006Cext0000',
  'typec:idFF01',
  'pci:v00008086d*sv*sd*bc02sc??i[0-9]*',
  'of:NethernetT(null)Cfsl,imx6q_fecCfsl,imx25_fec',
  'mei:name:55213584_9a29_4916_badf_0fb7ed682aeb:01:',
  'ishtp:{33AECD58_B679_4E54_9BD9_A04D34F0C226}',
])('incomplete leaves %s alone', (key) => {
  expect(incomplete(key)).toBeUndefined();
});

test('explain names the fields that a modalias lacks, and what would match whatever they are', () => {
  const text = [
    'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e',
    'alias pci:v00008086d000010D3sv*sd*bc02sc*i* only_nics',
    'alias pci:v00008086d*sv*sd*bc*sc*i* any_intel',
    '',
  ].join('\n');
  const explanation = parseAliases(text).explain('pci:v00008086d000010D3');
  expect(explanation).toMatchObject({ title: 'PCI device', candidates: [], missing: [{ tag: 'sv' }, {}, {}, {}, {}] });
  expect(explanation.regardless?.map((m) => m.module)).toEqual(['e1000e', 'any_intel']);
  expect(explanation.nearest.map((m) => m.module)).toEqual(['only_nics']);
  const shown = explanationText(explanation, new Map());
  expect(shown).toMatch(/missing: subsystem vendor \(sv\), subsystem device \(sd\)/);
  expect(shown).toContain('differs: class is missing, expected 02');
  expect(parseAliases(text).explain(`pci:v00008086d000010D3sv0sd0bc0sc0i0`)).not.toHaveProperty('missing');
});

test('explain says that a built-in driver may serve a device where the kernel does not record their tables', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-explain-'));
  const explained = (modinfo: string, key: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'modules.alias'), '');
    writeFileSync(join(folder, 'modules.builtin.modinfo'), modinfo);
    return openAliasIndex(folder).explain(key);
  };
  const key = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
  const old = 'cxl.alias=cxl:t1*\0ext4.alias=fs-ext4\0';
  expect(explained(old, key)).toHaveProperty('builtinPossible', true);
  expect(explanationText(explained(old, key), new Map())).toContain('A driver built into the kernel may serve');
  expect(explained(old, 'symbol:x')).not.toHaveProperty('builtinPossible');
  expect(explained(old, 'e1000e')).not.toHaveProperty('builtinPossible');
  const byHand = `a.alias=${key.replace('10D3', '10D4')}\0b.alias=foo*\0`;
  expect(explained(byHand, key)).toHaveProperty('builtinPossible', true);
  const recorded = 'evdev.alias=input:b*v*p*e*-e*1,*k*r*a*m*l*s*f*w*\0';
  expect(explained(recorded, key)).not.toHaveProperty('builtinPossible');
  expect(parseAliases('').explain(key)).toHaveProperty('builtinPossible', true);
  rmSync(folder, { recursive: true });
});

test('explanationText says what is unknown of a module', () => {
  const text = explanationText(parseAliases('alias a* b\n').explain('ax'), new Map());
  expect(text).toContain('b  (not known to be loadable or built in: not in modules.dep)');
});

test('faultsOf shows the first 40 characters of a value', () => {
  expect(faultsOf(incomplete(`ulpi:v0451p${'z'.repeat(50)}`)!)).toContain(
    `product (p) is '${'z'.repeat(40)}', expected`,
  );
});

test('incomplete reads a modalias in the first of the forms of its bus that fit it equally well', () => {
  const found = incomplete('i3c:dcr01manufZpartZextZ')!;
  expect(found.wrong.map(({ field, value }) => field.tag + value)).toEqual(['manufZ', 'partZ', 'extZ']);
});
