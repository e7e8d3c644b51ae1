import type { CValue } from '../binary/ctype.ts';
import { VFIO_OVERRIDE } from '../bus/define/alias-writer.ts';
import { DMI_SLOTS } from '../bus/define/dmi-slots.ts';
import type { Form } from '../bus/define/forms.ts';
import type { Release } from '../release.ts';
import { atRelease } from '../release-history.ts';
import { formatNumber, parseNumber } from './number.ts';
import { numberWords } from './row-schema.ts';

/** How a row's values are read. */
export interface ValueOptions {
  /** The release whose limits the row keeps. */
  readonly release: Release;
  /** Words that `override_only` may be given by, by their flags. Default: only vfio, for 1, which is always there. */
  readonly overridePrefixes?: ReadonlyMap<number, string> | undefined;
}

/**
 * Receives what the schema of all releases accepts but this release, or these prefixes, do not; `at` begins at the
 * value.
 */
export type Refuse = (message: string, at: readonly number[]) => void;

/** The value that a JSON value represents. The row's schema has validated it (row-schema.ts). */
export function readForm(form: Form, json: unknown, options: ValueOptions, refuse: Refuse): CValue {
  switch (form.kind) {
    case 'number':
      return form.overrides ? readOverride(form.max, json, options, refuse) : parseNumber(json)!;
    case 'text':
      return json as string;
    case 'guid':
      return (json as string).toLowerCase();
    case 'bits':
      return readBits(json as readonly unknown[], atRelease(form.max, options.release) ?? 0, refuse);
    case 'hashes':
      return (json as readonly unknown[]).map((item) => (item === null ? 0 : parseNumber(item)!));
    case 'ids':
      return (json as readonly string[]).map((id) => ({ id }));
    case 'dmi-matches':
      return (json as readonly { slot: unknown; substr: string; exact_match?: boolean }[]).map(
        ({ slot, substr, exact_match }) => ({
          slot: readSlot(slot),
          exact_match: exact_match ? 1 : 0,
          substr,
        }),
      );
  }
}

/** A slot by its name or number. */
function readSlot(json: unknown): number {
  const named = DMI_SLOTS.indexOf(json as (typeof DMI_SLOTS)[number]);
  return named === -1 ? parseNumber(json)! : named;
}

function readOverride(max: number, json: unknown, { overridePrefixes = new Map() }: ValueOptions, refuse: Refuse) {
  const words = [...VFIO_OVERRIDE, ...overridePrefixes].map(([flag, word]) => [word, flag] as const);
  const flag = words.find(([word]) => word === json)?.[1] ?? parseNumber(json);
  if (flag !== undefined) return flag;
  const known = words.map(([word]) => word).join(', ');
  refuse(`found ${JSON.stringify(json)}, expected ${numberWords(max)} or one of ${known}`, []);
  return 0;
}

function readBits(json: readonly unknown[], max: number, refuse: Refuse): readonly number[] {
  const bits = json.map((item) => parseNumber(item)!);
  for (const [i, bit] of bits.entries()) if (bit > max) refuse(`found ${bit}, expected ${numberWords(max)}`, [i]);
  return [...new Set(bits)].sort((a, b) => a - b);
}

/** A value as JSON in its form; `readForm` reverses it. */
export function writeForm(form: Form, value: CValue): unknown {
  switch (form.kind) {
    case 'number':
      if (form.overrides && value !== 0) return VFIO_OVERRIDE.get(value as number) ?? formatNumber(value as number, 1);
      return form.overrides ? 0 : formatNumber(value as number, form.digits);
    case 'hashes':
      return (value as number[]).map((item) => formatNumber(item, 8));
    case 'ids': {
      const ids = (value as { id: string }[]).map(({ id }) => id);
      const end = ids.indexOf('');
      return end === -1 ? ids : ids.slice(0, end);
    }
    case 'dmi-matches':
      return (value as { slot: number; substr: string; exact_match: number }[])
        .filter(({ slot }) => slot !== 0)
        .map(({ slot, substr, exact_match }) => ({
          slot: DMI_SLOTS[slot] ?? slot,
          substr,
          ...(exact_match ? { exact_match: true } : {}),
        }));
    default:
      return value;
  }
}
