import { DEVICE_FORMATS } from '../bus/buses.ts';
import { incomplete, printedBy } from '../explain/incomplete.ts';
import { ANYTHING, parseFields } from '../match/fields.ts';

/** What an inventory knows of a device. */
export interface KnownDevice {
  /** Its modalias, latin1; with `*`, which stands for any value, in each field that the inventory lacks. */
  readonly modalias: string;
  /** The tags of these fields, such as `sv`; none for a whole modalias. */
  readonly unknown: readonly string[];
}

const WILD = /[*?[]/;
const NONE: readonly string[] = [];

/** By bus, what modaliases look like that have a number in each of the fields; buses with names are left out. */
const WHOLE = new Map<string, RegExp>();

/** Whether all fields of a modalias are there and are numbers: most are, and need not be taken apart. */
function isWhole(text: string): boolean {
  const bus = text.slice(0, text.indexOf(':'));
  let whole = WHOLE.get(bus);
  if (!whole) {
    whole = wholeOf(bus);
    if (WHOLE.size < MOST_BUSES) WHOLE.set(bus, whole);
  }
  return whole.test(text);
}

/** There are some fifty; lines that are not modaliases may begin with anything. */
const MOST_BUSES = 200;
const NEVER = /(?!)/;

function wholeOf(bus: string): RegExp {
  const shapes = DEVICE_FORMATS.filter(
    (format) => format.bus === bus && !format.parts && !format.after && !format.ends,
  ).map(({ fields }) => fields.map(({ tag, printed }) => [tag, printedBy(printed)?.fits.source.slice(1, -1)] as const));
  const numbers = shapes.filter((fields) => fields.every(([, fits]) => fits !== undefined));
  if (numbers.length === 0) return NEVER;
  return new RegExp(
    `^${bus}:(?:${numbers.map((fields) => fields.map((parts) => parts.join('')).join('')).join('|')})$`,
  );
}

/**
 * A modalias as an inventory has it. One that lacks fields is completed with `*`. Only where a device prints all fields
 * of its bus, with plain values, is a field known to be missing, or a wildcard to stand for what is not known: a dmi
 * modalias has as many fields as its kernel knows, and any characters in them.
 */
export function knownDevice(text: string): KnownDevice {
  if (isWhole(text)) return { modalias: text, unknown: NONE };
  const partial = incomplete(text);
  const completed = partial && partial.missing.length > 0 && partial.wrong.length === 0 ? partial.completed : text;
  const parsed = WILD.test(completed) ? parseFields(completed) : undefined;
  const isNamed = parsed?.values.some((value) => value !== ANYTHING);
  if (!parsed || parsed.format.loose || !isNamed) return { modalias: text, unknown: [] };
  const unknown = parsed.format.fields.filter((_, i) => WILD.test(parsed.values[i]!)).map(({ tag }) => tag);
  return { modalias: completed, unknown };
}
