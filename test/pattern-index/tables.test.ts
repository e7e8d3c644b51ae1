import { expect, test } from 'vitest';
import { openIndex } from '../../src/index-file/index-reader.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { CountMin } from '../../src/pattern-index/count-min.ts';
import { FoundRows, sortRows } from '../../src/pattern-index/found-rows.ts';
import { LandmarkTable, SLOT } from '../../src/pattern-index/landmark-table.ts';
import { rowsOfIndex } from '../../src/pattern-index/pattern-rows-bin.ts';
import { PatternTableBuilder, patternAt } from '../../src/pattern-index/pattern-table.ts';
import { landmark, START, WORD } from '../../src/pattern-index/rolling-hash.ts';
import { Random } from '../support/random.ts';

const numbers = (count: number, kind: number) => Int32Array.from({ length: count }, (_, i) => landmark(i, kind));

test('CountMin never counts too few, and seldom too many', () => {
  const counts = new CountMin(1000);
  const added = numbers(1000, WORD);
  for (const [i, number] of added.entries()) for (let n = 0; n <= i % 3; n++) counts.add(number);
  const over = [...added].map((number, i) => counts.of(number) - ((i % 3) + 1));
  expect(over.every((n) => n >= 0)).toBe(true);
  expect(over.filter((n) => n > 0).length).toBeLessThan(250);
  expect([...numbers(1000, START)].filter((number) => counts.of(number) > 0).length).toBeLessThan(250);
});

test.each([0, 1, 2, 3, 1000])(
  'LandmarkTable holds each of %i entries in its bucket and passes it by the filter',
  (count) => {
    const all = numbers(count, WORD);
    const table = new LandmarkTable(all);
    for (const [i, number] of all.entries()) table.slots[table.put(number, number) + 1] = i;
    for (const [i, number] of all.entries()) {
      const bucket = number >>> table.bucketShift;
      const found: number[] = [];
      for (let slot = SLOT * table.buckets[bucket]!; slot < SLOT * table.buckets[bucket + 1]!; slot += SLOT)
        if (table.slots[slot] === number) found.push(table.slots[slot + 1]!);
      expect(found).toEqual([i]);
      expect(table.mayHold(number, number)).toBe(true);
    }
    expect(table.buckets.at(-1)).toBe(count);
  },
);

test('LandmarkTable turns most landmarks away that it does not hold', () => {
  const table = new LandmarkTable(numbers(1000, WORD));
  for (const number of numbers(1000, WORD)) table.put(number, number);
  const passed = [...numbers(10_000, START)].filter((number) => table.mayHold(number, number));
  expect(passed.length).toBeLessThan(1000);
});

test('FoundRows forgets the rows and the tries of the search before', () => {
  const found = new FoundRows(100);
  found.clear();
  expect(found.wasTried(7)).toBe(false);
  found.markTried(7);
  for (let row = 0; row < 40; row++) found.add(row);
  expect([...found.rows.subarray(0, found.count)]).toEqual(Array.from({ length: 40 }, (_, row) => row));
  expect([found.wasTried(7), found.wasTried(8)]).toEqual([true, false]);
  found.clear();
  expect([found.count, found.wasTried(7)]).toEqual([0, false]);
});

function tableOf(rows: readonly (readonly [pattern: string, priority: number])[]) {
  const builder = new PatternTableBuilder(1, 1);
  for (const [pattern, priority] of rows)
    builder.add(Buffer.from(pattern, 'latin1'), 0, pattern.length, builder.module('m'), priority);
  return builder.finish();
}

test('sortRows: priority, then the longer literal start, then the higher bytes after it, a longer pattern, the row', () => {
  const rows = [
    ['a*', 5],
    ['ab*', 5],
    ['ab*c', 5],
    ['ab*d', 5],
    ['ab?', 5],
    ['z*', 4],
    ['ab*', 5],
    ['*', 6],
  ] as const;
  const table = tableOf(rows);
  const order = Int32Array.from(rows, (_, row) => row);
  sortRows(table, order, order.length);
  expect([...order]).toEqual([5, 4, 1, 6, 3, 2, 0, 7]);
});

test.each([2, 16, 17, 60])('sortRows sorts the first %i rows and no more, however many there are', (count) => {
  const random = new Random(count);
  const table = tableOf(
    Array.from({ length: 80 }, (_, i) => [`${'x'.repeat(random.below(3))}*${i % 7}`, random.below(4)]),
  );
  const rows = Int32Array.from({ length: 80 }, (_, i) => 79 - i);
  const rest = [...rows.subarray(count)];
  const one = (a: number, b: number) => {
    const pair = Int32Array.of(a, b);
    sortRows(table, pair, 2);
    return pair[0] === a ? -1 : 1;
  };
  const expected = [...rows.subarray(0, count)].sort((a, b) => (a === b ? 0 : one(a, b)));
  sortRows(table, rows, count);
  expect([...rows.subarray(0, count)]).toEqual(expected);
  expect([...rows.subarray(count)]).toEqual(rest);
});

test('PatternTableBuilder cuts a pattern to 4,095 bytes and grows past its guesses', () => {
  const long = 'x'.repeat(5000);
  const table = tableOf([['a*', 1], [long, 2], ...Array.from({ length: 200 }, (_, i) => [`p${i}`, i] as const)]);
  expect(table.size).toBe(202);
  expect(patternAt(table, 1)).toBe('x'.repeat(4095));
  expect([table.literals[0], table.literals[1], table.priorities[201]]).toEqual([1, 4095, 199]);
  expect(patternAt(table, 201)).toBe('p199');
});

test('rowsOfIndex takes keys of 64 times the size of the index altogether, and no longer ones', () => {
  const key = 'k'.repeat(3200);
  const index = (...values: readonly string[]) =>
    writeIndex(
      values.map((value) => ({ key, value, priority: 0 })),
      'post',
    );
  const values = ['m'.repeat(299), ...Array.from({ length: 79 }, () => 'm')];
  expect(80 * key.length).toBe(64 * index(...values).length);
  expect(rowsOfIndex(openIndex(index(...values), 'a.bin')).size).toBe(80);
  expect(() => rowsOfIndex(openIndex(index(...values, 'm'), 'a.bin'))).toThrow(/the keys are too many and too long/);
});
