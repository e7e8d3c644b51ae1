import { DEVICE_FORMATS } from '../../bus/buses.ts';
import type { DeviceFormat, Field } from '../../bus/define/device-format.ts';
import { printedBy } from '../../explain/incomplete.ts';
import { parseFields } from '../../match/fields.ts';
import { KEY_BYTES } from '../../match/key-tokens.ts';
import { intersects } from '../../pattern/intersection.ts';
import { normalizeAlias, PATH_MAX } from '../../pattern/normalize.ts';
import { type Token, tokenize } from '../../pattern/tokens.ts';

/** Bus and override prefix of a pattern. */
const START = /^(?:(?!fsl_mc:)[a-z0-9]+_)?(fsl_mc|[a-z0-9]+)\*?:/;

interface Language {
  readonly format: DeviceFormat;
  readonly tokens: readonly Token[];
  /** Whether a pattern surely matches some of them; undefined where there is no simple form of those that do. */
  readonly usual: ((pattern: string, head: Head) => boolean) | undefined;
}

/** What the modaliases of a bus look like, by its name in patterns; made when first asked for, as it takes long. */
const languages = new Map<string, readonly Language[]>();

function languagesOf(bus: string): readonly Language[] {
  let known = languages.get(bus);
  if (!known) {
    const formats = DEVICE_FORMATS.filter((format) => format.bus.replaceAll('-', '_') === bus);
    known = formats.map((format) => {
      let tokens: readonly Token[] | undefined;
      return {
        format,
        get tokens() {
          tokens ??= tokensOf(`${bus}:${devicePattern(format)}`)!;
          return tokens;
        },
        usual: usualPatterns(bus, format),
      };
    });
    languages.set(bus, known);
  }
  return known;
}

/** The text up to the first colon of a pattern, the languages of its bus, and where the name of the bus begins. */
interface Head {
  readonly text: string;
  readonly formats: readonly Language[];
  readonly start: number;
}

/** The head of the last pattern: those of a module have few, and one follows the other. */
let lastHead: Head = { text: ':', formats: [], start: 0 };

function headOf(pattern: string): Head {
  if (pattern.startsWith(lastHead.text)) return lastHead;
  const text = pattern.slice(0, pattern.indexOf(':') + 1);
  const bus = START.exec(text)?.[1];
  const formats = bus === undefined ? [] : languagesOf(bus);
  const start = bus === undefined || text.startsWith(bus) ? 0 : text.indexOf(`_${bus}`) + 1;
  const head = { text, formats, start };
  if (text !== '') lastHead = head;
  return head;
}

/**
 * Why no device of its bus can have a modalias that an alias matches, going by how the bus prints them;
 * undefined where one can, and where that is not known: other buses, names, and unpaired brackets.
 */
export function unprintable(alias: string): string | undefined {
  // A usual pattern has no brackets, so that its normal form is as usual.
  if (alias.length < PATH_MAX && isUsual(alias)) return undefined;
  const pattern = normalizeAlias(alias);
  if (pattern === undefined) return undefined;
  const { formats, start } = headOf(pattern);
  if (formats.length === 0) return undefined;
  const plain = pattern.slice(start);
  if (isUsual(withoutBrackets(pattern))) return undefined;
  const tokens = tokensOf(plain);
  if (!tokens || formats.some((one) => intersects(tokens, one.tokens, KEY_BYTES))) return undefined;
  const { format } = formats[0]!;
  return badField(plain, format) ?? badEnd(plain, format) ?? `expected a pattern of ${sampleOf(format)}`;
}

function isUsual(pattern: string): boolean {
  const head = headOf(pattern);
  for (const { usual } of head.formats) if (usual?.(pattern, head)) return true;
  return false;
}

/** The first field whose value no device prints, in words. */
function badField(pattern: string, only: DeviceFormat): string | undefined {
  const parsed = parseFields(pattern, only);
  if (!parsed) return undefined;
  for (const [i, field] of only.fields.entries()) {
    const value = parsed.values[i]!;
    const tokens = tokenize(value, 'config');
    const printed = printedBy(field.printed);
    if (!tokens || !printed || intersects(tokens, tokensOf(valuePattern(field))!, KEY_BYTES)) continue;
    return `${field.name}${field.tag && ` (${field.tag})`}: found '${value}', expected ${printed.words}`;
  }
  return undefined;
}

function badEnd(pattern: string, { ends, title }: DeviceFormat): string | undefined {
  if (ends === undefined || pattern.endsWith(ends) || pattern.endsWith('*')) return undefined;
  return `found no '${ends}' at the end, which the modalias of each ${title} has`;
}

/** What the modaliases of devices look like: `pci:v%08Xd%08X`. */
function sampleOf({ bus, fields, parts = '', ends = '' }: DeviceFormat): string {
  return `${bus}:${fields.map(({ tag, printed }) => tag + printed).join(parts)}${parts && ends}`;
}

/** What follows the colon in modaliases of devices, as a pattern: all of them match, and few others. */
function devicePattern({ fields, parts, ends = '', after }: DeviceFormat): string {
  if (parts !== undefined) return `*${ends}`;
  const values = fields.map((field) => field.tag + valuePattern(field)).join('');
  return `${values}${after === undefined ? ends : `${after}*`}`;
}

/**
 * Patterns whose fields have digits, `?` for some or `*` for the last of them, or text without brackets, as nearly all
 * do: such a pattern is a modalias when digits take the place of what stands for them. Only what is unlike them needs
 * the algebra of patterns. Undefined for a bus whose fields have no fixed form.
 */
function usualPatterns(bus: string, { fields, parts, ends = '', after }: DeviceFormat): Language['usual'] {
  const matching =
    (pattern: RegExp) =>
    (text: string, { start }: Head) =>
      pattern.test(start === 0 ? text : text.slice(start));
  if (parts !== undefined) return matching(new RegExp(`^${bus}\\*?:${TEXT}*${ends === '' ? '' : `(?:\\*|${ends})`}$`));
  if (after !== undefined) return undefined;
  const values = fields.map((field, i) => {
    const { tag, printed, optional } = field;
    const next = fields[i + 1]?.tag;
    // Up to the first place where the next field can begin: nothing to go back to, however long the pattern is.
    if (printed === '%s') return tag + (next ? `(?:(?!${next})${TEXT})*` : `${TEXT}*`);
    if (/^%pU/.test(printed)) return `${tag}(?:\\*|${valuePattern(field)})`;
    const [, width, kind] = /^%0?(\d+)([Xxb])$/.exec(printed) ?? [];
    if (optional || width === undefined || Number(width) === 0) return undefined;
    const digit = `[?${DIGIT[kind as keyof typeof DIGIT].slice(1)}`;
    return `${tag}(?:${digit}{${width}}|${digit}{0,${Number(width) - 1}}\\*)`;
  });
  if (values.includes(undefined)) return undefined;
  return matching(new RegExp(`^${bus}\\*?:${values.join('')}(?:\\*${ends === '' ? '?' : `|${ends}`})$`));
}

/** A pattern with a character for each simple bracket that has it: what it matches, the pattern matches too. */
function withoutBrackets(pattern: string): string {
  if (!pattern.includes('[')) return pattern;
  return pattern.replace(BRACKET, (bracket, from: string, to?: string) =>
    to === undefined || from <= to ? from : bracket,
  );
}

const BRACKET = /\[(\w)(?:-(\w))?[^\]]*\]/g;

/**
 * A star, or a byte that stands for itself in patterns and occurs in keys; or a dash, for which the normal form has
 * `_`, another such byte: there are no brackets around it.
 */
const TEXT = '[!->@-Z^-~]';

/** One digit of a conversion. */
const DIGIT = { X: '[0-9A-F]', x: '[0-9a-f]', d: '[0-9]', b: '[01]' } as const;

/** What the kernel's printf writes for a conversion, as a pattern; `*` where none says it. */
function valuePattern({ printed, optional }: Field): string {
  const [, hash, width, kind] = /^%(#)?0?(\d*)([Xxdb]|pU[Llb])$/.exec(printed) ?? [];
  if (optional || kind === undefined) return '*';
  if (kind.startsWith('pU'))
    return [8, 4, 4, 4, 12].map((count) => DIGIT[kind === 'pUL' ? 'X' : 'x'].repeat(count)).join('_');
  const digit = DIGIT[kind as keyof typeof DIGIT];
  const least = Math.max(1, Number(width) - (hash ? 2 : 0));
  return `${hash ? '0x' : ''}${digit.repeat(least)}${width === '' || kind === 'd' ? '*' : ''}`;
}

function tokensOf(pattern: string): readonly Token[] | undefined {
  return tokenize(pattern, 'alias');
}
