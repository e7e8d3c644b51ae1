import { DEVICE_FORMATS, NAME_DEVICES } from '../bus/buses.ts';
import type { DeviceFormat, Field } from '../bus/define/device-format.ts';
import { ANYTHING, parseFields } from '../match/fields.ts';

interface Found {
  readonly field: Field;
  readonly value: string;
}

/** A value that no device prints there, such as one that was cut off. */
export interface WrongValue extends Found {
  /** What a device prints, in words. */
  readonly expected: string;
}

/** A key of a known bus that no device prints, taken apart as far as possible. */
export interface Incomplete {
  readonly title: string;
  readonly fields: readonly Found[];
  readonly missing: readonly Field[];
  readonly wrong: readonly WrongValue[];
  /** The key with `*`, which only a wildcard in a pattern matches, for each missing or wrong field. */
  readonly completed: string;
}

const START = /^((?:(?!fsl_mc:)[a-z0-9]+_)?(fsl[-_]mc|[a-z0-9]+):)(.*)$/s;
/** Buses with names among their values, in which a letter may be a tag or a part of a name. */
const NAMED: ReadonlySet<string> = new Set(['of', 'cpu', 'mei', 'tbsvc', 'vio', 'fsl-mc', 'slim', 'eisa']);
/** Characters of a wrong value that are shown. */
const LONGEST_SHOWN = 40;
const NAME: Field = { tag: '', name: 'name', printed: '%s' };

/**
 * The fields that a truncated or miswritten key has and lacks, and the values in it that no device prints; undefined
 * for a key that a device may have, and for one of another bus.
 */
export function incomplete(key: string): Incomplete | undefined {
  const m = START.exec(key);
  if (!m) return undefined;
  const [, start, bus, rest] = m as unknown as [string, string, string, string];
  if (rest === '' && NAME_DEVICES.some((one) => one.replaceAll('-', '_') === key.slice(0, -1)))
    return { title: 'device', fields: [], missing: [NAME], wrong: [], completed: start + ANYTHING };
  const read = DEVICE_FORMATS.filter((one) => one.bus === bus.replace('_', '-')).map((one) => readAs(one, start, rest));
  const found = read.map(({ missing, wrong }) => missing.length + wrong.length);
  if (read.length === 0 || found.includes(0)) return undefined;
  const right = ({ fields, wrong }: Incomplete) => fields.length - wrong.length;
  return read.reduce((best, one) => {
    const better = right(one) - right(best) || best.missing.length - one.missing.length;
    return better > 0 ? one : best;
  });
}

function readAs(format: DeviceFormat, start: string, rest: string): Incomplete {
  const { fields, parts, after = '', ends = after, title } = format;
  const unended: Field[] = /[*?[\]]$/.test(rest) || rest.endsWith(ends) ? [] : [endOf(ends)];
  const whole = rest === '' ? undefined : parseFields(start + rest, format);
  if (whole) {
    const found = fields.map((field, i) => ({ field, value: whole.values[i]! }));
    const wrong = wrongIn(found);
    const values = found.map(({ field, value }) => field.tag + (isWrong(field, wrong) ? ANYTHING : value));
    const same = wrong.length === 0 || parts !== undefined;
    const completed = same ? start + rest + (unended.length > 0 ? ends : '') : start + values.join('') + ends;
    return {
      title,
      fields: found.filter(({ value }) => parts === undefined || value !== ANYTHING),
      missing: unended,
      wrong,
      completed,
    };
  }
  if (parts !== undefined || fields.length === 1)
    return { title, fields: [], missing: fields.slice(0, 1), wrong: [], completed: start + ANYTHING };
  const found = NAMED.has(format.bus) ? firstOf(rest, fields) : numbersIn(rest, fields);
  const wrong = wrongIn(found);
  const value = new Map(found.filter(({ field }) => !isWrong(field, wrong)).map((one) => [one.field, one.value]));
  return {
    title,
    fields: found,
    missing: fields.filter((field) => !found.some((one) => one.field === field)),
    wrong,
    completed: start + fields.map((field) => field.tag + (value.get(field) ?? ANYTHING)).join('') + ends,
  };
}

const endOf = (ends: string): Field => ({ tag: ends, name: 'colon at the end', printed: '%s' });

const isWrong = (field: Field, wrong: readonly WrongValue[]) => wrong.some((one) => one.field === field);

/** The values that their conversion does not print; wildcards stand for any. */
function wrongIn(found: readonly Found[]): WrongValue[] {
  return found.flatMap(({ field, value }) => {
    const printed = printedBy(field.printed);
    const open = /[*?[]/.test(value) || (value === '' && field.optional === true);
    return printed === undefined || open || printed.fits.test(value) ? [] : [{ field, value, expected: printed.words }];
  });
}

/** What is missing and wrong in words, as `is truncated; it lacks device (d)`. */
export function faultsOf({ fields, missing, wrong }: Incomplete): string {
  if (fields.length === 0 && missing[0]?.tag === '') return `has no ${missing[0].name} after its colon`;
  if (fields.length === 0) return `has none of the fields of its bus: ${missing.map(fieldWords).join(', ')}`;
  const lacks = missing.length > 0 ? [`it lacks ${missing.map(fieldWords).join(', ')}`] : [];
  const values = wrong.map(({ field, value, expected }) => {
    const is = value === '' ? 'has no value' : `is '${value.slice(0, LONGEST_SHOWN)}'`;
    return `${fieldWords(field)} ${is}, expected ${expected}`;
  });
  return `is truncated${wrong.length > 0 ? ' or miswritten' : ''}; ${[...values, ...lacks].join('; ')}`;
}

/** `vendor (v)`; the name alone where a field has no tag. */
export function fieldWords({ tag, name }: Pick<Field, 'tag' | 'name'>): string {
  return tag === '' ? name : `${name} (${tag})`;
}

/** The fields of a text in which all values are numbers, any of them left out; none if it begins with no field. */
function numbersIn(text: string, fields: readonly Field[]): Found[] {
  const found: Found[] = [];
  let left = fields;
  for (let rest = text; rest !== ''; ) {
    // `dc` is a tag of its own and not `d` with the value c.
    const [field] = left.filter(({ tag }) => rest.startsWith(tag)).sort((a, b) => b.tag.length - a.tag.length);
    if (!field) return found;
    left = left.slice(left.indexOf(field) + 1);
    const from = field.tag.length;
    const ends = left.map(({ tag }) => rest.indexOf(tag, from)).filter((at) => at >= 0);
    const end = Math.min(rest.length, ...ends);
    found.push({ field, value: rest.slice(from, end) });
    rest = rest.slice(end);
  }
  return found;
}

/** The first fields of a text, up to the first missing tag. */
function firstOf(text: string, fields: readonly Field[]): Found[] {
  const found: Found[] = [];
  if (text === '' || !text.startsWith(fields[0]!.tag)) return found;
  for (let at = 0, i = 0; at < text.length && i < fields.length; i++) {
    const from = at + fields[i]!.tag.length;
    const next = fields[i + 1] === undefined ? -1 : text.indexOf(fields[i + 1]!.tag, from);
    const end = next === -1 ? text.length : next;
    found.push({ field: fields[i]!, value: text.slice(from, end) });
    at = end;
  }
  return found;
}

/** What a conversion prints, see `Field.printed`: the texts that it can be, and what they are in words. */
export interface Printed {
  readonly fits: RegExp;
  readonly words: string;
}

const DIGITS: Readonly<Record<string, readonly [digit: string, words: string]>> = {
  X: ['[0-9A-F]', 'upper-case hexadecimal'],
  x: ['[0-9a-f]', 'lower-case hexadecimal'],
  d: ['\\d', 'decimal'],
  b: ['[01]', 'binary'],
};

const conversions = new Map<string, Printed | undefined>();

/** What a conversion of the kernel's printf prints; undefined for `%s`, any text. lib/vsprintf.c:format_decode. */
export function printedBy(conversion: string): Printed | undefined {
  if (!conversions.has(conversion)) conversions.set(conversion, readConversion(conversion));
  return conversions.get(conversion);
}

function readConversion(conversion: string): Printed | undefined {
  const [, hash, width, kind] = /^%(#)?0?(\d*)([Xxdb]|pU[Llb])$/.exec(conversion) ?? [];
  if (kind === undefined) return undefined;
  // Keys have `_` for each `-`.
  if (kind.startsWith('pU')) {
    const [one, letters] = DIGITS[kind === 'pUL' ? 'X' : 'x']!;
    const fits = new RegExp(`^${one}{8}(?:[-_]${one}{4}){3}[-_]${one}{12}$`);
    return { fits, words: `a GUID in ${letters} digits` };
  }
  const [digit, words] = DIGITS[kind]!;
  const least = Math.max(1, Number(width) - (hash ? 2 : 0));
  return {
    fits: new RegExp(`^${hash ? '0x' : ''}${digit}{${least},}$`),
    words: `${hash ? '0x and ' : ''}${least > 1 ? `${least} ` : ''}${words} digit${least === 1 && width ? '' : 's'}`,
  };
}
