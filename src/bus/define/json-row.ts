import type { CValue } from '../../binary/ctype.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { atRelease, NEWEST_RELEASE, type Release } from '../../release.ts';
import type { Bus, Row, RowField } from './bus.ts';
import { DMI_SLOTS } from './dmi-slots.ts';
import type { Form } from './forms.ts';
import { formatNumber, parseNumber } from './number.ts';
import { VFIO_OVERRIDE } from './override.ts';

/** A row as it stands in a JSON id table. */
export type JsonRow = Readonly<Record<string, unknown>>;

export interface RowOptions {
  readonly release: Release;
  /** Words that `override_only` may be given by, besides vfio for 1. */
  readonly overridePrefixes?: ReadonlyMap<number, string>;
}

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
  const row: Record<string, CValue> = {};
  for (const name of Object.keys(json))
    if (!bus.fields.some((field) => field.name === name)) problem(name, unknownField(bus, name));
  for (const field of bus.fields) {
    row[field.name] = field.value;
    if (given(field.name)) {
      const value = readForm(field.form, json[field.name], options);
      if (value instanceof Refusal) problem(field.name, `${bus.name} ${field.name}: ${value.message}`);
      else row[field.name] = value;
    } else if (field.required) {
      problem(
        undefined,
        `a ${bus.name} row needs '${field.name}', which this one leaves out; there is no value that means any`,
      );
    }
  }
  if (bus.oneOf.length > 0 && !bus.oneOf.some((set) => set.every(given)))
    problem(undefined, `a ${bus.name} row needs ${bus.oneOf.map((set) => set.join(' and ')).join(', or ')}`);
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
  return `${why}; a ${bus.name} row has ${bus.fields.map((field) => field.name).join(', ')}`;
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

/** Why a JSON value is not what its form wants: what was found, what was wanted. */
class Refusal {
  readonly message: string;
  constructor(found: unknown, wanted: string) {
    const text = JSON.stringify(found) ?? String(found);
    this.message = `${text.length > 60 ? `${text.slice(0, 57)}...` : text} found, wanted ${wanted}`;
  }
}

function readForm(form: Form, json: unknown, options: RowOptions): CValue | Refusal {
  switch (form.kind) {
    case 'number':
      return readNumber(form, json, options);
    case 'text':
      return readText(json, atRelease(form.length, options.release) ?? atRelease(form.length, NEWEST_RELEASE) ?? 0);
    case 'guid':
      return typeof json === 'string' && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(json)
        ? json.toLowerCase()
        : new Refusal(json, 'a GUID such as "00112233-4455-6677-8899-aabbccddeeff"');
    case 'bits': {
      const max = atRelease(form.max, options.release) ?? 0;
      const bits = list(json, max + 1, (item) => readNumber({ max }, item, options));
      return bits instanceof Refusal ? bits : [...new Set(bits as number[])].sort((a, b) => a - b);
    }
    case 'hashes':
      return list(json, form.length, (item) => (item === null ? 0 : readNumber(form, item, options)), form.length);
    case 'ids':
      return list(json, form.length, (item) => {
        const id = readText(item, form.size);
        return id instanceof Refusal ? id : id === '' ? new Refusal(item, 'an id') : { id };
      });
    case 'dmi-matches':
      return list(json, form.length, (item) => readDmiMatch(item, form.substr, options));
  }
}

function readNumber(
  form: { max: number; names?: readonly (readonly [string, number])[]; overrides?: boolean },
  json: unknown,
  { overridePrefixes }: RowOptions,
): number | Refusal {
  const named = [
    ...(form.names ?? []),
    ...(form.overrides
      ? [...VFIO_OVERRIDE, ...(overridePrefixes ?? [])].map(([flag, word]) => [word, flag] as const)
      : []),
  ];
  const word = named.find(([name]) => name === json);
  if (word) return word[1];
  const value = parseNumber(json);
  if (value !== undefined && value <= form.max) return value;
  const names = named.length > 0 ? ` or one of ${named.map(([name]) => name).join(', ')}` : '';
  return new Refusal(json, `a number from 0 to ${form.max > 9 ? formatNumber(form.max, 1) : form.max}${names}`);
}

function readText(json: unknown, length: number): string | Refusal {
  const fits = typeof json === 'string' && json.length <= length && /^[\x01-\xff]*$/.test(json);
  return fits ? json : new Refusal(json, `a text of at most ${length} bytes, none of them 0`);
}

function list(json: unknown, most: number, read: (item: unknown) => CValue | Refusal, least = 0): CValue[] | Refusal {
  const wanted = least === most ? `${most} items` : `at most ${most} items`;
  if (!Array.isArray(json) || json.length > most || json.length < least)
    return new Refusal(json, `an array of ${wanted}`);
  const items = json.map(read);
  return items.find((item) => item instanceof Refusal) ?? (items as CValue[]);
}

const SLOTS = DMI_SLOTS.map((name, slot) => [name, slot] as const);

function readDmiMatch(json: unknown, length: number, options: RowOptions): CValue | Refusal {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return new Refusal(json, 'an object {slot, substr, exact_match}');
  const { slot, substr, exact_match = false, ...rest } = json as Record<string, unknown>;
  const number = readNumber({ max: 127, names: SLOTS }, slot, options);
  if (number instanceof Refusal) return new Refusal(slot, 'a slot of enum dmi_field, such as "DMI_SYS_VENDOR"');
  const text = readText(substr, length);
  if (text instanceof Refusal) return text;
  const exact = exact_match === true ? 1 : exact_match === false ? 0 : undefined;
  if (exact === undefined) return new Refusal(exact_match, 'exact_match true or false');
  if (Object.keys(rest).length > 0) return new Refusal(rest, 'only slot, substr and exact_match');
  return { slot: number, exact_match: exact, substr: text };
}

function writeForm(form: Form, value: CValue): unknown {
  switch (form.kind) {
    case 'number':
      if (form.overrides && value !== 0) return VFIO_OVERRIDE.get(value as number) ?? formatNumber(value as number, 1);
      return form.overrides ? 0 : formatNumber(value as number, form.digits);
    case 'hashes':
      return (value as number[]).map((item) => formatNumber(item, 8));
    case 'ids': {
      const ids = (value as { id: string }[]).map(({ id }) => id);
      const end = ids.indexOf('');
      return end === -1 ? ids : ids.slice(0, end);
    }
    case 'dmi-matches':
      return (value as { slot: number; substr: string; exact_match: number }[])
        .filter(({ slot }) => slot !== 0)
        .map(({ slot, substr, exact_match }) => ({
          slot: DMI_SLOTS[slot] ?? slot,
          substr,
          ...(exact_match ? { exact_match: true } : {}),
        }));
    default:
      return value;
  }
}
