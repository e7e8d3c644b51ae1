import { jsonTable, type LintRule } from '../lint-rule.ts';

export const classMask: LintRule = {
  severity: 'warning',
  needs: 'rows',
  what: 'no alias can express the class mask of a pci row',
  why: 'An alias has class, subclass and interface as two digits each or `*`. A mask byte that is neither 0x00 nor 0xff makes modpost skip the row with a warning that is easily missed; the kernel matches such rows, but no device loads the module by them.',
  fix: 'Write a row for each class that is meant, with mask bytes 0xff.',
  fires: jsonTable(
    '{"module": "acme", "tables": [{"bus": "pci", "name": "ids",',
    '  "rows": [{"vendor": "0x1234", "class": "0x020000", "class_mask": "0xfe0000"}]}]}',
  ),
  silent: jsonTable(
    '{"module": "acme", "tables": [{"bus": "pci", "name": "ids",',
    '  "rows": [{"vendor": "0x1234", "class": "0x020000", "class_mask": "0xff0000"}]}]}',
  ),
  codes: ['class-mask'],
};
