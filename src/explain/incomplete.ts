import type { DeviceFormat, Field } from '../bus/define/device-format.ts';
import { DEVICE_FORMATS } from '../bus/device-formats.ts';
import { ANYTHING, parseFields } from '../match/fields.ts';

interface Found {
  readonly field: Field;
  readonly value: string;
}

/** A key of a regular bus that lacks fields, parsed as far as possible. */
export interface Incomplete {
  readonly format: DeviceFormat;
  readonly fields: readonly Found[];
  readonly missing: readonly Field[];
  /** The key with `*`, which only a wildcard in a pattern matches, for each missing field. */
  readonly completed: string;
}

const START = /^((?:(?!fsl_mc:)[a-z0-9]+_)?(fsl[-_]mc|[a-z0-9]+):)(.*)$/s;
/** Values of most buses: digits are upper case, tags are lower case. */
const NUMBER = /^[0-9A-F*?]*$/;
/** Buses with names among their values, in which a letter may be a tag or a part of a name. */
const NAMED: ReadonlySet<string> = new Set(['of', 'cpu', 'mei', 'tbsvc', 'vio', 'fsl-mc']);

/**
 * The fields that a truncated key of a regular bus has and lacks; undefined for a complete key, for other buses, and
 * for a text that has no fields of the bus at all.
 */
export function incomplete(key: string): Incomplete | undefined {
  const m = START.exec(key);
  if (!m || parseFields(key)) return undefined;
  const [, start, bus, rest] = m as unknown as [string, string, string, string];
  const format = DEVICE_FORMATS.find((one) => one.bus === bus.replace('_', '-'));
  if (!format || format.parts !== undefined) return undefined;
  const found = (NAMED.has(format.bus) ? firstOf : numbersIn)(rest, format.fields);
  if (!found) return undefined;
  const value = new Map(found.map((one) => [one.field, one.value]));
  return {
    format,
    fields: found,
    missing: format.fields.filter((field) => !value.has(field)),
    completed:
      start + format.fields.map((field) => field.tag + (value.get(field) ?? ANYTHING)).join('') + (format.after ?? ''),
  };
}

/** The fields of a text in which all values are numbers, any of them left out; undefined if it has another form. */
function numbersIn(text: string, fields: readonly Field[]): Found[] | undefined {
  const found: Found[] = [];
  let left = fields;
  for (let rest = text; rest !== ''; ) {
    // `dc` is a tag of its own and not `d` with the value c.
    const [field] = left.filter(({ tag }) => rest.startsWith(tag)).sort((a, b) => b.tag.length - a.tag.length);
    if (!field) return undefined;
    left = left.slice(left.indexOf(field) + 1);
    const from = field.tag.length;
    const ends = left.map(({ tag }) => rest.indexOf(tag, from)).filter((at) => at >= 0);
    const end = Math.min(rest.length, ...ends);
    const value = rest.slice(from, end);
    if (!NUMBER.test(value)) return undefined;
    found.push({ field, value });
    rest = rest.slice(end);
  }
  return found;
}

/** The first fields of a text, up to the first missing tag. */
function firstOf(text: string, fields: readonly Field[]): Found[] | undefined {
  const found: Found[] = [];
  if (text !== '' && !text.startsWith(fields[0]!.tag)) return undefined;
  for (let at = 0, i = 0; at < text.length && i < fields.length; i++) {
    const from = at + fields[i]!.tag.length;
    const next = fields[i + 1] === undefined ? -1 : text.indexOf(fields[i + 1]!.tag, from);
    const end = next === -1 ? text.length : next;
    found.push({ field: fields[i]!, value: text.slice(from, end) });
    at = end;
  }
  return found;
}
