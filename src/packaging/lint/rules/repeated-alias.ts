import { normalizeAlias } from '../../../pattern/normalize.ts';
import type { LintAlias } from '../lint-module.ts';
import { jsonTable, type LintRule } from '../lint-rule.ts';

/** Types whose rows differ in what no alias says: steppings, property bits, an instance, whether for card or queue. */
const HIDING: ReadonlySet<string> = new Set(['x86cpu', 'input', 'slim', 'ap']);

export const repeatedAlias: LintRule = {
  severity: 'note',
  what: 'a module has the same alias twice',
  why: 'A table has the same row twice, two tables share a row, or two MODULE_ALIAS lines say the same. Lookups list the module twice, unless modpost drops the second alias, as it does since 6.13; a second row with different driver data is never reached. For libkmod `-` and `_` are the same.',
  fix: 'Remove one of them: the later row of a table, or the MODULE_ALIAS line.',
  fires: jsonTable(
    '{"module": "acme", "tables": [{"bus": "usb", "name": "ids", "rows": [',
    '  {"idVendor": "0x1234", "idProduct": "0x0001"},',
    '  {"idVendor": "0x1234", "idProduct": "0x0001"}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme", "tables": [{"bus": "usb", "name": "ids", "rows": [',
    '  {"idVendor": "0x1234", "idProduct": "0x0001"},',
    '  {"idVendor": "0x1234", "idProduct": "0x0002"}]}]}',
  ),
  mentions: 'repeats',
  *module({ aliases, dropped = [], tables = [] }) {
    const seen = new Map<string, LintAlias>();
    const place = new Map(tables.map(({ name }, i) => [name, i]));
    const hides = new Set(tables.filter(({ bus }) => HIDING.has(bus.name)).map(({ name }) => name));
    const order = ({ table, row }: LintAlias) => (place.get(table ?? '') ?? place.size) * 1e6 + (row ?? 0);
    const rows = dropped.filter(({ table }) => !hides.has(table!));
    // .modinfo lists the rows of a table backwards.
    for (const alias of [...aliases, ...rows].sort((a, b) => order(a) - order(b))) {
      const key = normalizeAlias(alias.alias);
      const first = key === undefined ? undefined : seen.get(key);
      // What repeats a table by hand is redundant-alias.
      if (first && (alias.table !== null || first.table === null))
        yield { alias, message: `the module has the alias already: ${originOf(first)}` };
      else if (!first && key !== undefined) seen.set(key, alias);
    }
  },
};

function originOf({ alias, table, row, line }: LintAlias): string {
  if (table !== null) return `row ${row} of ${table} makes it`;
  return line === undefined ? `it is hand-written as ${alias}` : `it is in line ${line}`;
}
