import type { CType, CValue } from '../../binary/ctype.ts';
import type { ByRelease } from '../../release-history.ts';

/**
 * How a field looks in a JSON row: data from which the row schema is derived, and tables/row-values.ts reads and writes
 * by.
 *
 * - number: a JSON number or a string ("0x15b3"), 0 to `max`; with `overrides`, or the word of an override prefix
 * - text: a string of at most `most` bytes, one latin1 character each; more than `length` fill the array and what
 *   follows it
 * - guid: a GUID's text, any case
 * - bits: an array of bit numbers, each at most `max`
 * - hashes: an array of `length` numbers (at most `max` each) or nulls; a null leaves the element's flag unset
 * - dmi-matches: an array of at most `length` objects {slot, substr, exact_match}
 * - ids: an array of at most `length` strings of at most `size` bytes
 */
export type Form =
  | {
      readonly kind: 'number';
      readonly max: number;
      readonly digits: number;
      readonly overrides?: boolean;
      readonly zero: number;
    }
  | { readonly kind: 'text'; readonly length: ByRelease<number>; readonly most: number; readonly zero: string }
  | { readonly kind: 'guid'; readonly zero: string }
  | { readonly kind: 'bits'; readonly max: ByRelease<number>; readonly zero: readonly number[] }
  | { readonly kind: 'hashes'; readonly length: number; readonly max: number; readonly zero: readonly number[] }
  | { readonly kind: 'dmi-matches'; readonly length: number; readonly substr: number; readonly zero: readonly CValue[] }
  | { readonly kind: 'ids'; readonly length: number; readonly size: number; readonly zero: readonly CValue[] };

/** A number of so many bytes; `digits` is how many hexadecimal digits it is written with at least. */
export function numberForm(bytes: number): Form & { kind: 'number' } {
  return { kind: 'number', max: 2 ** (bytes * 8) - 1, digits: Math.min(bytes * 2, 4), zero: 0 };
}

/** `override_only`: a 32-bit number or the name of an override prefix. */
export const overrideForm: Form = { ...numberForm(4), digits: 1, overrides: true };

/**
 * The form that follows from a C type, `room` being its bytes to the next field that is read. Structs and other arrays
 * need a form from their bus.
 */
export function formOf(type: CType, room: number): Form {
  switch (type.kind) {
    case 'int':
      return numberForm(type.bytes);
    case 'ulong':
      return numberForm(4);
    case 'chars':
      return { kind: 'text', length: type.length, most: room, zero: '' };
    case 'guid':
      return { kind: 'guid', zero: '00000000-0000-0000-0000-000000000000' };
    case 'bitmap':
      return { kind: 'bits', max: type.max, zero: [] };
    default:
      throw new RangeError(`a field of kind ${type.kind} needs a JSON form of its own`);
  }
}
