import { DEVICE_FORMATS } from '../bus/buses.ts';
import { faultsOf, type Incomplete, incomplete, printedBy, type WrongValue } from '../explain/incomplete.ts';
import { ANYTHING, type Parsed, parseFields } from '../match/fields.ts';

/** What an inventory knows of a device. */
export interface KnownDevice {
  /**
   * Its modalias, latin1; with `*`, which stands for any value, in each field that the inventory lacks, and after a
   * value that was cut off.
   */
  readonly modalias: string;
  /** The tags of these fields, such as `sv`, or the name of one without a tag; none for a whole modalias. */
  readonly unknown: readonly string[];
  /**
   * What is wrong with it, such as `is truncated; it lacks type (T)`, where no device prints it and it cannot be
   * completed.
   */
  readonly fault?: string;
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
 * A modalias as an inventory has it. One that lacks fields or its last colon, or ends within a number, is completed
 * with `*`. Only where a device prints all fields of its bus, with plain values, is a field known to be missing, or a
 * wildcard to stand for what is not known: a dmi modalias has as many fields as its kernel knows, and any characters in
 * them.
 */
export function knownDevice(text: string): KnownDevice {
  if (isWhole(text)) return { modalias: text, unknown: NONE };
  // Tags have `_` for each `-`.
  const partial = incomplete(text.replaceAll('-', '_'));
  const unended = partial && withoutEnd(text, partial);
  if (unended) return unended;
  const cut = partial && cutOff(text, partial);
  const isSound = partial && partial.wrong.length === (cut ? 1 : 0) && (cut || partial.missing.length > 0);
  const completed = isSound ? asWritten(text, partial.completed) : text;
  const found = WILD.test(completed) ? parseFields(completed) : undefined;
  const parsed = found && cut ? withCut(found, cut) : found;
  const isNamed = parsed?.values.some((value) => value !== ANYTHING);
  if (!parsed || parsed.format.loose || !isNamed)
    return { modalias: text, unknown: [], ...(partial ? { fault: faultsOf(partial) } : {}) };
  const unknown = parsed.format.fields
    .filter((_, i) => WILD.test(parsed.values[i]!))
    .map(({ tag, name }) => tag || name);
  return { modalias: cut && isSound ? textOf(text, parsed) : completed, unknown };
}

/** A modalias that lacks only its last colon may be cut off within the value before that, as acpi:PNP0C is. */
function withoutEnd(text: string, { fields, missing, wrong, completed }: Incomplete): KnownDevice | undefined {
  const start = text.replaceAll('-', '_');
  const lacksEnd = missing.length > 0 && wrong.length === 0 && completed.startsWith(start) && !WILD.test(completed);
  if (!lacksEnd) return undefined;
  const unknown = fields.slice(-1).map(({ field: { tag, name } }) => tag || name);
  return { modalias: text + ANYTHING + completed.slice(text.length), unknown };
}

/** A completed text with the dashes that it was written with. */
function asWritten(text: string, completed: string): string {
  return completed.startsWith(text.replaceAll('-', '_')) ? text + completed.slice(text.length) : completed;
}

/** The number that a text ends within, too short for its field; undefined where it does not. */
function cutOff(text: string, { wrong }: Incomplete): WrongValue | undefined {
  const last = wrong.at(-1);
  if (!last || !text.replaceAll('-', '_').endsWith(last.field.tag + last.value)) return undefined;
  const fits = printedBy(last.field.printed)?.fits;
  const start = last.field.printed.includes('#') && '0x'.startsWith(last.value) ? '0x' : last.value;
  return fits?.test(start + MORE_DIGITS) ? last : undefined;
}

/** More than any field has; a zero is a digit of every base. */
const MORE_DIGITS = '0'.repeat(32);

function withCut(parsed: Parsed, { field, value }: WrongValue): Parsed {
  const values = parsed.values.map((one, i) => (parsed.format.fields[i] === field ? value + ANYTHING : one));
  return { ...parsed, values };
}

function textOf(text: string, { format: { fields, after = '', ends = after }, values }: Parsed): string {
  const fieldsAndValues = fields.map(({ tag }, i) => tag + values[i]!);
  return text.slice(0, text.indexOf(':') + 1) + fieldsAndValues.join('') + ends;
}
