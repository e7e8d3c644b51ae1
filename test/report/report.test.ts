import { expect, test } from 'vitest';
import { factsText } from '../../src/report/report.ts';
import { sampleReport } from './formats/sample-report.ts';

test('factsText: one of something is in the singular', () => {
  const facts = [
    ['modules', 1],
    ['built-in aliases', 1],
    ['rows', 2],
    ['with 6.12', 'unknown'],
  ] as const;
  expect(factsText(sampleReport([], { facts }))).toBe('1 module, 1 built-in alias, 2 rows, unknown with 6.12');
});
