import { expect, test } from 'vitest';
import { openIndex } from '../../src/index-file/index-reader.ts';
import { writeIndex } from '../../src/index-file/index-writer.ts';
import { LookupKey } from '../../src/pattern-index/lookup-key.ts';
import { rowsOfIndex } from '../../src/pattern-index/pattern-rows-bin.ts';
import { rowsOfText } from '../../src/pattern-index/pattern-rows-text.ts';
import {
  type PatternTable,
  PatternTableBuilder,
  patternAt,
  tableOfEntries,
} from '../../src/pattern-index/pattern-table.ts';

/** `PATTERN MODULE PRIORITY` of each row. */
const rowsOf = (table: PatternTable) =>
  Array.from(
    { length: table.size },
    (_, row) => `${patternAt(table, row)} ${table.names[table.modules[row]!]} ${table.priorities[row]}`,
  );

const rows = (text: string, ...rest: [ReadonlyMap<string, number>?, LookupKey?]) =>
  rowsOf(rowsOfText(Buffer.from(text, 'latin1'), ...rest));

test('rowsOfText gives modules that the order lacks the places behind it, as they come', () => {
  const text = 'alias a new\nalias b two\nalias c newer\nalias d new\n';
  const order = new Map([
    ['one', 0],
    ['two', 1],
  ]);
  expect(rows(text, order)).toEqual(['a new 2', 'b two 1', 'c newer 3', 'd new 2']);
  expect(rows(text)).toEqual(['a new 0', 'b two 1', 'c newer 2', 'd new 0']);
});

test('rowsOfText takes the last word of a line for the module, and an empty alias for that of the empty key', () => {
  expect(rows('alias dmi:*svn a b: m\nalias  m\nalias x\n#alias y m\n')).toEqual(['dmi:*svn a b: m 0', ' m 0']);
});

test('rowsOfText compares 4,095 bytes of a pattern with a key', () => {
  const long = 'x'.repeat(4095);
  const key = new LookupKey().set(long);
  expect(rows(`alias ${long}y m\nalias ${long.slice(1)}y m\n`, undefined, key)).toEqual([`${long} m 0`]);
});

test('rowsOfIndex tells modules apart whose names have one hash, and takes values of a key last first', () => {
  const entries = ['Aa', 'BB', 'Aa', 'BB'].map((value, i) => ({ key: `k${i >> 1}`, value, priority: 0 }));
  const index = openIndex(writeIndex(entries, 'post'), 'a.bin');
  expect(rowsOf(rowsOfIndex(index))).toEqual(['k0 Aa 0', 'k0 BB 0', 'k1 Aa 0', 'k1 BB 0']);
});

test('tableOfEntries takes entries last first', () => {
  const entries = ['a', 'b'].map((value) => ({ key: 'k', value, priority: 0 }));
  expect(rowsOf(tableOfEntries(entries))).toEqual(['k b 0', 'k a 0']);
});

test('PatternTableBuilder keeps 4,095 bytes of a pattern', () => {
  const builder = new PatternTableBuilder(1, 1);
  for (const length of [4095, 4096]) builder.add(Buffer.alloc(length, 'x'), 0, length, builder.module('m'), 0);
  const table = builder.finish();
  expect([0, 1].map((row) => patternAt(table, row).length)).toEqual([4095, 4095]);
});
