import { expect, test } from 'vitest';
import {
  FOUR_GRAM,
  hashBetween,
  hashOf,
  LAST_WORD,
  landmark,
  START,
  WHOLE,
  WORD,
} from '../../src/pattern-index/rolling-hash.ts';

const text = Buffer.from('pci:v00008086d00000953sv00001028sd00000777bc01sc08i02', 'latin1');
const hashes = Int32Array.from({ length: text.length + 1 }, (_, i) => hashOf(text, 0, i));

test('hashBetween gives for every stretch of a text what hashOf gives for its bytes', () => {
  const wrong: string[] = [];
  for (let start = 0; start <= text.length; start++)
    for (let end = start; end <= text.length; end++)
      if (hashBetween(hashes, start, end) !== hashOf(text, start, end)) wrong.push(text.toString('latin1', start, end));
  expect(wrong).toEqual([]);
});

test('hashOf is the same wherever the bytes stand and depends on each byte and on their order', () => {
  const sum = (s: string) => hashOf(Buffer.from(s, 'latin1'), 0, s.length);
  expect(hashOf(Buffer.from('__d0953__'), 2, 7)).toBe(sum('d0953'));
  const others = ['d0954', 'd0935', 'e0953', 'd095', '0953', 'd09533', 'D0953', ''];
  expect(others.filter((other) => sum(other) === sum('d0953'))).toEqual([]);
  expect(sum('\xff')).toBe(0xff);
});

test('hashOf keeps 32 bits with a sign for the longest key', () => {
  const longest = new Uint8Array(4095).fill(0xff);
  const sum = hashOf(longest, 0, longest.length);
  expect(sum | 0).toBe(sum);
});

test('landmark gives each kind another number for one sum, and one kind no number twice', () => {
  const kinds = [WHOLE, START, WORD, LAST_WORD, FOUR_GRAM];
  expect(new Set(kinds.map((kind) => landmark(12345, kind))).size).toBe(kinds.length);
  const sumsOf = Array.from({ length: 50_000 }, (_, i) => Math.imul(i, 0x10001));
  expect(new Set(sumsOf.map((sum) => landmark(sum, WORD))).size).toBe(sumsOf.length);
});

test('landmark spreads sums that are close together over the high bits', () => {
  const buckets = new Set(Array.from({ length: 1024 }, (_, sum) => landmark(sum, START) >>> 22));
  expect(buckets.size).toBeGreaterThan(550);
});
