import * as v from 'valibot';
import { buses } from '../bus/buses.ts';
import type { Bus } from '../bus/define/bus.ts';
import { keyNumberPattern } from './number-pattern.ts';
import { OVERRIDE_WORD, objectSchema, rowSchema, textSchema } from './row-schema.ts';

/**
 * The version of the format, kept by semantic versioning: an addition keeps it, a change that breaks readers raises it.
 */
export const FORMAT_VERSION = 1;

const NAME = 'a module name: printable ASCII without blanks or slashes';
const PREFIXES = 'an object of flag numbers and prefix words, such as {"2": "stub"}';
const ALIAS = 'an alias: a text of at most 4095 bytes without NUL or line breaks';

const word = v.pipe(v.string(PREFIXES), v.regex(OVERRIDE_WORD, 'a word of lower-case letters, digits and underscores'));
// Rows of override_only 0 are the ones without a prefix.
const flag = v.pipe(
  v.string(PREFIXES),
  v.regex(
    new RegExp(`^(?!0([xX]0+)?$)${keyNumberPattern(0xffffffff).slice(1)}`),
    'a flag: a 32-bit number above 0, in quotes',
  ),
);
const alias = v.pipe(v.string(ALIAS), v.regex(/^[^\u0000\n\r\u0100-\uffff]*$/, ALIAS), v.maxLength(4095, ALIAS));

const entries = {
  $schema: v.optional(v.string('the address of the JSON Schema, a string')),
  version: v.optional(v.literal(FORMAT_VERSION, `${FORMAT_VERSION}, the version of the format that is known here`)),
  module: v.pipe(v.string(NAME), v.regex(/^[!-.0-~]+$/, NAME)),
  kernel: v.optional(v.string('a kernel release, a string such as "6.12" or "6.12.9"')),
  overridePrefixes: v.optional(v.record(flag, word, PREFIXES)),
  aliases: v.optional(v.array(alias, 'an array of alias strings')),
};

const tableEntries = {
  name: v.optional(textSchema(255)),
};

const ROWS = 'an array of rows';
const TABLES = 'an array of tables';
const MODULE = 'a module object {module, kernel, tables, aliases}';
const TABLE = 'a table object {bus, name, rows}';

/**
 * A module object with its tables still unchecked: they are checked one after the other, so that a file cannot exhaust
 * memory.
 */
export const moduleFrame = objectSchema({ ...entries, tables: v.optional(v.array(v.unknown(), TABLES)) }, MODULE);

/** A table with its rows still unchecked. */
export const tableFrame = objectSchema(
  {
    ...tableEntries,
    bus: v.picklist(
      buses.map((bus) => bus.name),
      'a device-table type of the kernel',
    ),
    rows: v.array(v.unknown(), ROWS),
  },
  TABLE,
);

const rowSchemas = new Map<string, v.GenericSchema>();

/** The row schema of a bus; made on first use, as a run needs few of them. */
export function rowSchemaOf(bus: Bus): v.GenericSchema {
  const schema = rowSchemas.get(bus.name) ?? rowSchema(bus);
  rowSchemas.set(bus.name, schema);
  return schema;
}

/** A whole module object, composed of the parts above; the shipped JSON Schema is made of it. */
export function wholeModuleSchema(): v.GenericSchema {
  const tables = buses.map((bus) =>
    objectSchema({ ...tableEntries, bus: v.literal(bus.name), rows: v.array(rowSchemaOf(bus), ROWS) }, TABLE),
  );
  return objectSchema({ ...entries, tables: v.optional(v.array(v.union(tables, TABLE), TABLES)) }, MODULE);
}
