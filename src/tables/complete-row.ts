import { needObject } from '../arguments.ts';
import type { CValue } from '../binary/ctype.ts';
import { type Bus, isKnown, type Row, type RowField } from '../bus/define/bus.ts';
import type { Code } from '../codes.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { compareReleases, formatFirst, formatRelease, type Release, toRelease } from '../release.ts';
import { checkValue, type ProblemSink } from './check.ts';
import { rowSchemaOf } from './module-schema.ts';
import { readForm, type ValueOptions, writeForm } from './row-values.ts';
import { type Path, toPointer } from './syntax.ts';

export interface RowOptions {
  /** The kernel whose limits the row keeps: `6.12` or longer, or as `parseRelease` gives it. */
  readonly release: string | Release;
  /** Words that `override_only` may be given by, by their flags. Default: only vfio, for 1, which is always there. */
  readonly overridePrefixes?: ReadonlyMap<number, string> | undefined;
}

/** A row of a JSON id table as it is written. `completeRow` makes a `Row` of it. */
export type JsonRow = Readonly<Record<string, unknown>>;

/**
 * A JSON row with everything filled in that it omits: values that mean any, masks, match flags.
 * Throws `bad-row` with every problem of the row; their pointers begin at the row (`/vendor`).
 */
export function completeRow(bus: Bus, json: JsonRow, options: RowOptions): Row {
  needObject('bus', bus, 'name', 'fields');
  needObject('json', json);
  needObject('options', options, 'release');
  const problems: Diagnostic[] = [];
  const values = { ...options, release: toRelease(options.release) };
  const row = readRow(bus, json, values, [], { full: false, add: (problem) => problems.push(problem) });
  if (row) return row;
  throw new ModaliasError('bad-row', problems[0]!.message, { pointer: problems[0]!.pointer ?? '' }, { problems });
}

/**
 * The same for any value; undefined, with every problem reported, if it is not a row. `at` is its pointer.
 * @internal
 */
export function readRow(bus: Bus, value: unknown, options: ValueOptions, at: Path, sink: ProblemSink): Row | undefined {
  if (!checkValue(rowSchemaOf(bus), value, at, sink, bus)) return undefined;
  const json = value as JsonRow;
  let sound = true;
  const refuse = (code: Code, pointer: Path, message: string) => {
    sound = false;
    sink.add({ code, severity: 'error', pointer: toPointer(pointer), message });
  };
  const given = (name: string) => Object.hasOwn(json, name);
  const { release } = options;
  const row: Record<string, CValue> = {};
  for (const field of bus.fields) {
    const { name } = field;
    row[name] = field.value;
    if (!given(name)) continue;
    const read = readForm(field.form, json[name], options, (message, inside) =>
      refuse('bad-value', [...at, name, ...inside], message),
    );
    row[name] = read;
    const first = firstRelease(bus, name);
    if (read !== field.value && isKnown(bus, release) && first !== undefined && compareReleases(first, release) > 0)
      refuse('field-too-new', [...at, name], laterField(bus, name, first, release));
  }
  for (const [name, { by, value }] of Object.entries(bus.implied)) if (!given(name) && given(by)) row[name] = value;
  if (bus.flags && !given(bus.flags.field)) row[bus.flags.field] = impliedFlags(bus.fields, json);
  return sound ? (row as Row) : undefined;
}

/** The JSON row that `completeRow` makes the same row of: every field, zeros too. */
export function toJsonRow(bus: Bus, row: Row): JsonRow {
  needObject('bus', bus, 'name', 'fields');
  needObject('row', row);
  return Object.fromEntries(bus.fields.map(({ name, form, value }) => [name, writeForm(form, row[name] ?? value)]));
}

/** The release that brought a field to the struct; undefined for one that was always there. */
function firstRelease(bus: Bus, name: string): Release | undefined {
  const type = bus.struct[name];
  return type === undefined || 'kind' in type ? undefined : type.find(([, of]) => of !== null)?.[0];
}

/**
 * If ignored, such a value would make an alias that no kernel of the release has, or one that is wider than the row.
 */
function laterField(bus: Bus, name: string, first: Release, release: Release): string {
  return `rows of ${bus.name} have '${name}' since ${formatFirst(first)}, but these are for ${formatRelease(release)}; remove it, or name a newer kernel`;
}

/** One bit for each field that is present, whatever its value; for arrays one for each element that is not null. */
function impliedFlags(fields: readonly RowField[], json: JsonRow): number {
  let flags = 0;
  for (const { name, flag } of fields) {
    if (!Object.hasOwn(json, name)) continue;
    if (typeof flag === 'number') flags |= flag;
    else if (Array.isArray(json[name]))
      for (const [i, bit] of flag.entries()) if ((json[name][i] ?? null) !== null) flags |= bit;
  }
  return flags;
}
