import { expect, test } from 'vitest';
import { type Cause, findingsOf } from '../../src/packaging/finding.ts';
import type { Severity } from '../../src/packaging/rules.ts';
import type { VerifyResult } from '../../src/packaging/verify/verify.ts';
import { formatFinding, formatVerifyText } from '../../src/report/verify-text.ts';
import { acceptedLine, type FindingsReportOptions, verifyReport, worstFirst } from '../../src/report/verify-report.ts';

const causes: readonly Cause[] = [
  { rule: 'stale-order', items: [{ alias: 'a', message: 'ranked' }] },
  { rule: 'missing-in-text', items: [{ module: 'm', alias: 'pci:x', file: 'f', line: 7, message: 'caf\xc3\xa9' }] },
  {
    rule: 'extra-in-modinfo',
    items: [1, 2].map((row) => ({ module: 'm', alias: 'b', table: 'ids', row, message: 'extra' })),
  },
];
const note = { rule: 'no-text', count: 1, message: 'n', examples: ['e', 'f'] } as const;
const read = { rule: 'text-without-end', count: 2, message: 'x', examples: [] } as const;
const found: VerifyResult = {
  findings: findingsOf(causes),
  summary: {
    ...{ release: '6.1', modules: 1, tables: 2, rows: 3, aliases: 4, handWritten: 5, builtinAliases: 6 },
    buses: [{ bus: 'pci', modules: 1, tables: 2, rows: 3, aliases: 4, handWritten: 5 }],
    severities: { error: 2, warning: 1, note: 3 },
    notes: [note, read],
  },
};
const options = {
  inputs: ['dir'],
  failing: ['error'] as readonly Severity[],
  namesOf: (pattern: string) => ({ vendor: `vendor of ${pattern}`, device: null }),
};
const report = (members: Partial<FindingsReportOptions> = {}, of = found) =>
  verifyReport(of, { ...options, ...members });

test('verifyReport: results are the findings, errors first, with what counts for the exit status', () => {
  const { results, failed, title, command, inputs, hasBaseline } = report();
  expect(results.map((one) => [one.kind, one.severity, one.fails, one.module, one.pattern, one.bus])).toEqual([
    ['missing-in-text', 'error', true, 'm', 'pci:x', 'pci'],
    ['extra-in-modinfo', 'error', true, 'm', 'b', null],
    ['stale-order', 'warning', false, null, 'a', null],
  ]);
  expect(results[0]).toMatchObject({
    file: 'f',
    line: 7,
    message: 'caf\u00e9',
    details: [],
    names: { vendor: 'vendor of pci:x' },
  });
  expect(results[1]!.details).toEqual([
    ['table', 'ids'],
    ['row', '1'],
    ['counts for', '2'],
  ]);
  expect([failed, title, command, inputs, hasBaseline]).toEqual([true, '6.1', 'verify', ['dir'], false]);
});

test('verifyReport: fails by findings of the severities that count, and by notes', () => {
  const failed = (failing: readonly Severity[], of: Partial<VerifyResult>) =>
    report({ failing }, { ...found, ...of }).failed;
  const [order, text] = found.findings;
  expect([failed(['warning'], { findings: [order!] }), failed(['warning'], { findings: [text!] })]).toEqual([
    true,
    false,
  ]);
  const quiet = { ...found.summary, notes: [] };
  expect([failed(['note'], { findings: [] }), failed(['note'], { findings: [], summary: quiet })]).toEqual([
    true,
    false,
  ]);
  expect(failed(['error'], { findings: [] })).toBe(false);
  expect([report().remarks, report({ failing: ['note'] }).remarks].map(([first]) => first!.fails)).toEqual([
    false,
    true,
  ]);
});

test('verifyReport: what a baseline accepts is reported with its reason, and never fails', () => {
  const [order, text, extra] = found.findings;
  const entry = { match: { rule: 'missing-in-text' }, reason: 'known' };
  const one = report({ accepted: new Map([[text!, entry]]) }, { ...found, findings: [order!, extra!] });
  expect(one.results.map(({ kind, fails, accepted }) => [kind, fails, accepted])).toEqual([
    ['extra-in-modinfo', true, null],
    ['missing-in-text', false, { reason: 'known', until: null }],
    ['stale-order', false, null],
  ]);
  expect(one.hasBaseline).toBe(true);
  expect(one.text(80)).toMatch(/\naccepted by the baseline: 1 finding\n$/);
  expect(one.document()).toMatchObject({
    version: 1,
    accepted: [{ rule: 'missing-in-text', reason: 'known', until: null }],
  });
  expect(report({ accepted: new Map() }).document()).toMatchObject({ accepted: [] });
  expect(report().document()).not.toHaveProperty('accepted');
});

test('verifyReport: a kind has the severity that its findings were given; codes that are noted are kinds, too', () => {
  const of = (severity: Severity) =>
    report({}, { ...found, findings: found.findings.map((one) => ({ ...one, severity })) });
  const kind = (one: ReturnType<typeof of>, name: string) => one.kinds.find(({ id }) => id === name);
  expect(kind(of('note'), 'missing-in-text')!.severity).toBe('note');
  expect(kind(report(), 'missing-in-text')!.severity).toBe('error');
  expect(kind(report(), 'text-without-end')).toMatchObject({ severity: 'note', about: expect.stringContaining(' ') });
  const order = report().kinds.map(({ severity }) => severity);
  expect(order).toEqual(worstFirst(report().kinds).map(({ severity }) => severity));
  expect(report().kinds.filter(({ id }) => id === 'no-text')).toHaveLength(1);
});

test('verifyReport: says in numbers what was looked at', () => {
  expect(report().facts).toEqual([
    ['modules', 1],
    ['tables', 2],
    ['rows', 3],
    ['aliases', 4],
    ['hand-written', 5],
    ['built-in aliases', 6],
  ]);
});

test('acceptedLine: nothing for none, and nothing where only findings are asked for', () => {
  expect([acceptedLine(0, 'finding'), acceptedLine(2, 'finding', true)]).toEqual(['', '']);
  expect([acceptedLine(1, 'finding'), acceptedLine(2, 'change')]).toEqual([
    '\naccepted by the baseline: 1 finding\n',
    '\naccepted by the baseline: 2 changes\n',
  ]);
});

test('formatVerifyText: findings, then the table by bus, notes and the sum; quiet is findings only', () => {
  const text = formatVerifyText({ ...found, findings: found.findings.slice(0, 1) });
  expect(text.split('\n\n')).toEqual([
    'warning: stale-order: ranked\n    a',
    'bus  modules  tables  rows  aliases  hand-written\npci        1       2     3        4             5',
    'note: no-text: 1: n\n    e\n    f\nnote: text-without-end: 2: x',
    '6.1: 1 modules, 2 tables, 3 rows, 4 aliases (5 hand-written), 6 built-in aliases: 1 finding\n',
  ]);
  expect(formatVerifyText({ ...found, findings: [] })).toMatch(/: no findings\n$/);
  expect(formatVerifyText(found)).toMatch(/: 3 findings\n$/);
  expect(formatVerifyText(found, true)).toBe(
    'warning: stale-order: ranked\n    a\n\nerror: missing-in-text: m: caf\u00e9\n    pci:x\n    in f, line 7\n\n' +
      'error: extra-in-modinfo: m, table ids, row 1: extra (and 1 more)\n    b\n',
  );
});

test('formatFinding: the first row of a table is named, and a file without a line', () => {
  const [first] = findingsOf([{ rule: 'extra-in-modinfo', items: [{ table: 't', row: 0, file: 'f', message: 'm' }] }]);
  expect(formatFinding(first!)).toBe('error: extra-in-modinfo: table t, row 0: m\n    in f');
});
