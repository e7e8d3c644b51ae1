import type { CValue } from '../../binary/ctype.ts';
import type { Release } from '../../release.ts';
import { atRelease } from '../../release-history.ts';
import { DMI_SLOTS } from './dmi-slots.ts';
import type { Form } from './forms.ts';
import { formatNumber, parseNumber } from './number.ts';
import { VFIO_OVERRIDE } from './override.ts';

/** What a row's values are read by. */
export interface ValueOptions {
  readonly release: Release;
  /** Words that `override_only` may be given by, besides vfio for 1. */
  readonly overridePrefixes?: ReadonlyMap<number, string>;
}

/** Why a JSON value is not what its form wants: what was found, what was wanted. */
export class Refusal {
  readonly message: string;
  constructor(found: unknown, wanted: string) {
    const text = JSON.stringify(found) ?? String(found);
    this.message = `${text.length > 60 ? `${text.slice(0, 57)}...` : text} found, wanted ${wanted}`;
  }
}

/** The value that a JSON value of a form stands for, or why it is none. */
export function readForm(form: Form, json: unknown, options: ValueOptions): CValue | Refusal {
  switch (form.kind) {
    case 'number':
      return readNumber(form, json, options);
    case 'text':
      return readText(json, form.most);
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
  { overridePrefixes }: ValueOptions,
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

function readDmiMatch(json: unknown, length: number, options: ValueOptions): CValue | Refusal {
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

/** A value as JSON in its form; `readForm` makes the same value of it. */
export function writeForm(form: Form, value: CValue): unknown {
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
