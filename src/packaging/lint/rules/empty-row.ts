import { endsTable } from '../ends-table.ts';
import { jsonTable, type LintRule } from '../lint-rule.ts';

export const emptyRow: LintRule = {
  severity: 'warning',
  needs: 'rows',
  what: 'the last row of a table is empty, although a terminating row follows it',
  why: 'A row whose ids are all zero ends the table for the kernel. In a C array that is the last one, which JSON tables leave out; modpost makes an alias of any other, which matches no device (`i2c:`) or all of them (`of:N*T*`).',
  fix: 'Remove the row.',
  fires: jsonTable(
    '{"module": "acme", "tables": [{"bus": "i2c", "name": "ids", "rows": [',
    '  {"name": "acme1"},',
    '  {"name": ""}]}]}',
  ),
  silent: jsonTable('{"module": "acme", "tables": [{"bus": "i2c", "name": "ids", "rows": [', '  {"name": "acme1"}]}]}'),
  // Rows in the middle are those of rows-after-end.
  table({ bus, rows }) {
    const last = rows.length - 1;
    if (last === -1 || !endsTable(bus, rows[last]!)) return undefined;
    return {
      row: last,
      message: `the last row is empty (${bus.endsAt!.join(', ')}), and another that ends the table follows it: expected one`,
    };
  },
};
