import type { StructLayout } from '../binary/layout.ts';
import type { Reader } from '../binary/reader.ts';
import type { Bus } from '../bus/define/bus.ts';
import { rowLayout, rowLayouts } from '../bus/define/read-rows.ts';
import { compareReleases, formatFirst, type Release } from '../release.ts';

/**
 * Whether a table can be an array of such structs: its size is a multiple, the last struct is all zeros, and so is the
 * padding, which the compiler zeroes in static data.
 */
export function fits(bytes: Reader, layout: StructLayout): boolean {
  const { size } = layout;
  if (bytes.size < size || bytes.size % size !== 0) return false;
  const holes = holesOf(layout);
  const end = bytes.size - size;
  for (let at = end; at < bytes.size; at++) if (bytes.bytes[at] !== 0) return false;
  for (let row = 0; row < end; row += size) for (const hole of holes) if (bytes.bytes[row + hole] !== 0) return false;
  return true;
}

/** Offsets of the bytes of a struct that belong to no field. */
function holesOf({ fields, size }: StructLayout): number[] {
  const holes: number[] = [];
  let end = 0;
  for (const field of fields) {
    for (; end < field.offset; end++) holes.push(end);
    end = field.offset + field.size;
  }
  for (; end < size; end++) holes.push(end);
  return holes;
}

/**
 * The releases, one for each of the struct's layouts, whose layout a table fits: only `own` if its layout fits, else
 * those that the symbol's spelling allows, else any. `own` is undefined if not known.
 */
export function fittingReleases(
  bytes: Reader,
  bus: Bus,
  spelling: { readonly from: Release; readonly until: Release | undefined },
  own: Release | undefined,
): Release[] {
  if (own !== undefined && fits(bytes, rowLayout(bus, bytes.abi, own))) return [own];
  const periods = rowLayouts(bus, bytes.abi);
  const fitting = periods.filter(({ layout }) => fits(bytes, layout));
  const inBounds = fitting.filter(({ from }) => {
    const next = periods.find((period) => compareReleases(period.from, from) > 0)?.from;
    const begins = spelling.until === undefined || compareReleases(from, spelling.until) < 0;
    return begins && (next === undefined || compareReleases(next, spelling.from) > 0);
  });
  return (inBounds.length > 0 ? inBounds : fitting).map(({ from }) => from);
}

/** The sizes that a row of the bus has had on this machine type: `24 bytes from 5.10, 28 from 7.1`. */
export function knownSizes(bytes: Reader, bus: Bus): string {
  const sizes = rowLayouts(bus, bytes.abi).map(({ from, layout }) => ({ from, size: layout.size }));
  return sizes
    .filter(({ size }, i) => size !== sizes[i - 1]?.size)
    .map(({ from, size }) => `${size} from ${formatFirst(from)}`)
    .join(', ');
}
