import * as v from 'valibot';
import type { Bus } from '../bus/define/bus.ts';
import { DMI_SLOTS } from '../bus/define/dmi-slots.ts';
import type { Form } from '../bus/define/forms.ts';
import type { ByRelease } from '../release-history.ts';
import { digitReadings } from './number.ts';
import { numberPattern } from './number-pattern.ts';

type Schema = v.GenericSchema;

/** The largest value that any release has; what a single release allows is checked when the row is completed. */
function largest(values: ByRelease<number>): number {
  return Math.max(...values.map(([, value]) => value));
}

/** Schemas of plain numbers by their largest value; the JSON Schema names the common ones. */
export const plainNumbers = new Map<number, Schema>();

/** A number as a JSON number, "0", or a string with 0x. */
function numberSchema(max: number): Schema {
  const known = plainNumbers.get(max) ?? v.union(...spellings(max));
  plainNumbers.set(max, known);
  return known;
}

type Expected = (issue: v.BaseIssue<unknown>) => string;

/** The ways to write a number, and what is said of anything else; `or` says what else it may be. */
function spellings(max: number, or = ''): [options: Schema[], expected: Expected] {
  const expected: Expected = (issue) => `${numberWords(max)}${or}${digitReadings(issue.input, max)}`;
  const number = v.pipe(v.number(), v.integer(expected), v.minValue(0, expected), v.maxValue(max, expected));
  const text = v.pipe(v.string(), v.regex(new RegExp(numberPattern(max)), expected));
  return [[number, text], expected];
}

/** A slot of DMI strings by its number, or by its name in the kernel. */
function slotSchema(): Schema {
  const [numbers, expected] = spellings(127, ` or a name such as '${DMI_SLOTS[6]}'`);
  return v.union([...numbers, v.picklist(DMI_SLOTS)], expected);
}

/** `a number from 0 to 0xffff`, as messages say it. */
export function numberWords(max: number): string {
  return `a number from 0 to ${max > 9 ? `0x${max.toString(16)}` : max}`;
}

/** Text from a `char` array: one character a byte, none of them NUL. */
export function textSchema(most: number, least = 0): Schema {
  const expected = `a text of ${least ? `${least} to` : 'at most'} ${most} bytes (one latin1 character each), none of them 0`;
  return v.pipe(
    v.string(expected),
    v.regex(/^[\u0001-\u00ff]*$/, expected),
    v.minLength(least, expected),
    v.maxLength(most, expected),
  );
}

/** An object of these members and no others, every one of which is reported. */
export function objectSchema(entries: v.ObjectEntries, expected: string): Schema {
  return v.objectWithRest(entries, v.never(UNKNOWN_MEMBER), expected);
}

/** The message of an issue about a member that an object may not have. */
export const UNKNOWN_MEMBER = 'unknown member';

const dmiMatch = objectSchema(
  {
    slot: slotSchema(),
    substr: textSchema(79),
    exact_match: v.optional(v.boolean('true or false')),
  },
  'an object {slot, substr, exact_match}',
);

function listSchema(item: Schema, most: number, least = 0): Schema {
  const expected = `an array of ${least === most ? most : `at most ${most}`} items`;
  return v.pipe(v.array(item, expected), v.minLength(least, expected), v.maxLength(most, expected));
}

function formSchema(form: Form): Schema {
  switch (form.kind) {
    case 'number':
      return form.overrides ? overrideSchema(form.max) : numberSchema(form.max);
    case 'text':
      return textSchema(form.most);
    case 'guid': {
      const expected = 'a GUID such as 00112233-4455-6677-8899-aabbccddeeff';
      return v.pipe(v.string(expected), v.regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, expected));
    }
    case 'bits':
      return listSchema(numberSchema(largest(form.max)), largest(form.max) + 1);
    case 'hashes':
      return listSchema(v.nullable(numberSchema(form.max)), form.length, form.length);
    case 'ids':
      return listSchema(textSchema(form.size, 1), form.length);
    case 'dmi-matches':
      return listSchema(dmiMatch, form.length);
  }
}

/** A flag by number, or by the word of its prefix; the module object defines the words. */
function overrideSchema(max: number): Schema {
  const expected: Expected = (issue) =>
    `${numberWords(max)} or the name of an override prefix, such as vfio${digitReadings(issue.input, max)}`;
  return v.union([numberSchema(max), v.pipe(v.string(), v.regex(OVERRIDE_WORD, expected))], expected);
}

/** A word that can precede an underscore and a bus's name in an alias. */
export const OVERRIDE_WORD = /^[a-z][a-z0-9_]*$/;

/** One row of a bus's tables, as in JSON. */
export function rowSchema(bus: Bus): Schema {
  const entries = Object.fromEntries(
    bus.fields.map(({ name, form, required }) => [name, required ? formSchema(form) : v.optional(formSchema(form))]),
  );
  const row = objectSchema(entries, `a ${bus.name} row, an object`);
  const sets = bus.oneOf;
  if (sets.length === 0) return v.pipe(row, v.title(`row of a ${bus.name} table`));
  const has = (value: unknown) => sets.some((set) => set.every((name) => Object.hasOwn(value as object, name)));
  const expected = `a row with '${sets.map((set) => set.join("' and '")).join("', or with '")}'`;
  return v.pipe(row, v.check(has, expected), v.metadata({ needsOneOf: sets }), v.title(`row of a ${bus.name} table`));
}
