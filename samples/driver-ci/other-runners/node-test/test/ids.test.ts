import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  assertCovers,
  assertMatchesModalias,
  assertNotResolves,
  assertResolves,
  assertSameAliases,
} from 'modalias/assert';

const read = (file: string) => readFileSync(file, 'utf8');
const ids = ['ids/edu_pci.json', 'ids/edu_usb.json'].map((file) => JSON.parse(read(file)));
const devices: { name: string; modalias: string; module: string }[] = JSON.parse(read('devices.json'));

for (const { name, modalias, module } of devices)
  test(`${name} gets ${module}`, () => {
    assertResolves(ids, modalias, module);
  });

test('the VGA controller of the same vendor is left to its own driver', () => {
  assertNotResolves(ids, 'pci:v00001234d00001111sv00001AF4sd00001100bc03sc00i00');
});

test('no device of the last release is lost', () => {
  assertCovers(ids, read('released.alias'));
});

test('the aliases are those that were agreed on', () => {
  assertSameAliases(ids, read('aliases.expected'));
});

test('any revision of the gadget is served', () => {
  assertMatchesModalias(ids[1], 'usb:v0525pA4A0d0617dc00dsc00dp00icFFisc00ip00in00');
});
