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

/** By bus, what whole modaliases look like whose fields are numbers, or one name; undefined until it is asked for. */
const WHOLE = new Map<string, RegExp | undefined>(DEVICE_FORMATS.map(({ bus }) => [bus, undefined]));

/** Whether all fields of a modalias are plainly there: most are, and need not be taken apart. */
export function isWhole(text: string): boolean {
  const bus = text.slice(0, text.indexOf(':'));
  if (!WHOLE.has(bus)) return false;
  const whole = WHOLE.get(bus) ?? wholeOf(bus);
  WHOLE.set(bus, whole);
  return whole.test(text);
}

const NEVER = /(?!)/;
const NAME = '[^\\s*?[\\]]+';

function wholeOf(bus: string): RegExp {
  const shapes = DEVICE_FORMATS.filter((format) => format.bus === bus && !format.parts && !format.after).flatMap(
    ({ fields, ends = '' }) => {
      const values = fields.map(({ printed }) => printedBy(printed)?.fits.source.slice(1, -1));
      if (values.includes(undefined) && values.length > 1) return [];
      return [fields.map(({ tag }, i) => tag + (values[i] ?? NAME)).join('') + ends];
    },
  );
  return shapes.length === 0 ? NEVER : new RegExp(`^${bus}:(?:${shapes.join('|')})$`);
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
