import { busNamed } from '../bus/buses.ts';
import type { IdTable, Row } from '../bus/define/bus.ts';
import { ModaliasError } from '../errors.ts';
import { knownRelease, NEWEST_RELEASE, type Release } from '../release.ts';
import { checkValue, type ProblemSink, refuseArray } from './check.ts';
import { readRow } from './complete-row.ts';
import { moduleFrame, tableFrame } from './module-schema.ts';
import type { ModuleTables } from './module-tables.ts';
import { parseKeyNumber } from './number.ts';
import type { ValueOptions } from './row-values.ts';
import { type Path, toPointer } from './syntax.ts';

/** Begins a table; receives its rows, with their indices, as they are read, so that they need not be kept. */
export type RowTaker = (
  table: Omit<IdTable, 'rows'>,
  index: number,
  options: ValueOptions,
) => (row: Row, index: number) => void;

/**
 * A parsed JSON value as a module object with its defaults; undefined if there were errors. All problems go
 * to the sink, not just the first. `release` overrides the object's own `kernel`. Rows given to `take` are not in the
 * tables, and are given whatever follows them.
 */
export function validateModule(
  value: unknown,
  release: Release | undefined,
  sink: ProblemSink,
  take?: RowTaker,
): ModuleTables | undefined {
  let failed = false;
  const errors: ProblemSink = {
    get full() {
      return sink.full;
    },
    add: (problem) => {
      failed ||= problem.severity === 'error';
      sink.add(problem);
    },
  };
  checkValue(moduleFrame, value, [], errors);
  const object = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(object.overridePrefixes)) refuseArray(['overridePrefixes'], errors);
  const module = typeof object.module === 'string' ? object.module : '';
  const rules = release ?? releaseOf(object.kernel, errors);
  const prefixes = overridePrefixesOf(object.overridePrefixes, errors);
  const tables: IdTable[] = [];
  for (const [i, table] of arrayOf(object.tables).entries()) {
    if (errors.full) break;
    const read = readTable(table, i, { release: rules, overridePrefixes: prefixes }, errors, take);
    if (read) tables.push(read);
  }
  if (failed) return undefined;
  return { module, release: rules, overridePrefixes: prefixes, tables, aliases: arrayOf(object.aliases) as string[] };
}

function readTable(
  value: unknown,
  index: number,
  options: ValueOptions,
  sink: ProblemSink,
  take: RowTaker | undefined,
): IdTable | undefined {
  const path: Path = ['tables', index];
  checkValue(tableFrame, value, path, sink);
  const table = (value ?? {}) as Record<string, unknown>;
  const bus = typeof table.bus === 'string' ? busNamed(table.bus) : undefined;
  if (!bus) return undefined;
  const name = typeof table.name === 'string' ? table.name : `#${index}`;
  const rows: Row[] = [];
  const keep = take?.({ bus, name }, index, options) ?? ((row: Row) => rows.push(row));
  const json = arrayOf(table.rows) as unknown[];
  for (let i = 0; i < json.length && !sink.full; i++) {
    const row = readRow(bus, json[i], options, [...path, 'rows', i], sink);
    if (row) keep(row, i);
    // In a table of a million rows both kinds would be kept.
    json[i] = null;
  }
  return { bus, name, rows };
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Prefixes by flag. A flag that is spelled in two ways ("2", "0x2") is reported. */
function overridePrefixesOf(value: unknown, sink: ProblemSink): ReadonlyMap<number, string> {
  const prefixes = new Map<number, string>();
  for (const [text, word] of typeof value === 'object' && value !== null ? Object.entries(value) : []) {
    const flag = parseKeyNumber(text);
    if (flag === undefined) continue;
    if (prefixes.has(flag)) {
      const message = `found a second prefix for flag ${flag}, expected one`;
      sink.add({ code: 'bad-value', severity: 'error', pointer: toPointer(['overridePrefixes', text]), message });
    }
    prefixes.set(flag, String(word));
  }
  return prefixes;
}

/** The release that an object's `kernel` names; the newest known if it names none. */
function releaseOf(kernel: unknown, sink: ProblemSink): Release {
  if (typeof kernel !== 'string') return NEWEST_RELEASE;
  try {
    return knownRelease(kernel, (message) =>
      sink.add({ code: 'newer-release', severity: 'warning', pointer: '/kernel', message }),
    );
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    sink.add({ ...error.problems[0]!, pointer: '/kernel' });
    return NEWEST_RELEASE;
  }
}
