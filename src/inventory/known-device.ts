import { incomplete } from '../explain/incomplete.ts';
import { ANYTHING, parseFields } from '../match/fields.ts';

/** What an inventory knows of a device. */
export interface KnownDevice {
  /** Its modalias, latin1; with `*`, which stands for any value, in each field that the inventory lacks. */
  readonly modalias: string;
  /** The tags of these fields, such as `sv`; none for a whole modalias. */
  readonly unknown: readonly string[];
}

const WILD = /[*?[]/;

/**
 * A modalias as an inventory has it. One that lacks fields is completed with `*`. Only where a device prints all fields
 * of its bus, with plain values, is a field known to be missing, or a wildcard to stand for what is not known: a dmi
 * modalias has as many fields as its kernel knows, and any characters in them.
 */
export function knownDevice(text: string): KnownDevice {
  const partial = incomplete(text);
  const completed = partial && partial.missing.length > 0 && partial.wrong.length === 0 ? partial.completed : text;
  const parsed = WILD.test(completed) ? parseFields(completed) : undefined;
  const isNamed = parsed?.values.some((value) => value !== ANYTHING);
  if (!parsed || parsed.format.loose || !isNamed) return { modalias: text, unknown: [] };
  const unknown = parsed.format.fields.filter((_, i) => WILD.test(parsed.values[i]!)).map(({ tag }) => tag);
  return { modalias: completed, unknown };
}
