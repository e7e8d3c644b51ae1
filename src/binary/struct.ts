import type { Release } from '../release.ts';
import { atRelease } from '../release-history.ts';
import type { CType, CValue } from './ctype.ts';
import { layoutOf, type StructLayout, sizeOf } from './layout.ts';
import type { Reader } from './reader.ts';

/**
 * The fields of the struct at `offset`, by name. Reads through the bounded reader; throws `truncated` past its end.
 * Text that fills its array continues to the next NUL, as C's string functions read it, but not into a field that is
 * read.
 */
export function readStruct(
  reader: Reader,
  offset: number,
  layout: StructLayout,
  release: Release,
): Record<string, CValue> {
  const value: Record<string, CValue> = {};
  for (const field of layout.fields) {
    if (field.type.kind === 'unread') continue;
    const at = offset + field.offset;
    value[field.name] =
      field.type.kind === 'chars'
        ? reader.cstring(at, field.room)
        : readValue(reader, at, field.type, release, field.bit);
  }
  return value;
}

function readValue(reader: Reader, offset: number, type: CType, release: Release, bit: number): CValue {
  switch (type.kind) {
    case 'int':
      return type.bytes === 1 ? reader.u8(offset) : type.bytes === 2 ? reader.u16(offset) : reader.u32(offset);
    case 'ulong':
      return Number(reader.word(offset) & 0xffffffffn);
    case 'bits': {
      const from = reader.abi.littleEndian ? bit : 8 - bit - type.width;
      return (reader.u8(offset) >> from) & ((1 << type.width) - 1);
    }
    case 'chars':
      return reader.cstring(offset, atRelease(type.length, release) ?? 0);
    case 'guid':
      return formatGuid(reader.slice(offset, 16, 'a GUID').bytes, type.order);
    case 'bitmap':
      return setBits(reader, offset, atRelease(type.max, release) ?? 0);
    case 'array': {
      const { size } = sizeOf(type.of, reader.abi, release);
      return Array.from({ length: type.length }, (_, i) => readValue(reader, offset + i * size, type.of, release, 0));
    }
    case 'struct':
      return readStruct(reader, offset, layoutOf(type.fields, reader.abi, release), release);
    case 'pointer':
    case 'unread':
      return 0;
  }
}

/** Numbers of the bits set in an array of `unsigned long`, up to and including `max`. */
function setBits(reader: Reader, offset: number, max: number): number[] {
  const { wordSize } = reader.abi;
  const set: number[] = [];
  for (let word = 0; word <= Math.floor(max / (wordSize * 8)); word++) {
    const value = reader.word(offset + word * wordSize);
    if (value === 0n) continue;
    for (let i = 0; i < wordSize * 8; i++) {
      const bit = word * wordSize * 8 + i;
      if (bit <= max && (value >> BigInt(i)) & 1n) set.push(bit);
    }
  }
  return set;
}

/** The place in memory of each printed byte of a GUID: guid_t and uuid_le reverse the first three groups. */
const GUID_ORDER = {
  guid: [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15],
  uuid: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
} as const;

/** Sixteen bytes as a GUID's text, lower case: `12b5b0fc-...`. */
export function formatGuid(bytes: Uint8Array, order: 'guid' | 'uuid'): string {
  const hex = GUID_ORDER[order].map((at) => (bytes[at] ?? 0).toString(16).padStart(2, '0'));
  return [hex.slice(0, 4), hex.slice(4, 6), hex.slice(6, 8), hex.slice(8, 10), hex.slice(10)]
    .map((group) => group.join(''))
    .join('-');
}

/** A GUID's text as the sixteen bytes in memory, two lower-case digits each; the inverse of `formatGuid`. */
export function guidBytes(text: string, order: 'guid' | 'uuid'): Uint8Array {
  const printed = Buffer.from(text.replaceAll('-', ''), 'hex');
  const bytes = new Uint8Array(16);
  GUID_ORDER[order].forEach((at, i) => {
    bytes[at] = printed[i] ?? 0;
  });
  return bytes;
}
