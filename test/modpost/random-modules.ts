import { generateAliases } from '../../src/alias/generate.ts';
import { Reader } from '../../src/binary/reader.ts';
import type { Bus } from '../../src/bus/define/bus.ts';
import { readRows } from '../../src/bus/define/read-rows.ts';
import type { Release } from '../../src/release.ts';
import type { ElfMachine } from '../support/elf-machines.ts';
import { writeModule } from '../support/module-object.ts';
import { Random } from '../support/random.ts';
import { before } from '../support/releases.ts';
import { tableSymbol } from '../support/table-symbol.ts';
import { type MemoryRow, randomTable } from './random-rows.ts';

/** The machine and the release that a module is made for. */
export interface Target {
  readonly machine: ElfMachine;
  readonly release: Release;
}

/** A table as it lies in a module's memory. */
export interface TableBytes {
  readonly bus: Bus;
  readonly bytes: Uint8Array;
}

/** Tables of one bus for many modules, with so many rows altogether: empty ones, long ones, several in a module. */
export function randomModules(
  bus: Bus,
  rows: number,
  target: Target,
  seed: number,
  leaveOut?: (row: MemoryRow) => boolean,
): TableBytes[][] {
  const random = new Random(seed);
  const machine = { abi: target.machine.abi, release: target.release };
  const modules: TableBytes[][] = [];
  for (let left = rows; left > 0; ) {
    const tables = Array.from({ length: random.oneIn(4) ? 2 : 1 }, () => {
      const count = Math.min(left, random.pick([0, 1, 2, random.below(40), random.below(400), random.below(400)]));
      left -= count;
      return { bus, bytes: randomTable(bus, count, machine, random, leaveOut) };
    });
    modules.push(tables);
  }
  return modules;
}

/** The relocatable object that modpost gets. Empty tables lie in .bss, as the compiler puts them there. */
export function moduleObject(name: string, tables: readonly TableBytes[], { machine, release }: Target): Uint8Array {
  return writeModule({
    machine,
    name,
    tables: tables.map(({ bus, bytes }, i) => ({
      symbol: tableSymbol(release, name, bus.name, `ids_${i}`),
      content: bytes.some((b) => b !== 0) ? bytes : { zeros: bytes.length },
      bind: before(release, '6.13') ? 'global' : 'local',
    })),
  });
}

/** The object of a module with a table of one byte, of a type that we may not know. */
export function typeObject(name: string, type: string, { machine, release }: Target): Uint8Array {
  const bind = before(release, '6.13') ? 'global' : 'local';
  const content = Uint8Array.of(1);
  return writeModule({ machine, name, tables: [{ symbol: tableSymbol(release, name, type, 'ids'), content, bind }] });
}

/** Our aliases of the same tables, in order. */
export function ourAliases(tables: readonly TableBytes[], { machine, release }: Target): string[] {
  const read = tables.map(({ bus, bytes }, i) => ({
    bus,
    name: `ids_${i}`,
    rows: readRows(new Reader(bytes, machine.abi, 'random'), bus, { release }),
  }));
  return generateAliases(read, { release }).aliases.map(({ alias }) => alias);
}
