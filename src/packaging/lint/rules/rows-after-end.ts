import { endsTable } from '../ends-table.ts';
import { jsonTable, type LintRule } from '../lint-rule.ts';

export const rowsAfterEnd: LintRule = {
  severity: 'error',
  needs: 'rows',
  what: 'rows follow an empty one, at which the kernel stops reading the table',
  why: 'modpost makes aliases of every row, but the kernel searches a table only up to the first row whose ids are all zero. Devices of later rows load the module, which then does not bind them.',
  fix: 'Move the empty row to the end of the table, or remove it.',
  fires: jsonTable(
    '{"module": "acme", "tables": [{"bus": "i2c", "name": "ids", "rows": [',
    '  {"name": "acme1"},',
    '  {"name": ""},',
    '  {"name": "acme2"}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme", "tables": [{"bus": "i2c", "name": "ids", "rows": [',
    '  {"name": "acme1"},',
    '  {"name": "acme2"}]}]}',
  ),
  table({ bus, rows }) {
    const end = rows.findIndex((row) => endsTable(bus, row));
    const behind = rows.length - 1 - end;
    if (end === -1 || behind === 0) return undefined;
    return {
      row: end,
      message: `${bus.endsAt!.join(', ')}: found ${bus.endsAt!.length > 1 ? 'all zero' : 'nothing'}, with ${behind} more row${behind === 1 ? '' : 's'} behind: for the kernel the table ends here`,
    };
  },
};
