import type { Abi } from '../../src/binary/abi.ts';
import type { CType } from '../../src/binary/ctype.ts';
import { type FieldLayout, layoutOf, type StructLayout, sizeOf } from '../../src/binary/layout.ts';
import type { Release } from '../../src/release.ts';
import { putInt } from './byte-writer.ts';

/**
 * A C value to be stored: numbers, latin1 text, bit numbers of a bitmap, raw bytes (a GUID, a member that nobody
 * reads), arrays and structs of them.
 */
export type MemoryValue =
  | number
  | string
  | Uint8Array
  | readonly MemoryValue[]
  | { readonly [field: string]: MemoryValue };

export interface Machine {
  readonly abi: Abi;
  readonly release: Release;
}

/** Bytes of a struct with the values that are given and zeros elsewhere. */
export function structBytes(
  layout: StructLayout,
  values: Readonly<Record<string, MemoryValue>>,
  machine: Machine,
): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  for (const field of layout.fields) {
    const value = values[field.name];
    if (value !== undefined)
      store(bytes.subarray(field.offset, field.offset + field.size), field.type, value, machine, field);
  }
  return bytes;
}

function store(target: Uint8Array, type: CType, value: MemoryValue, machine: Machine, field?: FieldLayout): void {
  const { abi, release } = machine;
  if (value instanceof Uint8Array) target.set(value.subarray(0, target.length));
  else if (type.kind === 'int' || type.kind === 'ulong')
    putInt(target, 0, value as number, target.length, abi.littleEndian);
  else if (type.kind === 'chars') target.set(Buffer.from(value as string, 'latin1').subarray(0, target.length));
  else if (type.kind === 'bits') {
    const before = field?.bit ?? 0;
    target[0]! |= (value as number) << (abi.littleEndian ? before : 8 - before - type.width);
  } else if (type.kind === 'bitmap') {
    for (const bit of value as readonly number[]) setBit(target, bit, abi);
  } else if (type.kind === 'array') {
    const { size } = sizeOf(type.of, abi, release);
    for (const [i, item] of (value as readonly MemoryValue[]).entries())
      store(target.subarray(i * size, (i + 1) * size), type.of, item, machine);
  } else if (type.kind === 'struct') {
    const layout = layoutOf(type.fields, abi, release);
    target.set(structBytes(layout, value as Record<string, MemoryValue>, machine));
  } else if (type.kind === 'unread') store(target, type.of, value, machine);
  else throw new TypeError(`a ${type.kind} is stored as raw bytes`);
}

/** Sets a bit of an array of `unsigned long`. */
function setBit(target: Uint8Array, bit: number, { wordSize, littleEndian }: Abi): void {
  const word = Math.floor(bit / (wordSize * 8)) * wordSize;
  const byte = Math.floor((bit % (wordSize * 8)) / 8);
  target[word + (littleEndian ? byte : wordSize - 1 - byte)]! |= 1 << (bit % 8);
}
