import { expect, test } from 'vitest';
import { gradedFindings } from '../../../src/packaging/finding.ts';
import type { LintFinding, LintResult } from '../../../src/packaging/lint/lint.ts';
import { LINT_RULE_NAMES, LINT_RULES } from '../../../src/packaging/lint/rules.ts';
import type { Severity } from '../../../src/packaging/rules.ts';
import { lintReport } from '../../../src/report/lint/lint-report.ts';
import { formatLintRule, formatLintText } from '../../../src/report/lint/lint-text.ts';

const finding = (rule: LintFinding['rule'], severity: Severity): LintFinding =>
  gradedFindings([{ rule, items: [{ module: 'm', alias: 'pci:x', message: 'said' }] }], () => severity)[0]!;
const findings = [finding('of-only', 'warning'), finding('shared-alias', 'error')];
const result = (members: Partial<LintResult['summary']> = {}, found = findings): LintResult => ({
  findings: found,
  summary: { modules: 2, aliases: 1, severities: { error: 1, warning: 1, note: 0 }, suppressed: 0, ...members },
});
const options = {
  inputs: ['a', 'b'],
  failing: ['error'] as readonly Severity[],
  namesOf: () => ({ vendor: null, device: null }),
};

test('lintReport: findings are results, errors first, under the names of what was read', () => {
  const report = lintReport(result(), options);
  expect(report).toMatchObject({
    command: 'lint',
    title: 'a, b',
    inputs: ['a', 'b'],
    failed: true,
    hasBaseline: false,
  });
  expect(report.results.map(({ kind, severity, fails }) => [kind, severity, fails])).toEqual([
    ['shared-alias', 'error', true],
    ['of-only', 'warning', false],
  ]);
  expect(lintReport(result({}, findings.slice(0, 1)), options).failed).toBe(false);
});

test('lintReport: a kind has the severity of its findings, else its own, or note where it is off', () => {
  const kinds = new Map(lintReport(result(), options).kinds.map(({ id, severity }) => [id, severity]));
  expect(LINT_RULES['shared-alias'].severity).toBe('off');
  expect(['shared-alias', 'shadowed-alias', 'class-mask'].map((id) => kinds.get(id))).toEqual([
    'error',
    'note',
    'warning',
  ]);
  expect([...kinds.keys()].toSorted()).toEqual(
    [...LINT_RULE_NAMES, 'unused-suppression', 'expired-acceptance', 'unused-acceptance'].toSorted(),
  );
});

test('lintReport: says what was looked at, and what a configuration switches off only where it does', () => {
  const facts = (suppressed: number) => lintReport(result({ suppressed }), options).facts;
  expect(facts(0)).toEqual([
    ['modules', 2],
    ['aliases', 1],
  ]);
  expect(facts(3).at(-1)).toEqual(['suppressed', 3]);
  expect(lintReport(result(), options).document()).toMatchObject({
    version: 1,
    findings: [{ rule: 'of-only' }, { rule: 'shared-alias' }],
    summary: { modules: 2, aliases: 1, severities: { error: 1, warning: 1, note: 0 }, suppressed: 0 },
  });
});

test('formatLintText: a paragraph for each finding, then the sum; only findings if quiet', () => {
  const sum = (members: Partial<LintResult['summary']>) => formatLintText(result(members, []));
  expect(sum({})).toBe('2 modules, 1 alias: 1 error, 1 warning\n');
  expect(sum({ modules: 1, aliases: 2, severities: { error: 2, warning: 0, note: 3 } })).toBe(
    '1 module, 2 aliases: 2 errors, 3 notes\n',
  );
  expect(sum({ severities: { error: 0, warning: 0, note: 0 }, suppressed: 2 })).toBe(
    '2 modules, 1 alias: no findings; 2 suppressed by the configuration\n',
  );
  const one = 'warning: of-only: m: said\n    pci:x\n';
  expect(formatLintText(result({}, findings.slice(0, 1)))).toBe(`${one}\n2 modules, 1 alias: 1 error, 1 warning\n`);
  expect(formatLintText(result({}, findings.slice(0, 1)), true)).toBe(one);
  expect(formatLintText(result({}, []), true)).toBe('');
});

test('formatLintRule: the rule with its severity, why it matters, both examples and the fix', () => {
  const text = formatLintRule('shared-alias', LINT_RULES['shared-alias'], 60);
  const parts = text.split('\n\n');
  expect(parts[0]).toMatch(/^shared-alias \(off unless asked for\): several modules/);
  expect(parts[2]).toMatch(/^Fires:\n {4}/);
  expect(parts[3]).toMatch(/^Does not fire:\n {4}/);
  expect(parts[4]).toMatch(/^Fix: Leave the device/);
  expect(Math.max(...parts[1]!.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(60);
  expect(formatLintRule('of-only', LINT_RULES['of-only'], 60)).toMatch(/^of-only \(warning\): /);
});
