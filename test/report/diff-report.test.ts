import { expect, test } from 'vitest';
import { acceptChanges } from '../../src/packaging/diff/accept-changes.ts';
import { type Difference, diffSides } from '../../src/packaging/diff/diff.ts';
import { type DiffReportOptions, diffReport } from '../../src/report/diff-report.ts';
import { LISTED } from '../../src/report/diff-text.ts';
import { side } from '../packaging/diff/side.ts';

const CARD = 'pci:v00008086d000010D4sv*sd*bc*sc*i*';
const OLD = [`${CARD} e1000e`, 'i2c:kept kept', 'crypto-drbg drbg'];
const NEW = ['i2c:kept kept', 'i2c:fresh fresh'];
const options = {
  sides: [side(OLD), side(NEW)] as const,
  failing: (kind: string) => kind === 'lost',
  namesOf: () => ({ vendor: null, device: null }),
  listed: LISTED,
  isPart: false,
};
const whole = diffSides(...options.sides);
const report = (members: Partial<DiffReportOptions> = {}, difference: Difference = whole) =>
  diffReport(difference, { ...options, ...members });
const undecided = { side: 'old', pattern: 'pci:u*', module: 'u' } as const;

test('diffReport: results are those of devices and of other aliases, the worst first, with their severities', () => {
  const { results, command, title, failed, hasBaseline } = report({}, { ...whole, undecided: [undecided] });
  expect(results.map((one) => [one.kind, one.severity, one.fails, one.pattern, one.bus, one.module])).toEqual([
    ['lost', 'error', true, CARD, 'pci', 'e1000e'],
    ['lost', 'error', true, 'crypto_drbg', null, 'drbg'],
    ['gained', 'note', false, 'i2c:fresh', 'i2c', 'fresh'],
    ['undecided', 'warning', false, 'pci:u*', 'pci', 'u'],
  ]);
  expect([command, title, failed, hasBaseline]).toEqual(['diff', 'test -> test', true, false]);
  expect(results[0]!.message).toBe('no module serves them any more (e1000e -> none)');
  expect(results[3]!.message).toBe('whether their module still serves them could not be decided (old)');
});

test('diffReport: a result has the details that there are', () => {
  const [lost] = whole.changes;
  const change = {
    ...lost!,
    class: 'narrowed' as const,
    becomes: 'lost' as const,
    new: ['a', 'b'],
    by: ['x', 'y'],
    package: { old: 'old-6.1', new: null },
    rows: [{ side: 'old' as const, file: 'e1000e.ko', module: 'e1000e', table: 'ids', row: 3 }],
  };
  const [first, second] = report({}, { ...whole, changes: [change, lost!], other: [] }).results;
  expect(first!.details).toEqual([
    ['example', lost!.example],
    ['old', 'e1000e'],
  ]);
  const { details, message, severity } = second!;
  expect([message, severity]).toEqual(['the module no longer serves a part of them (e1000e -> a, b)', 'error']);
  expect(details).toEqual([
    ['example', lost!.example],
    ['old', 'e1000e'],
    ['new', 'a, b'],
    ['becomes', 'lost'],
    ['by', 'x\ny'],
    ['old package', 'old-6.1'],
    ['rows', 'old: e1000e.ko: ids, row 3'],
  ]);
});

test('diffReport: each class has a severity, and those of a baseline come last', () => {
  const kinds = (members: Partial<DiffReportOptions>) =>
    report(members).kinds.map(({ id, severity }) => `${id} ${severity}`);
  const own = [
    ...['lost error', 'generic error', 'dropped warning', 'moved warning', 'narrowed error', 'override-only error'],
    ...['gained note', 'specific note', 'joined note', 'widened note'],
    ...['builtin note', 'loadable note', 'package note', 'order note', 'undecided warning'],
  ];
  expect(kinds({})).toEqual(own);
  const baseline = { accepted: { ...whole, changes: [], other: [] }, entries: new Map(), findings: [] };
  expect(kinds({ baseline })).toEqual([...own, 'expired-acceptance warning', 'unused-acceptance warning']);
});

test('diffReport: fails by a change that counts, by what is undecided, and by findings about the baseline', () => {
  const none = { ...whole, changes: [], other: [], undecided: [] };
  const failed = (kind: string, difference: Difference = none, rule = 'unused-acceptance') => {
    const { findings } = acceptChanges(
      none,
      { file: 'b', accepted: [{ match: { class: 'lost' }, reason: 'r' }] },
      '2026-01-01',
    );
    const baseline = rule === '' ? undefined : { accepted: none, entries: new Map(), findings };
    return report({ failing: (one) => one === kind, baseline }, difference).failed;
  };
  expect([failed('lost'), failed('lost', whole)]).toEqual([false, true]);
  expect([failed('undecided', whole), failed('undecided', { ...none, undecided: [undecided] })]).toEqual([false, true]);
  expect([failed('unused-acceptance'), failed('unused-acceptance', none, '')]).toEqual([true, false]);
});

test('diffReport: what a baseline accepts is reported in every shape, and does not fail', () => {
  const entries = [{ match: { pattern: CARD }, reason: 'retired', until: '2027-01-31' }];
  const held = acceptChanges(whole, { file: 'b', accepted: entries }, '2026-01-01');
  const one = diffReport(held.counted, { ...options, baseline: held });
  expect(one.results.map(({ pattern, fails, accepted }) => [pattern, fails, accepted])).toEqual([
    ['crypto_drbg', true, null],
    [CARD, false, { reason: 'retired', until: '2027-01-31' }],
    ['i2c:fresh', false, null],
  ]);
  expect(one.text(80)).toMatch(/\naccepted by the baseline: 1 change\n$/);
  expect(one.document()).toMatchObject({
    findings: [],
    changes: [{ class: 'gained' }],
    accepted: [{ class: 'lost', pattern: CARD, reason: 'retired', until: '2027-01-31' }],
  });
  expect(Object.keys(report().document() as object)).not.toContain('accepted');
});

test('diffReport: a change is shown in the file of NEW where that is a single file', () => {
  const file = (members: object) =>
    report({ sides: [options.sides[0], { ...options.sides[1], ...members }] }).results[0]!.file;
  expect(file({})).toBe('test');
  expect(file({ release: '6.12' })).toBeNull();
  expect(file({ inputs: ['a', 'b'] })).toBeNull();
});

test('diffReport: is called after the releases, else after the inputs', () => {
  const [old, now] = options.sides;
  const sides = [
    { ...old, release: '6.1' },
    { ...now, inputs: ['a', 'b'] },
  ] as const;
  expect(report({ sides })).toMatchObject({ title: '6.1 -> a + b', inputs: ['test', 'a', 'b'] });
});

test('diffReport: lists renames and modules that come or go', () => {
  const renamed = [{ from: ['a'], to: ['b', 'c'], patterns: 2 }];
  expect(report({}, { ...whole, renamed }).lists).toEqual([
    ['renamed', ['a -> b, c']],
    ['modules gone', ['drbg', 'e1000e']],
    ['modules new', ['fresh']],
  ]);
});

test('diffReport: notes what looks lost only because built-in drivers are not recorded', () => {
  const sides = [side(OLD, [], ['x']), { ...side(NEW, [], ['x']), builtinNames: new Set(['e1000e']) }] as const;
  const { remarks, text } = report({ sides }, diffSides(...sides));
  expect(remarks).toMatchObject([{ kind: 'built-in', count: 1, examples: ['e1000e'], fails: false }]);
  expect(text(80)).toMatch(/\nnote: built-in: 1: lost, generic, dropped, but the module is built in now: /);
});
