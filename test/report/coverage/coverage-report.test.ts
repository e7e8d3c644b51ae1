import { expect, test } from 'vitest';
import { acceptCoverage } from '../../../src/packaging/coverage/accept-coverage.ts';
import { type Coverage, cover } from '../../../src/packaging/coverage/coverage.ts';
import { Fleet } from '../../../src/packaging/coverage/fleet.ts';
import { type CoverageReportOptions, coverageReport } from '../../../src/report/coverage/coverage-report.ts';
import { LISTED_STEPS } from '../../../src/report/coverage/coverage-text.ts';
import { kernel } from '../../packaging/coverage/kernels.ts';

const old = kernel('old', ['spi:lost gone', 'spi:kept kept', 'spi:two one', 'spi:two two']);
const now = kernel('new', ['spi:kept kept', 'spi:two two', 'spi:came fresh']);
/** The devices of machines, one word each. */
const fleet = (machines: Readonly<Record<string, string>>) => {
  const all = new Fleet();
  for (const [machine, names] of Object.entries(machines))
    for (const name of names.split(' ')) all.add({ modalias: `spi:${name}`, machine });
  return all;
};
const whole = cover(fleet({ a: 'lost kept none', b: 'two came lost' }), [old, now]);
const options = {
  failing: (kind: string) => kind === 'lost',
  namesOf: () => ({ vendor: null, device: null }),
  all: false,
  listed: LISTED_STEPS,
  whole: false,
};
const report = (members: Partial<CoverageReportOptions> = {}, coverage: Coverage = whole) =>
  coverageReport(coverage, { ...options, ...members });
const told = (members: Partial<CoverageReportOptions> = {}, coverage?: Coverage) =>
  report(members, coverage).results.map((one) => `${one.kind} ${one.severity} ${one.fails} ${one.pattern}`);

test('coverageReport: results are the changes, the worst first; the other devices where all are to be seen', () => {
  const changes = ['lost error true spi:lost', 'dropped warning false spi:two', 'gained note false spi:came'];
  expect(told()).toEqual(changes);
  expect(told({ whole: true })).toEqual([...changes, 'unserved note false spi:none', 'kept note false spi:kept']);
  const [lost] = report().results;
  expect(lost).toMatchObject({
    module: 'gone',
    bus: 'spi',
    message: 'no module serves them any more (old -> new: gone -> none)',
    details: [
      ['old', 'gone'],
      ['new', 'none'],
      ['on', 'a\nb'],
    ],
  });
  expect(report({ whole: true }).results.at(-1)!.message).toBe('kept -> kept');
});

test('coverageReport: says what was looked at, and which machines lose', () => {
  const { title, inputs, facts, lists, command } = report();
  expect([command, title, inputs]).toEqual(['coverage', 'old -> new', ['old', 'new']]);
  expect(facts.map(([name, value]) => `${value} ${name}`)).toEqual([
    '5 devices',
    '2 machines',
    '2 of them with a device that loses its driver or is left to a generic one',
  ]);
  expect(report({}, cover(fleet({ a: 'kept' }), [old, now])).facts.slice(0, 2)).toEqual([
    ['device', 1],
    ['machine', 1],
  ]);
  expect(lists).toEqual([
    ['devices of old by state', ['3 module', '0 builtin', '0 generic', '2 none', '0 unknown']],
    ['devices of new by state', ['3 module', '0 builtin', '0 generic', '2 none', '0 unknown']],
    ['machines that lose', ['a: 1 lost, 0 generic', 'b: 1 lost, 0 generic']],
  ]);
});

test('coverageReport: fails by changes that count, and by devices that some kernel does not serve if these do', () => {
  const failed = (kind: string, names: string) =>
    report({ failing: (one) => one === kind }, cover(fleet({ a: names }), [old, now])).failed;
  expect([failed('lost', 'kept'), failed('lost', 'lost kept'), failed('gained', 'lost')]).toEqual([false, true, false]);
  expect([failed('unserved', 'kept two'), failed('unserved', 'came'), failed('unserved', 'none')]).toEqual([
    false,
    true,
    true,
  ]);
  const none = { failing: (one: string) => one === 'unserved' };
  expect(told(none, cover(fleet({ a: 'none kept' }), [old, now]))).toEqual(['unserved note true spi:none']);
});

test('coverageReport: what a baseline accepts does not fail, and is reported with its reason', () => {
  const failing = (kind: string) => kind === 'lost' || kind === 'unserved';
  const accepted = [
    { match: { pattern: 'spi:lost', class: 'lost' }, reason: 'retired' },
    ...['none', 'came', 'lost'].map((name) => ({
      match: { pattern: `spi:${name}`, class: 'unserved' },
      reason: 'never',
    })),
  ];
  const of = (entries: typeof accepted, today = '2026-01-01') => {
    const held = acceptCoverage(whole, { file: 'b', accepted: entries }, { today, failing });
    return report({ failing, baseline: held }, held.counted);
  };
  const one = of(accepted);
  expect([one.failed, one.hasBaseline, report({ failing }).failed]).toEqual([false, true, true]);
  expect(one.results.filter((result) => result.accepted).map(({ kind, pattern }) => `${kind} ${pattern}`)).toEqual([
    ...['lost spi:lost', 'unserved spi:came', 'unserved spi:lost', 'unserved spi:none'],
  ]);
  expect(one.results.every(({ fails }) => !fails)).toBe(true);
  expect(one.text(80)).toMatch(/\naccepted by the baseline: 4 changes\n$/);
  expect((one.document() as { accepted: unknown[] }).accepted).toContainEqual({
    ...{ class: 'lost', modalias: 'spi:lost', from: 'old', to: 'new', reason: 'retired', until: null },
  });
  expect(of(accepted.slice(0, 3)).failed).toBe(true);
  expect(report().document()).not.toHaveProperty('findings');
});

test('coverageReport: an entry of a baseline that accepts nothing is a result, and fails where that counts', () => {
  const entry = { match: { pattern: 'spi:other', class: 'lost' }, reason: 'r' };
  const of = (kind: string) => {
    const failing = (one: string) => one === kind;
    const held = acceptCoverage(whole, { file: 'b', accepted: [entry] }, { today: '2026-01-01', failing });
    return report({ failing, baseline: held }, held.counted);
  };
  expect([of('unused-acceptance').failed, of('generic').failed]).toEqual([true, false]);
  expect(of('generic').results.at(-1)).toMatchObject({ kind: 'unused-acceptance', fails: false });
  expect(of('generic').text(80)).toContain('unused-acceptance');
  expect(
    of('generic')
      .kinds.map(({ id }) => id)
      .slice(-4),
  ).toEqual([...['unserved', 'kept', 'expired-acceptance', 'unused-acceptance']]);
});

test('coverageReport: notes which devices a driver may serve that is built into a kernel that does not record it', () => {
  const [silent] = report().remarks;
  expect(silent).toMatchObject({ kind: 'built-in', count: 3, fails: false });
  expect(silent!.message).toMatch(
    /^old, new: what built-in drivers match is not recorded; 3 devices without a module of their own /,
  );
  const one = report({}, cover(fleet({ a: 'kept came' }), [old])).remarks[0];
  expect(one!.message).toMatch(/; 1 device without a module of its own /);
  const telling = kernel('new', ['spi:kept kept'], {
    builtinNames: ['x'],
    builtin: [['pci:v*d*sv*sd*bc0Csc*i*', 'x']],
  });
  expect(report({}, cover(fleet({ a: 'kept none' }), [telling])).remarks).toEqual([]);
  expect(report({}, cover(fleet({ a: 'kept' }), [old, now])).remarks).toEqual([]);
});

test('coverageReport: names the package of an answer, the fields that an inventory lacks, and what is miswritten', () => {
  const packed = kernel('k', ['pci:v* any'], { packages: { any: 'modules-extra' } });
  const all = new Fleet();
  all.add({ modalias: 'pci:v00008086d000010D3sv*sd*bc02sc00i00', machine: undefined, count: 101 });
  all.add({ modalias: 'pci:v00008086d000010d3sv00001028sd00000001bc02sc00i00', machine: 'm' });
  const [known, wrong] = report({ whole: true }, cover(all, [packed])).results;
  expect(known!.details).toEqual([
    ['k', 'any, of modules-extra'],
    ['on', '101 machines'],
    ['without', 'sv, sd'],
  ]);
  expect(wrong!.details.slice(1)).toEqual([
    ['on', 'm'],
    ['modalias', expect.stringContaining('device (d)')],
  ]);
});
