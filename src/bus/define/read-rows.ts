import type { Abi } from '../../binary/abi.ts';
import { layoutOf, type StructLayout } from '../../binary/layout.ts';
import type { Reader } from '../../binary/reader.ts';
import { readStruct } from '../../binary/struct.ts';
import { ModaliasError } from '../../errors.ts';
import { compareReleases, formatFirst, formatRelease, OLDEST_RELEASE, type Release } from '../../release.ts';
import type { ByRelease } from '../../release-history.ts';
import type { Bus, Fields, Row } from './bus.ts';

/** The offsets of a row's fields and its size in bytes, on a machine, at a release. */
export function rowLayout(bus: Bus, abi: Abi, release: Release): StructLayout {
  const key = `${bus.name} ${abi.wordSize} ${abi.maxAlign} ${formatRelease(release)}`;
  let layout = layouts.get(key);
  if (!layout) {
    layout = layoutOf(bus.struct, abi, release);
    layouts.set(key, layout);
  }
  return layout;
}

const layouts = new Map<string, StructLayout>();

/** A struct's layout and the first release that has it. */
export interface LayoutPeriod {
  readonly from: Release;
  readonly layout: StructLayout;
}

/** The layouts that a bus's struct has had, oldest first: one for each release whose data differ. */
export function rowLayouts(bus: Bus, abi: Abi): LayoutPeriod[] {
  return changes(bus.struct).map((from) => ({ from, layout: rowLayout(bus, abi, from) }));
}

/** Releases at which something in a struct's data changes, the oldest known first. */
function changes(data: unknown): Release[] {
  const found = new Map([[formatFirst(OLDEST_RELEASE), OLDEST_RELEASE]]);
  JSON.stringify(data, (_key, value) => {
    if (Array.isArray(value) && Array.isArray(value[0]))
      for (const [from] of value as ByRelease<unknown>)
        if (compareReleases(from, OLDEST_RELEASE) > 0) found.set(formatFirst(from), from);
    return value;
  });
  return [...found.values()].sort(compareReleases);
}

/** Most rows of a table; the largest real one has some 5,000. */
const ROW_LIMIT = 1 << 17;

/**
 * The rows of a whole table, terminator excluded. The view holds the table and nothing else; one in .bss is as many
 * zero bytes. A field that the release does not have yet takes the value of one left out. Throws `table-size` unless
 * the size is a multiple of the row's, `table-terminator` unless the last row is all zeros
 * (file2alias.c:device_id_check, do_table), `too-big` for more rows than any driver has.
 */
export function readRows(reader: Reader, bus: Bus, options: { release: Release }): Row[] {
  const { release } = options;
  const layout = rowLayout(bus, reader.abi, release);
  const place = { file: reader.file, offset: reader.base };
  if (reader.size < layout.size || reader.size % layout.size !== 0) {
    throw new ModaliasError(
      'table-size',
      `the ${bus.name} table has ${reader.size} bytes, which is not a multiple of the ${layout.size} bytes of a row in ${formatRelease(release)}; the module was built for another release or machine`,
      place,
    );
  }
  const end = reader.size - layout.size;
  if (end / layout.size > ROW_LIMIT) {
    throw new ModaliasError(
      'too-big',
      `the ${bus.name} table has ${end / layout.size} rows; more than ${ROW_LIMIT} mean a damaged symbol table`,
      place,
    );
  }
  if (!reader.bytes.subarray(end).every((byte) => byte === 0)) {
    throw new ModaliasError(
      'table-terminator',
      `the last row of the ${bus.name} table is not all zeros; the driver's table has no terminator, or its rows have another size`,
      { ...place, offset: reader.base + end },
    );
  }
  const there = new Set(layout.fields.map(({ name }) => name));
  const later = bus.fields.filter(({ name }) => !there.has(name)).map(({ name, value }) => [name, value] as const);
  const rows: Row[] = [];
  for (let at = 0; at < end; at += layout.size) {
    const row = readStruct(reader, at, layout, release);
    for (const [name, value] of later) row[name] = value;
    rows.push(row as Fields as Row);
  }
  return rows;
}
