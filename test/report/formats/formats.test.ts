import { expect, test } from 'vitest';
import { REPORT_FORMATS } from '../../../src/report/formats/formats.ts';
import { HOSTILE, sampleReport } from './sample-report.ts';

test('REPORT_FORMATS.text: names from files cannot move the cursor', () => {
  const report = sampleReport([], { text: () => `a\x1b[2J\x9b2J\r${HOSTILE}\nb\n` });
  const text = REPORT_FORMATS.text.write(report, { width: 80, folder: '.' });
  expect(text).toMatch(/^a\?\[2J\?2J\?[^\0-\x09\x0b-\x1f\x7f-\x9f]*\nb\n$/);
});
