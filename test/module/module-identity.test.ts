import { expect, test } from 'vitest';
import { Elf } from '../../src/binary/elf.ts';
import { memorySource } from '../../src/binary/source.ts';
import { modinfoStrings } from '../../src/module/modinfo.ts';
import { moduleIdentity } from '../../src/module/module-identity.ts';
import { elfMachines } from '../support/elf-machines.ts';
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
