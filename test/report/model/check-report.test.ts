import { expect, test } from 'vitest';
import type { FixedResult } from '../../../src/model/explore/fixes.ts';
import { checkReport, verdictOf } from '../../../src/report/model/check-report.ts';

const step = (members: object = {}) => ({
  ...{ who: 'a.sh', file: 'a.sh', line: 2, event: 'write x', result: 'ok', rule: null, why: null, fromSource: false },
  ...{ devices: {} },
  ...members,
});
const violation = (members: object = {}) => ({
  ...{ property: 'no-crash', kernel: '6.12', device: 'd', message: 'crashes', trace: [step()], replay: 'r' },
  fix: { text: 'wait', instead: ['sleep 1'], holds: true },
  ...members,
});
const result = (verdict: string, members: object = {}) =>
  ({
    kernel: '6.12',
    verdict,
    violations: [],
    unread: [],
    bounds: [],
    targets: ['d'],
    states: 3,
    ...members,
  }) as unknown as FixedResult;
const finding = { rule: 'r', severity: 'warning', place: { file: 'a.sh', line: 9 }, message: 'm' } as never;
const report = (results: readonly FixedResult[], findings: readonly never[] = []) =>
  checkReport(results, { inputs: ['a.sh'], machine: 'sriov', findings, stated: [] });

test('verdictOf: unsafe with one kernel is unsafe, unknown with one is not safe', () => {
  const of = (...verdicts: readonly string[]) => verdictOf(verdicts.map((verdict) => result(verdict)));
  expect([of('safe'), of('safe', 'unknown'), of('unknown', 'unsafe', 'safe')]).toEqual(['safe', 'unknown', 'unsafe']);
  expect([of('unsafe', 'safe'), of()]).toEqual(['unsafe', 'safe']);
});

test('checkReport: the text has findings, violations with the program to run instead once, bounds, and a line a kernel', () => {
  const violations = [violation(), violation({ fix: { text: 'wait', instead: ['sleep 1'], holds: false } })];
  const text = report([result('unsafe', { violations, bounds: [{ text: 'few', place: null }] })], [finding]).text(80);
  const parts = text.split('\n\n');
  expect(parts[0]).toBe('a.sh:9: warning: m [r]');
  expect(parts[1]).toMatch(/^6\.12: no-crash: /);
  expect(parts[1]).toMatch(
    /\n {3}1 {2}a\.sh:2: write x\n {4}fix: wait\n {8}sleep 1\n {4}checked in the same way: with this/,
  );
  expect(parts[2]).toMatch(/\n {4}fix: wait\n {4}checked in the same way: this is not enough/);
  expect(parts.slice(3)).toEqual(['not certain: few', '6.12: unsafe (2 violations), 3 states, about d\n']);
  expect(report([result('safe', { targets: [] })]).text(80)).toBe('6.12: safe, 3 states\n');
});
