import { expect, test } from 'vitest';
import { Elf } from '../../src/binary/elf.ts';
import { memorySource } from '../../src/binary/source.ts';
import { modinfoStrings } from '../../src/module/modinfo.ts';
import { moduleIdentity } from '../../src/module/module-identity.ts';
import { elfMachines } from '../support/elf-machines.ts';
import { writeElf } from '../support/elf-writer.ts';
import { writeModule } from '../support/module-object.ts';

const elfOf = (modinfo: readonly string[], name?: string) =>
  new Elf(
    memorySource(writeModule({ machine: elfMachines.amd64, modinfo, ...(name === undefined ? {} : { name }) }), 'm.ko'),
  );
const identity = (modinfo: readonly string[], name?: string) => {
  const elf = elfOf(modinfo, name);
  return moduleIdentity(elf, modinfoStrings(elf));
};

test('moduleIdentity reads names, the first word of vermagic, and intree=Y', () => {
  expect(identity(['name=a', 'vermagic=6.12.1 SMP', 'intree=Y'], 'b')).toEqual({
    ...{ modinfoName: 'a', structName: 'b' },
    ...{ release: '6.12.1', intree: true },
  });
  expect(identity(['intree=N'], '')).toEqual({
    ...{ modinfoName: undefined, structName: undefined },
    ...{ release: undefined, intree: false },
  });
});

test('modinfoStrings takes a section of one byte for none, as libkmod does', () => {
  expect([modinfoStrings(elfOf([''])), modinfoStrings(elfOf(['a']))]).toEqual(['', 'a\0']);
});

test('moduleIdentity takes the first text of the first 256 bytes of struct module for its name, if it can be one', () => {
  const structName = (...texts: readonly [at: number, text: string][]) => {
    const content = Buffer.alloc(600);
    for (const [at, text] of texts) content.write(text, at, 'latin1');
    const sections = [{ name: '.gnu.linkonce.this_module', content }];
    const bytes = writeElf({ machine: elfMachines.amd64, sections, symbols: [] });
    return moduleIdentity(new Elf(memorySource(bytes, 'm.ko')), '').structName;
  };
  expect(structName([24, 'first'], [80, 'other'])).toBe('first');
  expect(structName([12, 'first'])).toBe('first');
  expect(structName([255, 'x'])).toBe('x');
  expect(structName([254, 'abc'])).toBe('ab');
  expect(structName([256, 'late'])).toBeUndefined();
  expect(structName([24, 'two words'])).toBeUndefined();
  expect(structName([24, 'caf\xe9'])).toBeUndefined();
});
