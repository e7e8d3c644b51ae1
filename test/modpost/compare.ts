import { busNamed } from '../../src/bus/buses.ts';
import { type Bus, isKnown } from '../../src/bus/define/bus.ts';
import { rowLayout } from '../../src/bus/define/read-rows.ts';
import type { Release } from '../../src/release.ts';
import { structBytes } from '../support/struct-writer.ts';
import type { Fault, ModpostBuild } from './faults.ts';
import { faults } from './faults.ts';
import type { TableBytes, Target } from './random-modules.ts';
import type { MemoryRow } from './random-rows.ts';

/** Whether a build of modpost is asked about a table type at all: not where a fault spoils every row. */
export function isCompared(bus: Bus, build: ModpostBuild): boolean {
  return !faultsOf(bus, build).some((fault) => !fault.excludes);
}

/**
 * The release whose layout a table has that a build is asked about: its own, or the first to have aliases of the type.
 */
export function layoutRelease(bus: Bus, { release }: ModpostBuild): Release {
  return isKnown(bus, release) ? release : bus.since[0]![0];
}

/** Rows that random tables of a type leave out for a build of modpost. */
export function leftOut(bus: Bus, build: ModpostBuild): (row: MemoryRow) => boolean {
  const own = faultsOf(bus, build);
  return (row) => own.some((fault) => fault.excludes?.(row));
}

const faultsOf = (bus: Bus, build: ModpostBuild) => faults.filter((fault) => fault.bus === bus.name && fault.in(build));

/** The table of one row that shows a fault. */
export function faultTable(fault: Fault, { machine, release }: Target): TableBytes {
  const bus = busNamed(fault.bus)!;
  const layout = rowLayout(bus, machine.abi, release);
  const bytes = new Uint8Array(2 * layout.size);
  bytes.set(structBytes(layout, fault.shownBy, { abi: machine.abi, release }));
  return { bus, bytes };
}
