import type { CValue } from '../../binary/ctype.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { compareReleases, formatFirst, formatRelease, type Release, toRelease } from '../../release.ts';
import { type Bus, isKnown, type Row, type RowField } from './bus.ts';
import { Refusal, readForm, type ValueOptions, writeForm } from './json-value.ts';

export interface RowOptions extends Omit<ValueOptions, 'release'> {
  /** The kernel that the rows are for: `6.12` or longer, or as `parseRelease` gives it. */
  readonly release: string | Release;
}

/** A row as it stands in a JSON id table. */
export type JsonRow = Readonly<Record<string, unknown>>;

/**
 * A JSON row with everything filled in that it leaves out: values that mean any, masks, match flags.
 * Throws `bad-row` with every problem of the row; their pointers begin at the row (`/vendor`).
 */
export function completeRow(bus: Bus, json: JsonRow, options: RowOptions): Row {
  const problems: Diagnostic[] = [];
  const problem = (name: string | undefined, message: string) =>
    problems.push({
      code: 'bad-row',
      severity: 'error',
      message,
      pointer: name === undefined ? '' : `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    });
  const given = (name: string) => Object.hasOwn(json, name);
  const release = toRelease(options.release);
  const valueOptions = { ...options, release };
  const row: Record<string, CValue> = {};
  for (const name of Object.keys(json))
    if (!bus.fields.some((field) => field.name === name)) problem(name, unknownField(bus, name));
  for (const field of bus.fields) {
    row[field.name] = field.value;
    if (given(field.name)) {
      const value = readForm(field.form, json[field.name], valueOptions);
      if (value instanceof Refusal) problem(field.name, `${bus.name} ${field.name}: ${value.message}`);
      else row[field.name] = value;
      const first = firstRelease(bus, field.name);
      if (value !== field.value && isKnown(bus, release) && first !== undefined && compareReleases(first, release) > 0)
        problem(field.name, laterField(bus, field.name, first, release));
    } else if (field.required) {
      problem(undefined, `'${field.name}' is missing; rows of ${bus.name} need it, there is no value that means any`);
    }
  }
  if (bus.oneOf.length > 0 && !bus.oneOf.some((set) => set.every(given)))
    problem(undefined, `rows of ${bus.name} need ${bus.oneOf.map((set) => set.join(' and ')).join(', or ')}`);
  for (const [name, { by, value }] of Object.entries(bus.implied)) if (!given(name) && given(by)) row[name] = value;
  if (bus.flags && !given(bus.flags.field)) row[bus.flags.field] = impliedFlags(bus.fields, json);
  if (problems[0])
    throw new ModaliasError('bad-row', problems[0].message, { pointer: problems[0].pointer ?? '' }, { problems });
  return row;
}

/** The JSON row that `completeRow` makes the same row of: every field, zeros too. */
export function toJsonRow(bus: Bus, row: Row): JsonRow {
  return Object.fromEntries(bus.fields.map(({ name, form, value }) => [name, writeForm(form, row[name] ?? value)]));
}

function unknownField(bus: Bus, name: string): string {
  const why = bus.unreadFields.includes(name)
    ? `no alias depends on '${name}'; leave it out`
    : `unknown field '${name}'`;
  return `${why}; rows of ${bus.name} have ${bus.fields.map((field) => field.name).join(', ')}`;
}

/** The release that brought a field to the struct; undefined for one that was always there. */
function firstRelease(bus: Bus, name: string): Release | undefined {
  const type = bus.struct[name];
  return type === undefined || 'kind' in type ? undefined : type.find(([, of]) => of !== null)?.[0];
}

/** Left without a word, such a value would make an alias that no kernel of the release has, or one that is wider than the row. */
function laterField(bus: Bus, name: string, first: Release, release: Release): string {
  return `'${name}' came to rows of ${bus.name} with ${formatFirst(first)}, these are for ${formatRelease(release)}; leave it out, or name a newer kernel`;
}

/** One bit for each field that is there, whatever its value; for arrays one for each element that is not null. */
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
