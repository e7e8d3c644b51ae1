import { fromDiagnostics } from '../from-diagnostics.ts';
import { jsonTable, type LintRule } from '../lint-rule.ts';

export const textWithoutEnd: LintRule = {
  severity: 'warning',
  needs: 'rows',
  what: 'a string fills its array, with no room for its terminating NUL',
  why: 'C accepts an initialiser that leaves out the NUL. The kernel and modpost then read on into what follows the array: with zeros there nothing shows, with driver data the alias and the name have bytes too many.',
  fix: 'Shorten the text by a character, or more.',
  fires: jsonTable(
    '{"module": "acme", "kernel": "6.12", "tables": [{"bus": "platform", "name": "ids",',
    '  "rows": [{"name": "acme-sensor-hub-0001"}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme", "kernel": "6.12", "tables": [{"bus": "platform", "name": "ids",',
    '  "rows": [{"name": "acme-sensor-hub-001"}]}]}',
  ),
  module: fromDiagnostics('text-without-end'),
};
