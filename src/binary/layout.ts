import type { Release } from '../release.ts';
import { atRelease, type ByRelease } from '../release-history.ts';
import type { Abi } from './abi.ts';
import type { CType, FieldSpec, StructSpec } from './ctype.ts';

export interface FieldLayout {
  readonly name: string;
  readonly type: CType;
  /** Bytes from the struct's beginning. */
  readonly offset: number;
  readonly size: number;
  /** Bytes from its offset to the next field that is read, or to the struct's end. */
  readonly room: number;
  /** For a bit field: how many bits of its byte come before it. */
  readonly bit: number;
}

export interface StructLayout {
  readonly size: number;
  readonly align: number;
  readonly fields: readonly FieldLayout[];
}

/** Size and alignment in bytes of a type on a machine, as the C compiler of that machine has them. */
export function sizeOf(type: CType, abi: Abi, release: Release): { size: number; align: number } {
  const aligned = (bytes: number) => Math.min(bytes, abi.maxAlign);
  switch (type.kind) {
    case 'int':
      return { size: type.bytes, align: aligned(type.bytes) };
    case 'ulong':
      return { size: abi.wordSize, align: type.selfAligned ? abi.wordSize : aligned(abi.wordSize) };
    case 'pointer':
      return { size: abi.wordSize, align: aligned(abi.wordSize) };
    case 'bits':
      return { size: 1, align: 1 };
    case 'chars':
      return { size: atRelease(type.length, release) ?? 0, align: 1 };
    case 'guid':
      return { size: 16, align: 1 };
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
    case 'unread':
      return sizeOf(type.of, abi, release);
  }
}

/** Offsets and size of a struct: each field at its alignment, the whole rounded up to the largest. */
export function layoutOf(spec: StructSpec, abi: Abi, release: Release): StructLayout {
  const placed: Omit<FieldLayout, 'room'>[] = [];
  let end = 0;
  let align = 1;
  let bit = 0;
  for (const [name, field] of Object.entries(spec)) {
    const type = typeAt(field, release);
    if (!type) continue;
    const own = sizeOf(type, abi, release);
    const shares = type.kind === 'bits' && bit > 0 && bit + type.width <= 8;
    const offset = shares ? end - 1 : Math.ceil(end / own.align) * own.align;
    placed.push({ name, type, offset, size: own.size, bit: shares ? bit : 0 });
    bit = type.kind === 'bits' ? (shares ? bit : 0) + type.width : 0;
    end = offset + own.size;
    align = Math.max(align, own.align);
  }
  const size = Math.ceil(end / align) * align;
  const fields = placed.map((field, i) => {
    const next = placed.find(({ type }, j) => j > i && type.kind !== 'unread');
    return { ...field, room: (next?.offset ?? size) - field.offset };
  });
  return { size, align, fields };
}

/** A field's type at a release; undefined where the field does not exist (yet). */
function typeAt(field: FieldSpec, release: Release): CType | undefined {
  return isHistory(field) ? (atRelease(field, release) ?? undefined) : field;
}

function isHistory(field: FieldSpec): field is ByRelease<CType | null> {
  return Array.isArray(field);
}
