import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string) => readFileSync(file, 'utf8');
const ids = ['ids/edu_pci.json', 'ids/edu_usb.json'].map((file) => JSON.parse(read(file)));
const devices: { name: string; modalias: string; module: string }[] = JSON.parse(read('devices.json'));

test.each(devices)('$name gets $module', ({ modalias, module }) => {
  expect(ids).toResolve(modalias, module);
});

test('the VGA controller of the same vendor is left to its own driver', () => {
  expect(ids).not.toResolve('pci:v00001234d00001111sv00001AF4sd00001100bc03sc00i00');
});

test('no device of the last release is lost', () => {
  expect(ids).toCover(read('released.alias'));
});

test('the aliases are those that were agreed on', () => {
  expect(ids).toHaveSameAliasesAs(read('aliases.expected'));
});

test('any revision of the gadget is served', () => {
  expect(ids[1]).toMatchModalias('usb:v0525pA4A0d0617dc00dsc00dp00icFFisc00ip00in00');
});
