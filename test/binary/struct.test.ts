import { describe, expect, test } from 'vitest';
import type { Abi } from '../../src/binary/abi.ts';
import {
  array,
  bitmap,
  bits,
  chars,
  guid,
  pointer,
  type StructSpec,
  struct,
  u8,
  u16,
  u32,
  ulong,
  unread,
  uuid,
} from '../../src/binary/ctype.ts';
import { layoutOf } from '../../src/binary/layout.ts';
import { Reader } from '../../src/binary/reader.ts';
import { formatGuid, guidBytes, readStruct } from '../../src/binary/struct.ts';
import { parseRelease } from '../../src/release.ts';

const LSB64: Abi = { littleEndian: true, wordSize: 8, maxAlign: 8 };
const MSB64: Abi = { littleEndian: false, wordSize: 8, maxAlign: 8 };
const LSB32: Abi = { littleEndian: true, wordSize: 4, maxAlign: 4 };
const MSB32: Abi = { littleEndian: false, wordSize: 4, maxAlign: 4 };

/** The struct that lies at the beginning of bytes given in hexadecimal. */
function read(spec: StructSpec, hex: string, abi: Abi) {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return readStruct(new Reader(bytes, abi, 'a.ko'), 0, layoutOf(spec, abi, parseRelease('7.2')), parseRelease('7.2'));
}

describe('readStruct', () => {
  test.each<[abi: Abi, hex: string]>([
    [LSB64, '01 00 2233 04050607 0000000000000000 0809'],
    [MSB64, '01 00 3322 07060504 0000000000000000 0908'],
  ])('readStruct reads numbers in the byte order of %j', (abi, hex) => {
    const spec = { a: u8, b: u16, c: u32, skipped: pointer, d: u16 };
    expect(read(spec, hex, abi)).toEqual({ a: 1, b: 0x3322, c: 0x07060504, d: 0x0908 });
  });

  test.each<[abi: Abi, hex: string]>([
    [LSB64, '00 00000000000000 3412000000000000'],
    [MSB64, '00 00000000000000 0000000000001234'],
    [LSB32, '00 000000 34120000'],
    [MSB32, '00 000000 00001234'],
  ])('readStruct finds unsigned long where %j aligns it', (abi, hex) => {
    expect(read({ a: unread(u8), flags: ulong }, hex, abi)).toEqual({ flags: 0x1234 });
  });

  test.each<[abi: Abi, hex: string]>([
    [LSB64, '85'],
    [MSB64, '0b'],
  ])('readStruct takes bit fields from the end that %j begins at', (abi, hex) => {
    expect(read({ slot: bits(7), exact_match: bits(1) }, hex, abi)).toEqual({ slot: 5, exact_match: 1 });
  });

  test('readStruct begins a new byte for a bit field that does not fit', () => {
    expect(read({ a: bits(7), b: bits(2), c: u8 }, '7f 03 09', LSB64)).toEqual({ a: 0x7f, b: 3, c: 9 });
  });

  test.each<[abi: Abi, hex: string]>([
    [LSB64, '0100000000000080 0100000000000000'],
    [MSB64, '8000000000000001 0000000000000001'],
    [LSB32, '01000000 00000080 01000000'],
    [MSB32, '00000001 80000000 00000001'],
  ])('readStruct numbers the bits of a bitmap by the words of %j', (abi, hex) => {
    expect(read({ keys: bitmap(0x40) }, hex, abi)).toEqual({ keys: [0, 63, 64] });
  });

  test('readStruct leaves out bits over the highest', () => {
    expect(read({ keys: bitmap(3) }, 'ffffffff', LSB32)).toEqual({ keys: [0, 1, 2, 3] });
  });

  test('readStruct reads arrays of structs, text to the NUL', () => {
    const spec = { devs: array(struct({ id: chars(3), n: u8 }), 2) };
    expect(read(spec, '414200 01 e9ffe9 02', LSB64)).toEqual({
      devs: [
        { id: 'AB', n: 1 },
        { id: '\xe9\xff\xe9', n: 2 },
      ],
    });
  });

  test('readStruct does not read past the bytes it has', () => {
    expect(() => read({ a: u8, b: u16 }, '00 00 00', LSB64)).toThrow(/should be in bytes 2 to 4, but there are only 3/);
  });
});

describe('guid and uuid', () => {
  const memory = '00112233445566778899aabbccddeeff';

  test.each<[abi: Abi]>([[LSB64], [MSB64]])('readStruct reads guid_t and uuid_t alike on %j', (abi) => {
    expect(read({ a: guid, b: uuid }, memory + memory, abi)).toEqual({
      a: '33221100-5544-7766-8899-aabbccddeeff',
      b: '00112233-4455-6677-8899-aabbccddeeff',
    });
  });

  test.each(['guid', 'uuid'] as const)('guidBytes is the inverse of formatGuid: %s', (order) => {
    expect(Buffer.from(guidBytes(formatGuid(Buffer.from(memory, 'hex'), order), order)).toString('hex')).toBe(memory);
  });
});
