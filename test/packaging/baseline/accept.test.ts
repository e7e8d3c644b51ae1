import { expect, test } from 'vitest';
import { accept, entriesFor } from '../../../src/packaging/baseline/accept.ts';
import type { BaselineEntry, BaselineMatch } from '../../../src/packaging/baseline/baseline.ts';
import { acceptCoverage } from '../../../src/packaging/coverage/accept-coverage.ts';
import { acceptChanges, matchOfChange } from '../../../src/packaging/diff/accept-changes.ts';
import type { Difference } from '../../../src/packaging/diff/diff.ts';

const ITEMS: readonly BaselineMatch[] = [
  { class: 'lost', bus: 'pci', pattern: 'pci:a', module: 'one' },
  { class: 'lost', bus: 'pci', pattern: 'pci:b', module: 'one' },
  { class: 'moved', bus: 'usb', pattern: 'usb:a', module: 'one two' },
  { class: 'lost', pattern: 'crypto-a', module: 'three' },
];

/** What is kept, by index, and the rules of the findings, with these entries. */
function held(entries: readonly (BaselineMatch & { until?: string })[], today = '2026-11-21') {
  const accepted = entries.map(({ until, ...match }): BaselineEntry => ({ match, reason: 'r', until }));
  const options = {
    matchOf: (item: BaselineMatch) => item,
    concerns: (match: BaselineMatch) => match.rule === undefined,
    today,
  };
  const { kept, findings } = accept(ITEMS, { file: 'b.json', accepted }, options);
  return [kept.map((item) => ITEMS.indexOf(item)), findings.map(({ rule }) => rule)];
}

test('accept: all that an entry has must be equal', () => {
  expect(held([{ class: 'lost' }])).toEqual([[2], []]);
  expect(held([{ class: 'lost', bus: 'pci' }])).toEqual([[2, 3], []]);
  expect(held([{ module: 'one', pattern: 'pci:b' }])).toEqual([[0, 2, 3], []]);
  expect(held([{ module: 'one two' }])).toEqual([[0, 1, 3], []]);
  expect(held([])).toEqual([[0, 1, 2, 3], []]);
});

test('accept: an entry that accepts nothing is a finding, unless it is for another command', () => {
  expect(held([{ class: 'lost', module: 'two' }])).toEqual([[0, 1, 2, 3], ['unused-acceptance']]);
  expect(held([{ rule: 'missing-list' }])).toEqual([[0, 1, 2, 3], []]);
});

test('accept: what several entries accept leaves none of them unused', () => {
  expect(held([{ class: 'lost' }, { bus: 'pci' }])).toEqual([[2], []]);
});

test('accept: of entries that have the same members the first counts, and none is unused', () => {
  expect(held([{ class: 'lost' }, { class: 'lost' }])).toEqual([[2], []]);
  const entries = ['first', 'second'].map((reason) => ({ match: { class: 'lost' }, reason }));
  const options = { matchOf: (item: BaselineMatch) => item, concerns: () => true, today: '2026-11-21' };
  const { accepted } = accept(ITEMS, { file: 'b.json', accepted: entries }, options);
  expect([...accepted.values()].map(({ reason }) => reason)).toEqual(['first', 'first', 'first']);
});

test('accept: an entry holds through its day; then what it accepted counts again and it is a finding', () => {
  const entry = { class: 'lost', until: '2026-11-21' };
  expect(held([entry])).toEqual([[2], []]);
  expect(held([entry], '2026-11-22')).toEqual([[0, 1, 2, 3], ['expired-acceptance']]);
});

test('accept: a finding about the baseline names its place, and keeps its fingerprint when entries move', () => {
  const entry = { match: { class: 'lost', module: 'gone' }, reason: 'r' };
  const options = { matchOf: () => ({}), concerns: () => true, today: '2026-11-21' };
  const findings = (accepted: readonly BaselineEntry[]) => accept([], { file: 'b.json', accepted }, options).findings;
  expect(findings([entry])).toMatchObject([
    {
      severity: 'warning',
      file: 'b.json',
      module: 'gone',
      message: '/accepted/0: class lost, module gone: accepts nothing that is there; remove it',
    },
  ]);
  const moved = findings([{ match: { class: 'moved' }, reason: 'r' }, entry])[1]!;
  expect(moved.fingerprint).toBe(findings([entry])[0]!.fingerprint);
});

test('accept: findings about entries that differ in any member, or stand there twice, have fingerprints of their own', () => {
  const matches = [
    { class: 'lost', module: 'm' },
    { class: 'moved', module: 'm' },
    { class: 'moved' },
    { class: 'moved', bus: 'pci' },
    { class: 'moved', bus: 'pci' },
  ];
  const accepted = matches.map((match) => ({ match, reason: 'r', until: '2026-01-01' }));
  const options = { matchOf: () => ({}), concerns: () => true, today: '2026-11-21' };
  const { findings } = accept([], { file: 'b.json', accepted }, options);
  expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(matches.length);
});

test('entriesFor: accept exactly the items, keep the entries that there are, and say each once', () => {
  const old: BaselineEntry = { match: { bus: 'pci' }, reason: 'known' };
  const accepted = new Map([
    [ITEMS[0]!, old],
    [ITEMS[1]!, old],
  ]);
  const entries = entriesFor(ITEMS, (item) => item, accepted);
  expect(entries).toEqual([
    old,
    { match: { class: 'moved', pattern: 'usb:a', module: 'one two' }, reason: '' },
    { match: { class: 'lost', pattern: 'crypto-a', module: 'three' }, reason: '' },
  ]);
  const options = { matchOf: (item: BaselineMatch) => item, concerns: () => true, today: '2026-11-21' };
  const again = accept(ITEMS, { file: 'b.json', accepted: entries }, options);
  expect([again.kept, again.findings]).toEqual([[], []]);
});

test('acceptChanges: changes, aliases without a bus and what is undecided are accepted alike', () => {
  const change = {
    class: 'lost',
    bus: 'pci',
    pattern: 'pci:a',
    example: 'pci:a',
    old: ['m'],
    new: [],
    by: [],
    modules: ['m', 'n'],
    package: { old: null, new: null },
    rows: [],
  } as const;
  const difference: Difference = {
    renamed: [{ from: ['a'], to: ['b'], patterns: 1 }],
    changes: [change],
    modules: { gone: ['m'], new: [] },
    other: [{ ...change, bus: null, pattern: 'crypto-a' }],
    undecided: [{ side: 'old', pattern: 'pci:c', module: 'm' }],
  };
  const items = [...difference.changes, ...difference.other, ...difference.undecided];
  const baseline = {
    file: 'b.json',
    accepted: entriesFor(items, matchOfChange).map((entry) => ({ ...entry, reason: 'r' })),
  };
  const { counted, accepted, findings } = acceptChanges(difference, baseline, '2026-11-21');
  expect(counted).toEqual({ ...difference, changes: [], other: [], undecided: [] });
  expect(accepted).toEqual({ ...difference, renamed: [], modules: { gone: [], new: [] } });
  expect(findings).toEqual([]);
});

test('acceptChanges: entries for findings and for coverage are neither used nor unused', () => {
  const none: Difference = { renamed: [], changes: [], modules: { gone: [], new: [] }, other: [], undecided: [] };
  const unused = (match: BaselineMatch) =>
    acceptChanges(none, { file: 'b.json', accepted: [{ match, reason: 'r' }] }, '2026-11-21').findings.length;
  expect([{ rule: 'cr-lf' }, { class: 'unknown' }, { class: 'unserved' }].map(unused)).toEqual([0, 0, 0]);
  expect([{ class: 'lost' }, { class: 'undecided' }, { module: 'm' }].map(unused)).toEqual([1, 1, 1]);
});

test('acceptCoverage: entries for findings and for differences alone are neither used nor unused', () => {
  const none = { kernels: [], devices: [], machines: [] };
  const unused = (match: BaselineMatch, kind = 'lost') => {
    const baseline = { file: 'b.json', accepted: [{ match, reason: 'r' }] };
    return acceptCoverage(none, baseline, { today: '2026-11-21', failing: (one) => one === kind }).held.findings.length;
  };
  const others = [{ rule: 'cr-lf' }, { class: 'narrowed' }, { class: 'undecided' }, { class: 'unserved' }];
  expect(others.map((match) => unused(match))).toEqual([0, 0, 0, 0]);
  expect([{ class: 'lost' }, { class: 'unknown' }, { module: 'm' }].map((match) => unused(match))).toEqual([1, 1, 1]);
  expect(unused({ class: 'unserved' }, 'unserved')).toBe(1);
});
