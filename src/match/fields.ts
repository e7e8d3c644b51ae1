import { DEVICE_FORMATS } from '../bus/buses.ts';
import type { DeviceFormat, Field } from '../bus/define/device-format.ts';
import { fnmatch } from '../pattern/fnmatch.ts';

/** The value that matches anything: of a field that a pattern leaves open or lacks. */
export const ANYTHING = '*';

const BY_BUS = new Map<string, readonly DeviceFormat[]>();
for (const format of DEVICE_FORMATS) BY_BUS.set(format.bus, [...(BY_BUS.get(format.bus) ?? []), format]);

/** A modalias or pattern taken apart: its format, an override prefix such as `vfio`, and the value of each field. */
export interface Parsed {
  readonly format: DeviceFormat;
  readonly prefix: string;
  readonly values: readonly string[];
}

/** Bus and override prefix of a modalias, or of a pattern such as `acpi*:PNP0C09:*`. */
const START = /^(?:(?!fsl_mc:)([a-z0-9_]+?)_)?(fsl[-_]mc|[a-z0-9]+)\*?:/;

/**
 * Takes a modalias or a pattern of a regular bus apart; a value ends where the next tag first appears. Undefined for
 * any other, and if a field is missing. By the first format of its bus that fits, or by one only.
 */
export function parseFields(text: string, only?: DeviceFormat): Parsed | undefined {
  const each = parseEach(text);
  return only === undefined ? each[0] : each.find(({ format }) => format === only);
}

/**
 * A key and a pattern by the first format of their bus that both have; undefined if there is none, or the prefixes
 * differ.
 */
export function parseBoth(key: string, pattern: string): readonly [key: Parsed, pattern: Parsed] | undefined {
  for (const have of parseEach(key)) {
    const want = parseEach(pattern).find((p) => p.format === have.format && p.prefix === have.prefix);
    if (want) return [have, want];
  }
  return undefined;
}

function parseEach(text: string): Parsed[] {
  const m = START.exec(text);
  const formats = (m && BY_BUS.get(m[2]!.replace('_', '-'))) ?? [];
  return formats.flatMap((format) => {
    const values = (format.parts === undefined ? valuesOf : partsOf)(text, m![0].length, format);
    return values ? [{ format, prefix: m![1] ?? '', values }] : [];
  });
}

function valuesOf(text: string, start: number, { fields, after }: DeviceFormat): string[] | undefined {
  if (!text.startsWith(fields[0]!.tag, start)) return undefined;
  const values: string[] = [];
  let at = start;
  for (const [i, { tag }] of fields.entries()) {
    at += tag.length;
    const next = fields[i + 1]?.tag ?? after;
    const end = next === undefined ? text.length : text.indexOf(next, at);
    if (end === -1) return undefined;
    values.push(text.slice(at, end));
    at = end;
  }
  return values;
}

/** The same if any field may be missing and fields come in any order; a part without a tag, such as `*`, is ignored. */
function partsOf(text: string, start: number, { fields, parts }: DeviceFormat): string[] | undefined {
  const values = fields.map(() => ANYTHING);
  for (const part of text.slice(start).split(parts!)) {
    const i = fields.findIndex(({ tag }) => part.startsWith(tag));
    if (i >= 0) values[i] = part.slice(fields[i]!.tag.length);
  }
  return values.some((value) => value !== ANYTHING) ? values : undefined;
}

/** Whether a field's value is matched by that of a pattern; in a list, from any entry on. */
export function fieldMatches({ between }: Field, expected: string, value: string): boolean {
  if (between === undefined) return fnmatch(expected, value);
  for (let at = 0; ; ) {
    if (fnmatch(expected, value.slice(at))) return true;
    const next = value.indexOf(between, at);
    if (next === -1) return false;
    at = next + 1;
  }
}

/**
 * Whether a field's value in a pattern is matched by one text only; a trailing `*` after a value is only a
 * continuation.
 */
export function isExact(value: string): boolean {
  return !/[*?[]/.test(value.replace(/(?<=.)\*$/, ''));
}
