import { expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { Reader } from '../../src/binary/reader.ts';
import { busNamed } from '../../src/bus/buses.ts';
import { readRows, rowLayout } from '../../src/bus/define/read-rows.ts';
import { parseRelease } from '../../src/release.ts';
import { elfMachines } from '../support/elf-machines.ts';
import { type MemoryValue, structBytes } from '../support/struct-writer.ts';

/** Aliases of a table with one row that lies in memory as a 5.10 kernel for amd64 has it. */
function aliasesOf(busName: string, row: Record<string, MemoryValue>): string[] {
  const bus = busNamed(busName)!;
  const machine = { abi: elfMachines.amd64.abi, release: parseRelease('5.10') };
  const layout = rowLayout(bus, machine.abi, machine.release);
  const table = new Uint8Array(2 * layout.size);
  table.set(structBytes(layout, row, machine));
  const rows = readRows(new Reader(table, machine.abi, 'test.ko'), bus, machine);
  return generateAliases([{ bus, name: 'ids', rows }], machine).aliases.map(({ alias }) => alias);
}

test('readRows gives a field that the release does not have yet the value of one left out', () => {
  const row = { vendor: 0x8086, device: 0x10d3, subvendor: 0xffffffff, subdevice: 0xffffffff };
  expect(aliasesOf('pci', row)).toEqual(['pci:v00008086d000010D3sv*sd*bc*sc*i*']);
});

test('generateAliases prints the highest bit of an input bitmap in 5.10 too, as its stable releases do', () => {
  expect(aliasesOf('input', { flags: 0x1040, relbit: [0, 0x0f], swbit: [0x10] })).toEqual([
    'input:b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*10,*',
  ]);
});
