import { normalizeAlias } from '../../../pattern/normalize.ts';
import { prefixOf } from '../../prefix.ts';
import type { LintAlias } from '../lint-module.ts';
import { jsonTable, type LintRule } from '../lint-rule.ts';

export const redundantAlias: LintRule = {
  severity: 'note',
  needs: 'rows',
  what: 'a hand-written alias repeats what an id table makes',
  why: 'MODULE_DEVICE_TABLE makes the alias already. With MODULE_ALIAS (or `aliases` of a JSON table) beside it the module has it twice, lookups list the module twice, and the hand-written one remains when the row is removed. An `aliases` list with every alias of the tables is a complete .modinfo and is not reported.',
  fix: 'Remove the MODULE_ALIAS line.',
  fires: jsonTable(
    '{"module": "acme", "aliases": ["platform:acme-led"],',
    '  "tables": [{"bus": "platform", "name": "ids", "rows": [{"name": "acme-led"}, {"name": "acme-fan"}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme", "aliases": ["platform:acme-blink"],',
    '  "tables": [{"bus": "platform", "name": "ids", "rows": [{"name": "acme-led"}, {"name": "acme-fan"}]}]}',
  ),
  mentions: 'repeats',
  *module({ aliases, listedAgain = [], tables = [] }) {
    if (tables.length === 0) return;
    const own = [...aliases.filter(({ table }) => table === null), ...listedAgain];
    if (own.length === 0) return;
    const starts = new Set(own.map(({ alias }) => prefixOf(alias)));
    const made = new Map<string | undefined, LintAlias>();
    for (const one of aliases)
      if (one.table !== null && starts.has(prefixOf(one.alias))) made.set(normalizeAlias(one.alias), one);
    if (made.size === 0) return;
    for (const alias of own) {
      const key = normalizeAlias(alias.alias);
      const same = key === undefined ? undefined : made.get(key);
      if (same) yield { alias, message: `row ${same.row} of ${same.table} makes the alias already` };
    }
  },
};
