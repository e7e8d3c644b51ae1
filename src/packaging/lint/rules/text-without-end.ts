import { jsonTable, type LintRule } from '../lint-rule.ts';

export const textWithoutEnd: LintRule = {
  severity: 'warning',
  needs: 'rows',
  what: 'a string fills its array, with no room for its terminating NUL',
  why: 'C accepts an initializer without room for the NUL. The kernel and modpost then read on into whatever follows the array: zeros there hide the fault, but driver data becomes part of the name and of the alias.',
  fix: 'Shorten the string by at least one character.',
  fires: jsonTable(
    '{"module": "acme", "kernel": "6.12", "tables": [{"bus": "platform", "name": "ids",',
    '  "rows": [{"name": "acme-sensor-hub-0001"}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme", "kernel": "6.12", "tables": [{"bus": "platform", "name": "ids",',
    '  "rows": [{"name": "acme-sensor-hub-001"}]}]}',
  ),
  codes: ['text-without-end'],
};
