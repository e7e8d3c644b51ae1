import type { Field } from '../bus/define/device-format.ts';
import { setOf, type Token, tokenize } from '../pattern/tokens.ts';
import { parseFields } from './fields.ts';

/**
 * The bytes that modaliases of devices are made of: printable ASCII without wildcards and without the dash, which
 * lookups turn to `_`.
 */
export const KEY_BYTES: Uint8Array = setOf(
  (byte) => byte > 0x20 && byte < 0x7f && !'*?[]-'.includes(String.fromCharCode(byte)),
);

const DIGITS = setOf((byte) => '0123456789ABCDEF'.includes(String.fromCharCode(byte)));

const known = new Map<string, readonly Token[] | undefined>();

/**
 * What a pattern matches of the modaliases that devices carry, as tokens. On buses that print fields of fixed widths
 * each star stands for the digits that its field lacks, and never for other fields: no device is called
 * `hid:b0003gv0000054C..`. Undefined for the few patterns without tokens, see `tokenize`.
 */
export function keyTokensOf(pattern: string): readonly Token[] | undefined {
  if (!known.has(pattern)) {
    if (known.size >= 100_000) known.clear();
    known.set(pattern, fieldTokens(pattern) ?? tokenize(pattern, 'alias'));
  }
  return known.get(pattern);
}

/**
 * The tokens of a pattern of a bus with fixed widths; undefined for any other, and where a value does not fit its
 * width.
 */
function fieldTokens(pattern: string): Token[] | undefined {
  const parsed = parseFields(pattern);
  if (!parsed || parsed.format.loose) return undefined;
  const { prefix, format, values } = parsed;
  const tokens: Token[] = [...literal(`${prefix === '' ? '' : `${prefix}_`}${format.bus}:`)];
  for (const [i, field] of format.fields.entries()) {
    const width = widthOf(field);
    const value = width === undefined ? undefined : digitTokens(values[i]!, width);
    if (!value) return undefined;
    tokens.push(...literal(field.tag), ...value);
  }
  return tokens;
}

const widths = new Map<Field, number | undefined>();

/** How many digits a field is printed with, in upper case; undefined where it is not such a number. */
export function widthOf(field: Field): number | undefined {
  if (!widths.has(field)) {
    const width = /^%0(\d+)X$/.exec(field.printed)?.[1];
    widths.set(field, width === undefined ? undefined : Number(width));
  }
  return widths.get(field);
}

const literals = new Map<string, readonly Token[]>();

/** The tokens of a text without wildcards; a bus's tags and most of its values come up again and again. */
function literal(text: string): readonly Token[] {
  let tokens = literals.get(text);
  if (!tokens) {
    tokens = tokenize(text, 'alias')!;
    if (literals.size < 10_000) literals.set(text, tokens);
  }
  return tokens;
}

const open: (readonly Token[])[] = [];

/** So many digits. */
function anyDigits(width: number): readonly Token[] {
  open[width] ??= Array.from({ length: width }, () => DIGITS);
  return open[width];
}

/** So many digits as a value's tokens allow them; undefined where it has others, more or fewer. */
function digitTokens(value: string, width: number): readonly Token[] | undefined {
  if (/^[0-9A-F]+$/.test(value)) return value.length === width ? literal(value) : undefined;
  if (value === '*') return anyDigits(width);
  const parts = tokenize(value, 'config');
  if (!parts || parts.filter((part) => part === 'star').length > 1) return undefined;
  const missing = width - parts.filter((part) => part !== 'star').length;
  if (missing < 0 || (missing > 0 && !parts.includes('star'))) return undefined;
  const tokens: Token[] = [];
  for (const part of parts) {
    if (part === 'star') for (let i = 0; i < missing; i++) tokens.push(DIGITS);
    else {
      const digits = part.map((holds, byte) => holds & DIGITS[byte]!);
      if (!digits.includes(1)) return undefined;
      tokens.push(single(digits) ?? digits);
    }
  }
  return tokens;
}

/** The shared set of a byte where a set holds no other. */
function single(set: Uint8Array): Token | undefined {
  const byte = set.indexOf(1);
  return set.indexOf(1, byte + 1) === -1 ? literal(String.fromCharCode(byte))[0] : undefined;
}
