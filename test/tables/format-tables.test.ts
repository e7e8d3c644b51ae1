import { expect, test } from 'vitest';
import { busNamed } from '../../src/bus/buses.ts';
import { completeRow, type JsonRow } from '../../src/tables/complete-row.ts';
import { formatModule, formatModuleLine } from '../../src/tables/format-tables.ts';
import { parseTables } from '../../src/tables/read-tables.ts';

const table = (name: string, bus: string, ...rows: readonly JsonRow[]) => {
  const of = busNamed(bus)!;
  return { bus: of, name, rows: rows.map((row) => completeRow(of, row, { release: '6.12' })) };
};
const whole = {
  module: 'm',
  kernel: '6.12.1',
  tables: [
    table('ids', 'i2c', { name: 'a"b' }, { name: 'c' }),
    table('none', 'spi'),
    table('dmi', 'dmi', { matches: [{ slot: 'DMI_BIOS_DATE', substr: 'x' }] }),
  ],
  aliases: ['one', 'two'],
};

test('formatModuleLine writes a module on one line, members in the order of the format', () => {
  expect(formatModuleLine(whole)).toBe(
    '{"module":"m","kernel":"6.12.1","tables":[{"bus":"i2c","name":"ids","rows":[{"name":"a\\"b"},{"name":"c"}]},{"bus":"spi","name":"none","rows":[]},{"bus":"dmi","name":"dmi","rows":[{"matches":[{"slot":"DMI_BIOS_DATE","substr":"x"}]}]}],"aliases":["one","two"]}\n',
  );
  expect(formatModuleLine({ module: 'm', tables: [] })).toBe('{"module":"m","tables":[]}\n');
});

test('formatModule writes a row and an alias a line', () => {
  expect(formatModule(whole)).toBe(`{
  "module": "m",
  "kernel": "6.12.1",
  "tables": [
    { "bus": "i2c", "name": "ids", "rows": [
      { "name": "a\\"b" },
      { "name": "c" }
    ] },
    { "bus": "spi", "name": "none", "rows": [] },
    { "bus": "dmi", "name": "dmi", "rows": [
      { "matches": [{ "slot": "DMI_BIOS_DATE", "substr": "x" }] }
    ] }
  ],
  "aliases": [
    "one",
    "two"
  ]
}
`);
  expect(formatModule({ module: 'm', tables: [] })).toBe('{\n  "module": "m",\n  "tables": []\n}\n');
  expect(formatModule({ module: 'm', tables: [], aliases: [] })).toContain('"aliases": []\n');
});

test('formatModule, formatModuleLine: reading gives the same rows again', () => {
  for (const format of [formatModule, formatModuleLine])
    expect(parseTables(format(whole)).modules[0]).toMatchObject({
      module: 'm',
      tables: whole.tables,
      aliases: whole.aliases,
    });
});
