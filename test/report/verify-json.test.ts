import { expect, test } from 'vitest';
import { findingsOf } from '../../src/packaging/finding.ts';
import type { VerifyResult } from '../../src/packaging/verify/verify.ts';
import { verifyDocument } from '../../src/report/verify-json.ts';

const finding = findingsOf([{ rule: 'missing-in-text', items: [{ module: 'a', alias: 'x', message: 'm' }] }])[0]!;
const bus = { bus: 'pci', modules: 1, tables: 1, rows: 2, aliases: 2, handWritten: 0 };
const note = { rule: 'no-text', count: 1, message: 'n', examples: ['e'] } as const;
const result: VerifyResult = {
  findings: [finding],
  summary: {
    release: '6.1',
    modules: 1,
    tables: 1,
    rows: 2,
    aliases: 2,
    handWritten: 0,
    builtinAliases: 3,
    buses: [bus],
    severities: { error: 1, warning: 0, note: 1 },
    notes: [note],
  },
};

test('verifyDocument has everything that a result has, and its version', () => {
  expect(verifyDocument(result)).toEqual({ version: 1, ...result });
});

test('verifyDocument lets no other member of an object into the document', () => {
  const more = <T extends object>(object: T): T => ({ ...object, internal: { trie: [1, 2] } });
  const { summary } = result;
  const inner = more({
    findings: [more(finding)],
    summary: more({
      ...summary,
      buses: [more(bus)],
      severities: more(summary.severities),
      notes: [more(note)],
    }),
  });
  expect(verifyDocument(inner)).toEqual(verifyDocument(result));
  expect(JSON.stringify(verifyDocument(inner))).not.toContain('internal');
});
