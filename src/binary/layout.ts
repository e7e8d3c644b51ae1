import type { Release } from '../release.ts';
import { atRelease, type ByRelease } from '../release.ts';
import type { Abi } from './abi.ts';

/** A C type of a device-table struct. Sizes follow from the machine, lengths may differ by release. */
export type CType =
  | { readonly kind: 'int'; readonly bytes: 1 | 2 | 4 | 8 }
  | { readonly kind: 'ulong' }
  | { readonly kind: 'pointer' }
  /** `char name[length]`: text up to the first NUL. */
  | { readonly kind: 'chars'; readonly length: ByRelease<number> }
  /** `__u8 b[length]`: raw bytes (guid_t, uuid_t and the like). */
  | { readonly kind: 'bytes'; readonly length: number }
  /** `unsigned long bits[max / BITS_PER_LONG + 1]`: a bitmap whose highest bit number is `max`. */
  | { readonly kind: 'bitmap'; readonly max: ByRelease<number> }
  | { readonly kind: 'array'; readonly of: CType; readonly length: number }
  | { readonly kind: 'struct'; readonly fields: StructSpec };

/** A field: its type, or the type by release (absent before the first, and where the value is null). */
export type FieldSpec = CType | ByRelease<CType | null>;

/** A struct's fields in C order, by their C names. */
export type StructSpec = Readonly<Record<string, FieldSpec>>;

export interface FieldLayout {
  readonly name: string;
  readonly type: CType;
  readonly offset: number;
  readonly size: number;
}

export interface StructLayout {
  readonly size: number;
  readonly align: number;
  readonly fields: readonly FieldLayout[];
}

/** Size and alignment of a type on a machine, as the C compiler of that machine has them. */
export function sizeOf(type: CType, abi: Abi, release: Release): { size: number; align: number } {
  const aligned = (bytes: number) => Math.min(bytes, abi.maxAlign);
  switch (type.kind) {
    case 'int':
      return { size: type.bytes, align: aligned(type.bytes) };
    case 'ulong':
    case 'pointer':
      return { size: abi.wordSize, align: aligned(abi.wordSize) };
    case 'chars':
      return { size: atRelease(type.length, release) ?? 0, align: 1 };
    case 'bytes':
      return { size: type.length, align: 1 };
    case 'bitmap': {
      const words = Math.floor((atRelease(type.max, release) ?? 0) / (abi.wordSize * 8)) + 1;
      return { size: words * abi.wordSize, align: aligned(abi.wordSize) };
    }
    case 'array': {
      const one = sizeOf(type.of, abi, release);
      return { size: one.size * type.length, align: one.align };
    }
    case 'struct':
      return layoutOf(type.fields, abi, release);
  }
}

/** Offsets and size of a struct: each field at its alignment, the whole rounded up to the largest. */
export function layoutOf(spec: StructSpec, abi: Abi, release: Release): StructLayout {
  const fields: FieldLayout[] = [];
  let end = 0;
  let align = 1;
  for (const [name, field] of Object.entries(spec)) {
    const type = isHistory(field) ? atRelease(field, release) : field;
    if (!type) continue;
    const own = sizeOf(type, abi, release);
    const offset = Math.ceil(end / own.align) * own.align;
    fields.push({ name, type, offset, size: own.size });
    end = offset + own.size;
    align = Math.max(align, own.align);
  }
  return { size: Math.ceil(end / align) * align, align, fields };
}

function isHistory(field: FieldSpec): field is ByRelease<CType | null> {
  return Array.isArray(field);
}
