import { expect, test } from 'vitest';
import type { FixedResult } from '../../../src/model/explore/fixes.ts';
import { githubCommands } from '../../../src/report/formats/github.ts';
import { checkReport } from '../../../src/report/model/check-report.ts';

const unread = { place: { file: 'bind.sh', line: 4 }, text: 'frob' };
const result = (members: Partial<FixedResult>): FixedResult => ({
  kernel: '6.12',
  verdict: 'unknown',
  targets: [],
  violations: [],
  states: 580,
  unread: [],
  bounds: [],
  aims: [],
  truncated: false,
  samples: [],
  ...members,
});
const stranded = {
  property: 'keeps-a-driver',
  kernel: '6.1',
  device: '0000:01:00.0',
  message: 'it ends without a driver',
  trace: [],
  fix: { text: 'write the address to bind', instead: [] },
} as unknown as FixedResult['violations'][number];
const finding = {
  rule: 'probe-instead-of-bind',
  severity: 'note',
  place: { file: 'bind.sh', line: 5 },
  message: 'asks any driver',
} as const;
const options = { inputs: ['bind.sh'], machine: 'sriov', findings: [finding], stated: [] };

test('checkReport: violations come first, then what is not certain, then findings by their severity', () => {
  const bounds = [{ place: null, text: 'more states than are explored' }];
  const results = [
    result({ kernel: '6.1', verdict: 'unsafe', violations: [stranded] }),
    result({ unread: [unread], bounds }),
  ];
  const early = { ...finding, rule: 'result-not-read', severity: 'warning' } as const;
  const report = checkReport(results, { ...options, findings: [finding, early] });
  expect(report.results.map(({ kind, severity, file, line }) => [kind, severity, file, line])).toEqual([
    ['keeps-a-driver', 'error', 'bind.sh', null],
    ['not-certain', 'error', 'bind.sh', 4],
    ['not-certain', 'error', null, null],
    ['result-not-read', 'warning', 'bind.sh', 5],
    ['probe-instead-of-bind', 'note', 'bind.sh', 5],
  ]);
  expect(report.kinds.map(({ id }) => id)).toEqual(expect.arrayContaining(report.results.map(({ kind }) => kind)));
  expect(report.facts).toEqual([
    ['with 6.1', 'unsafe'],
    ['with 6.12', 'unknown'],
    ['states', 1160],
  ]);
  expect([report.title, report.failed]).toEqual(['bind.sh on sriov with 6.1, 6.12', true]);
});

test('checkReport: what is not understood with several kernels is said once, and points at its line', () => {
  const report = checkReport([result({ unread: [unread] }), result({ kernel: '7.2', unread: [unread] })], options);
  expect(githubCommands(report, '.')).toBe(
    '::error file=bind.sh,line=4,title=modalias model check%3A not-certain::not understood: frob\n' +
      '::notice file=bind.sh,line=5,title=modalias model check%3A probe-instead-of-bind::asks any driver\n',
  );
  expect(report.failed).toBe(true);
  expect(report.document()).toMatchObject({
    verdict: 'unknown',
    unread: [{ file: 'bind.sh', line: 4, text: 'frob' }],
    bounds: [{ text: 'not understood: frob', where: 'bind.sh:4' }],
  });
});

test('checkReport: a fingerprint is of what is not certain and where, not of the line', () => {
  const of = (place: { file: string; line: number }, text = 'frob') =>
    checkReport([result({ unread: [{ place, text }] })], options).results[0]!.fingerprint;
  expect(of({ file: 'bind.sh', line: 9 })).toBe(of(unread.place));
  expect(of({ file: 'other.sh', line: 4 })).not.toBe(of(unread.place));
  expect(of(unread.place, 'grob')).not.toBe(of(unread.place));
});

test('checkReport: only what was checked is among the kinds, and what does not hold', () => {
  const ids = (results: readonly FixedResult[], ...stated: ('ends' | 'never')[]) =>
    checkReport(results, { ...options, stated: stated.map((kind) => ({ kind })) })
      .kinds.map(({ id }) => id)
      .slice(0, 3);
  expect(ids([result({})])).toEqual(['succeeds', 'keeps-a-driver', 'third-device']);
  expect(ids([result({})], 'never')).toEqual(['never', 'not-certain', 'override-not-cleared']);
  expect(ids([result({})], 'ends', 'never')).toEqual(['ends', 'never', 'not-certain']);
  expect(ids([result({ violations: [stranded] })], 'never')).toEqual(['never', 'keeps-a-driver', 'not-certain']);
});

test('checkReport: safe with every kernel has not failed', () => {
  expect(checkReport([result({ verdict: 'safe' })], options).failed).toBe(false);
});
