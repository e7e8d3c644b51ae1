import type { CType } from '../../src/binary/ctype.ts';
import { layoutOf, sizeOf } from '../../src/binary/layout.ts';
import type { Bus } from '../../src/bus/define/bus.ts';
import { rowLayout } from '../../src/bus/define/read-rows.ts';
import { atRelease } from '../../src/release-history.ts';
import type { Random } from '../support/random.ts';
import { type Machine, type MemoryValue, structBytes } from '../support/struct-writer.ts';
import { rowHints } from './row-hints.ts';

/** Values of a row's fields, as they lie in memory. */
export type MemoryRow = Record<string, MemoryValue>;

/**
 * Bytes of a table of so many random rows, but for those to leave out, and its terminator; now and then a row is an
 * earlier one again.
 */
export function randomTable(
  bus: Bus,
  rows: number,
  machine: Machine,
  random: Random,
  leaveOut: (row: MemoryRow) => boolean = () => false,
): Uint8Array {
  const layout = rowLayout(bus, machine.abi, machine.release);
  const table = new Uint8Array((rows + 1) * layout.size);
  for (let i = 0; i < rows; i++) {
    const again = i > 0 && random.oneIn(20) ? random.below(i) : undefined;
    const bytes =
      again === undefined
        ? structBytes(layout, fittingRow(bus, machine, random, leaveOut), machine)
        : table.slice(again * layout.size, (again + 1) * layout.size);
    table.set(bytes, i * layout.size);
  }
  return table;
}

function fittingRow(bus: Bus, machine: Machine, random: Random, leaveOut: (row: MemoryRow) => boolean): MemoryRow {
  for (;;) {
    const row = randomRow(bus, machine, random);
    if (!leaveOut(row)) return row;
  }
}

/**
 * A row of values that reach the corners: zero, all ones, the bus's any values, single bits, full-length strings,
 * whatever its hints add.
 */
export function randomRow(bus: Bus, machine: Machine, random: Random): MemoryRow {
  const hints = rowHints[bus.name];
  const row: MemoryRow = {};
  for (const { name, type } of rowLayout(bus, machine.abi, machine.release).fields) {
    const hint = hints?.fields?.[name];
    const any = bus.any[name];
    if (hint) row[name] = hint(random, machine);
    else if (any !== undefined && type.kind === 'int' && random.oneIn(4)) row[name] = any as number;
    else row[name] = randomValue(type, machine, random);
  }
  if (bus.flags) row[bus.flags.field] = randomFlags(bus, random);
  hints?.row?.(row, random, machine);
  return row;
}

function randomValue(type: CType, machine: Machine, random: Random): MemoryValue {
  switch (type.kind) {
    case 'int':
      return randomInt(type.bytes * 8, random);
    case 'ulong':
      return randomInt(32, random);
    case 'bits':
      return random.below(2 ** type.width);
    case 'chars':
      return randomText((atRelease(type.length, machine.release) ?? 1) - 1, random);
    case 'guid':
      return random.oneIn(20) ? new Uint8Array(16).fill(random.pick([0, 0xff])) : random.bytes(16);
    case 'bitmap':
      return randomBits(atRelease(type.max, machine.release) ?? 0, random);
    case 'array':
      return Array.from({ length: type.length }, () => randomValue(type.of, machine, random));
    case 'struct': {
      const { fields } = layoutOf(type.fields, machine.abi, machine.release);
      return Object.fromEntries(fields.map((f) => [f.name, randomValue(f.type, machine, random)]));
    }
    case 'pointer':
    case 'unread':
      return random.bytes(sizeOf(type, machine.abi, machine.release).size);
  }
}

/** A number of so many bits: often 0, all ones, small, one bit or one byte of it, else anything. */
export function randomInt(bits: number, random: Random): number {
  const all = 2 ** bits - 1;
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return all;
    case 2:
      return random.below(Math.min(16, all + 1));
    case 3:
      return 2 ** random.below(bits);
    case 4:
      return random.below(256) * 256 ** random.below(bits / 8);
    default:
      return random.next() % (all + 1);
  }
}

/** Flags in all combinations: none, all that are known, any of them, bits that nobody knows too. */
function randomFlags(bus: Bus, random: Random): number {
  const known = Object.values(bus.flags?.bits ?? {})
    .flat()
    .reduce((a, b) => a | b, 0);
  switch (random.below(6)) {
    case 0:
      return known;
    case 1:
      return 0;
    case 2:
      return random.next() % 0x10000;
    default:
      return random.next() & known;
  }
}

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const USUAL = `${PLAIN}-_,.:+/ `;
/** Everything that fits into a line of its own: control characters and bytes above 0x7f as well. */
const ODD = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1))
  .filter((c) => c !== '\n' && c !== '\r')
  .join('');

/** Text of at most `most` characters, of boundary lengths more often than by chance, of plain characters or of any. */
export function randomText(most: number, random: Random, alphabet?: string): string {
  const length = random.pick([
    0,
    1,
    most,
    most - 1,
    random.below(most + 1),
    random.below(most + 1),
    random.below(most + 1),
  ]);
  const letters = alphabet ?? random.pick([PLAIN, USUAL, USUAL, ODD]);
  return Array.from({ length: Math.max(0, length) }, () => random.pick(letters)).join('');
}

/** Bit numbers from 0 to `max`: few, for a word of an alias is spent on each. */
export function randomBits(max: number, random: Random): number[] {
  const count = random.pick([0, 0, 0, 1, 1, 2, 3, 6]);
  const bits = Array.from({ length: count }, () => (random.oneIn(8) ? max : random.below(max + 1)));
  return [...new Set(bits)].sort((a, b) => a - b);
}
