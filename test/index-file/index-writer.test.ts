import { describe, expect, test } from 'vitest';
import { readIndex } from '../../src/index-file/index-reader.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';

const entries = [
  { key: 'ask', value: 'm0', priority: 0 },
  { key: 'ate', value: 'm1', priority: 1 },
  { key: 'on', value: 'm2', priority: 2 },
  { key: 'once', value: 'm3', priority: 3 },
  { key: 'one', value: 'm4', priority: 4 },
  { key: 'one', value: 'm5', priority: 5 },
  { key: 'one', value: 'm5', priority: 5 },
];
const zeros = '00000000'.repeat(13);
const hex = (text: string) => text.replace(/[ \n]/g, '');

/** What writeIndex makes, to be read as text. */
const bytes = (...of: Parameters<typeof writeIndex>) => Buffer.from(writeIndex(...of));

describe('writeIndex', () => {
  test('writeIndex with post puts children before their parent, as kmod 30 does', () => {
    expect(bytes(entries, 'post').toString('hex')).toBe(
      hex(`b007f457 00020001 20000071
        6b00 00000001 00000000 6d3000  6500 00000001 00000001 6d3100  7374 c000000c c0000019
        6500 00000001 00000003 6d3300  00000003 00000004 6d3400 00000005 6d3500 00000005 6d3500
        6e00 6365 c0000030 00000000 4000003d 00000001 00000002 6d3200
        616f 20000026 ${zeros} e0000056`),
    );
  });

  test('writeIndex with pre puts a parent before its children, as kmod 34 does', () => {
    expect(bytes(entries, 'pre').toString('hex')).toBe(
      hex(`b007f457 00020001 2000000c
        616f 2000004a ${zeros} e000006e
        7374 c0000054 c0000061  6b00 00000001 00000000 6d3000  6500 00000001 00000001 6d3100
        6e00 6365 c0000089 00000000 40000096 00000001 00000002 6d3200
        6500 00000001 00000003 6d3300  00000003 00000004 6d3400 00000005 6d3500 00000005 6d3500`),
    );
  });

  test.each(['pre', 'post'] as const)('writeIndex with %s does not depend on the order of different keys', (layout) => {
    expect(writeIndex(entries.toReversed(), layout)).toEqual(writeIndex(entries, layout));
  });

  test.each(['pre', 'post'] as const)('writeIndex with %s writes twelve bytes for nothing', (layout) => {
    expect(bytes([], layout).toString('hex')).toBe('b007f457000200010000000c');
  });

  test('writeIndex keeps an empty key at the root', () => {
    expect(bytes([{ key: '', value: 'm', priority: 1 }], 'post').toString('hex')).toBe(
      hex('b007f457 00020001 4000000c 00000001 00000001 6d00'),
    );
  });

  test.each(['pre', 'post'] as const)('writeIndex with %s keeps an empty key beside others', (layout) => {
    const all = ['', 'a', 'ab', 'b'].map((key, priority) => ({ key, value: `m${priority}`, priority }));
    for (const given of [all, all.toReversed()]) expect(readIndex(writeIndex(given, layout))).toEqual(all);
  });

  test('writeIndex orders values by priority and puts the last of equal priority first', () => {
    const values = [
      { key: 'k', value: 'a', priority: 7 },
      { key: 'k', value: 'b', priority: 7 },
      { key: 'k', value: 'c', priority: 3 },
      { key: 'k', value: 'd', priority: 7 },
    ];
    expect(bytes(values, 'post').toString('latin1')).toContain(
      '\0\0\0\x04\0\0\0\x03c\0\0\0\0\x07d\0\0\0\0\x07b\0\0\0\0\x07a\0',
    );
  });

  test('writeIndex writes keys that are prefixes of each other, 4,095 deep', () => {
    const nested = Array.from({ length: 4095 }, (_, i) => ({ key: 'x'.repeat(i + 1), value: 'm', priority: i }));
    expect(writeIndex(nested, 'pre')).toHaveLength(writeIndex(nested, 'post').length);
  });

  test('writeIndex refuses bytes above 127 where depmod of the same layout fails', () => {
    const plain = { key: 'caf\xe9', value: 'm', priority: 0 };
    const parting = { key: 'caf\xe8', value: 'm', priority: 0 };
    expect(() => writeIndex([plain], 'pre')).toThrow(/'caf\xe9' of m contains a byte above 127/);
    expect(bytes([plain], 'post').toString('latin1')).toContain('af\xe9\0');
    expect(() => writeIndex([plain, parting], 'post')).toThrow(/crashes/);
    const keys = (...all: string[]) => all.map((key) => ({ key, value: 'm', priority: 0 }));
    expect(writeIndex(keys('a', '\x7f'), 'post')).toHaveLength(writeIndex(keys('a', 'b'), 'post').length + 4 * 29);
    expect(() => writeIndex(keys('a', '\x80'), 'post')).toThrow(/'\x80' of m contains a byte above 127/);
    // What stands at the same place below another start can be written, and is not the one to correct.
    expect(() => writeIndex(keys('x\xe9', 'a', 'a\xe9'), 'post')).toThrow(/^the alias 'a\xe9' of m contains/);
    for (const value of ['\x80', 'm\xff'])
      expect(() => writeIndex([{ key: 'a', value, priority: 0 }], 'pre')).toThrow(/^the alias 'a' of .* refuses it/);
  });

  test('writeIndex writes 256 MiB less one byte, where offsets end, and refuses one more', () => {
    const most = 0x0fffffff;
    const values = 256;
    const value = 'm'.repeat(1 << 20);
    const fixed = 12 + 4 + values * (4 + value.length + 1);
    const entries = (last: string) =>
      Array.from({ length: values }, (_, i) => ({ key: '', value: i ? value : last, priority: 0 }));
    const last = 'm'.repeat((1 << 20) - (fixed - most));
    expect(writeIndex(entries(last), 'post')).toHaveLength(most);
    expect(() => writeIndex(entries(`${last}m`), 'post')).toThrow('the index would take 268435456 bytes');
  });
});
