import type { Release } from '../release.ts';
import { always, type ByRelease } from '../release-history.ts';

/** A C type of a device-table struct. Sizes follow from the machine; lengths may differ by release. */
export type CType =
  | IntType
  | { readonly kind: 'ulong'; readonly selfAligned: boolean }
  | { readonly kind: 'pointer' }
  | { readonly kind: 'bits'; readonly width: number }
  | { readonly kind: 'chars'; readonly length: ByRelease<number> }
  | { readonly kind: 'guid'; readonly order: 'guid' | 'uuid' }
  | { readonly kind: 'bitmap'; readonly max: ByRelease<number> }
  | { readonly kind: 'array'; readonly of: CType; readonly length: number }
  | { readonly kind: 'struct'; readonly fields: StructSpec }
  | { readonly kind: 'unread'; readonly of: CType };

export interface IntType {
  readonly kind: 'int';
  readonly bytes: 1 | 2 | 4;
}

/** A field: its type, or its type by release (absent before the first, and where it is null). */
export type FieldSpec = CType | ByRelease<CType | null>;

/** A struct's fields in C order, by their C names. */
export type StructSpec = Readonly<Record<string, FieldSpec>>;

export const u8 = { kind: 'int', bytes: 1 } as const;
export const u16 = { kind: 'int', bytes: 2 } as const;
export const u32 = { kind: 'int', bytes: 4 } as const;

/** `kernel_ulong_t` whose value counts; its low 32 bits are read. */
export const ulong = { kind: 'ulong', selfAligned: false } as const;

/** A member that takes up space and is never read: no alias depends on it. */
export function unread<const T extends CType>(of: T) {
  return { kind: 'unread', of } as const;
}

/** `kernel_ulong_t driver_data` and similar fields. */
export const driverData = unread(ulong);

/** The same with `__attribute__((aligned(sizeof(kernel_ulong_t))))`: aligned by its size even on m68k. */
export const selfAlignedDriverData = unread({ kind: 'ulong', selfAligned: true });

/** Any pointer: relocated when the module is loaded, so there is nothing to read from the file. */
export const pointer = unread({ kind: 'pointer' });

/** `char name[length]`: text up to the first NUL, one latin1 character a byte. */
export function chars(length: number | ByRelease<number>) {
  return { kind: 'chars', length: typeof length === 'number' ? always(length) : length } as const;
}

/** `guid_t` and `uuid_le`: sixteen bytes whose first three groups are little-endian on every machine. Read as text. */
export const guid = { kind: 'guid', order: 'guid' } as const;

/** `uuid_t`: sixteen bytes, big-endian throughout. Read as text. */
export const uuid = { kind: 'guid', order: 'uuid' } as const;

/** `kernel_ulong_t bits[max / BITS_PER_LONG + 1]`: the numbers of the bits that are set, up to `max`. */
export function bitmap(max: number | ByRelease<number>) {
  return { kind: 'bitmap', max: typeof max === 'number' ? always(max) : max } as const;
}

/**
 * `unsigned char x:width`: neighbours share a byte, filled from the low end on little-endian machines, from the high
 * end on others.
 */
export function bits(width: number) {
  return { kind: 'bits', width } as const;
}

export function array<const T extends CType>(of: T, length: number) {
  return { kind: 'array', of, length } as const;
}

export function struct<const F extends StructSpec>(fields: F) {
  return { kind: 'struct', fields } as const;
}

/** What a C value is read as. */
export type CValue = number | string | readonly CValue[] | { readonly [field: string]: CValue };

/** The TypeScript type of a C type's value; `never` where nothing is read. */
export type ValueOf<T> = T extends { readonly kind: 'int' | 'ulong' | 'bits' }
  ? number
  : T extends { readonly kind: 'chars' | 'guid' }
    ? string
    : T extends { readonly kind: 'bitmap' }
      ? readonly number[]
      : T extends { readonly kind: 'array'; readonly of: infer E }
        ? readonly ValueOf<E>[]
        : T extends { readonly kind: 'struct'; readonly fields: infer F }
          ? StructValue<F>
          : T extends readonly (readonly [Release, infer V])[]
            ? ValueOf<V>
            : never;

type ReadKeys<S> = { [K in keyof S]: ValueOf<S[K]> extends never ? never : K }[keyof S];

/** The value of a struct: its read fields by name. */
export type StructValue<S> = { readonly [K in ReadKeys<S>]: ValueOf<S[K]> };
