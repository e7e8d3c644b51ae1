import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ElfMachineName, elfMachines } from './elf-machines.ts';
import { writeElf } from './elf-writer.ts';
import { writeModule } from './module-object.ts';

const names = Object.keys(elfMachines) as ElfMachineName[];
const hasReadelf = spawnSync('readelf', ['--version']).status === 0;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'elf-writer-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readelf(bytes: Uint8Array, ...options: string[]): string {
  const file = path.join(folder, 'object.o');
  writeFileSync(file, bytes);
  return execFileSync('readelf', ['--wide', ...options, file], {
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const machineNames: Partial<Record<ElfMachineName, RegExp>> = {
  amd64: /ELF64.*little endian.*X86-64/s,
  arm64: /ELF64.*little endian.*AArch64/s,
  s390x: /ELF64.*big endian.*S\/390/s,
  ppc64: /ELF64.*big endian.*PowerPC64/s,
  armhf: /ELF32.*little endian.*ARM/s,
  i386: /ELF32.*little endian.*Intel 80386/s,
  mips: /ELF32.*big endian.*MIPS/s,
  m68k: /ELF32.*big endian.*MC68000/s,
};

describe.runIf(hasReadelf)('writeElf, read by readelf', () => {
  test.each(Object.entries(machineNames))('%s: class, byte order and machine', (name, pattern) => {
    const object = writeElf({ machine: elfMachines[name as ElfMachineName], sections: [], symbols: [] });
    expect(readelf(object, '-h')).toMatch(pattern);
  });

  test.each(names)('%s: sections, symbols and a relocated pointer stand where they were put', (name) => {
    const machine = elfMachines[name];
    const object = writeModule({
      machine,
      modinfo: ['license=GPL', 'alias=a*b'],
      tables: [
        { symbol: '__mod_first', content: new Uint8Array(12).fill(7), section: '.data' },
        {
          symbol: '__mod_second',
          content: new Uint8Array(32),
          section: '.data',
          bind: 'local',
          pointers: [{ offset: 8, symbol: 'text', addend: 4 }],
        },
        { symbol: '__mod_zeros', content: { zeros: 48 } },
      ],
      sections: [{ name: '.rodata.str1.1', content: Buffer.from('abc\0def\0') }],
      symbols: [{ name: 'text', section: '.rodata.str1.1', bind: 'local', type: 'object', size: 8 }],
    });
    const sections = readelf(object, '-S');
    expect(sections).toMatch(/\.bss\s+NOBITS\s+0+ [0-9a-f]+ 000030/);
    expect(sections).toMatch(/\.data\s+PROGBITS\s+0+ [0-9a-f]+ 000030/);
    const symbols = readelf(object, '-s');
    expect(symbols).toMatch(/0+:? +12 OBJECT +GLOBAL +DEFAULT +\d+ __mod_first/);
    expect(symbols).toMatch(/0+10 +32 OBJECT +LOCAL +DEFAULT +\d+ __mod_second/);
    expect(symbols).toMatch(/0+ +48 OBJECT +GLOBAL +DEFAULT +\d+ __mod_zeros/);
    expect(readelf(object, '-p', '.modinfo')).toMatch(/license=GPL.*alias=a\*b/s);
    const relocations = readelf(object, '-r');
    expect(relocations).toMatch(machine.rela ? /^0*18 .* text \+ 4$/m : /^0*18 .* text$/m);
    expect(relocations.includes("'.rela.data'")).toBe(machine.rela);
    const addend = machine.abi.littleEndian ? '04000000' : '00000004';
    if (!machine.rela) expect(readelf(object, '-x', '.data')).toContain(addend);
  });
});

describe('writeElf', () => {
  test('refuses a symbol in a section that is not there', () => {
    const symbols = [{ name: 'x', section: '.nowhere' }];
    expect(() => writeElf({ machine: elfMachines.amd64, sections: [], symbols })).toThrow("no '.nowhere'");
  });
});
