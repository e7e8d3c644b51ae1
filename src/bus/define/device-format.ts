/** A field of a modalias: the letters before its value, and what it is. */
export interface Field {
  /** As in an index: `_` for each `-`. */
  readonly tag: string;
  readonly name: string;
  /** The conversion that prints the value, as in the kernel's printf: `%08X` are eight digits in upper case. */
  readonly printed: string;
  /** What separates the entries of a value that is a list; a pattern may begin at any entry. */
  readonly between?: string;
  /** Whether a device may have the tag without a value. */
  readonly optional?: true;
}

/**
 * How a device of a bus prints its modalias, where that is regular: fields in order after the colon, each a tag and a
 * value.
 */
export interface DeviceFormat extends FormatOptions {
  /** The text before the colon. */
  readonly bus: string;
  readonly title: string;
  readonly fields: readonly Field[];
}

interface FormatOptions {
  /** Tags from the most identifying down; those in one group count together. Default: each field in its order. */
  readonly power?: readonly (readonly string[])[];
  /** What follows the last field, before any text that is not a field. */
  readonly after?: string;
  /** What every modalias of a device ends with, where the last field includes it. */
  readonly ends?: string;
  /** What separates the fields, if a device or a pattern may lack any of them. */
  readonly parts?: string;
  /** Whether a wildcard of a pattern may reach over several fields. These explain matches but do not rank them. */
  readonly loose?: true;
}

/**
 * The format of a bus from its fields in words: `v%08X=vendor d%08X=device`; in a name `_` is a space.
 * `C%s=compatible..C` is a list with a C between its entries, `dt%04X?=device_type` may have no value.
 */
export function deviceFormat(bus: string, title: string, fields: string, options: FormatOptions = {}): DeviceFormat {
  let parsed: readonly Field[] | undefined;
  return {
    bus,
    title,
    // Most programs ask for the fields of one bus, or none.
    get fields() {
      parsed ??= fields.split(' ').map(fieldOf);
      return parsed;
    },
    ...options,
  };
}

function fieldOf(text: string): Field {
  const [, tag, printed, optional, name, between] = /^(.*?)(%[#0-9A-Za-z]+)(\?)?=(.*?)(?:\.\.(.))?$/.exec(text)!;
  return {
    tag: tag!,
    name: name!.replaceAll('_', ' '),
    printed: printed!,
    ...(between === undefined ? {} : { between }),
    ...(optional === undefined ? {} : { optional: true }),
  };
}
