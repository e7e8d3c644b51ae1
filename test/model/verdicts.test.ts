import { expect, test } from 'vitest';
import { USUAL_DISTURBANCES } from '../../src/model/explore/acts.ts';
import { check } from '../../src/model/explore/check.ts';
import { findFaults } from '../../src/model/findings/find.ts';
import { BUILT_IN_MACHINES } from '../../src/model/machines/built-in.ts';
import { kernelState } from '../../src/model/machines/kernel-state.ts';
import { parseRelease } from '../../src/release.ts';
import { cellOf, programOf, verdictRows } from './verdict-rows.ts';

const RELEASE = '6.12';

const rows = verdictRows();

test('README.md: has a row for each sample of a script', () => {
  expect(rows.map(({ sample }) => sample)).toEqual([
    'dpdk-devbind.json',
    'bind-group.sh',
    'setup-all.sh',
    'guest-hook.sh',
    'kernel-documentation.sh',
    'sound.sh',
  ]);
});

test('README.md: says of each verdict how much of it was replayed on which kernel, or that it is not confirmed', () => {
  // npm run test:vm compares the numbers.
  for (const { confirmed } of rows) expect(confirmed).toMatch(/^(?:6\.1: [1-9]\d*, 6\.12: [1-9]\d*|not confirmed)$/);
});

test.each(rows)('check: $sample has the verdict that README.md gives', (row) => {
  const program = programOf(row);
  const state = kernelState(BUILT_IN_MACHINES[row.machine]!.machine, parseRelease(RELEASE));
  const { verdict, violations } = check([program], state, {
    while: new Set(USUAL_DISTURBANCES),
    stated: [],
    mostStates: 1_000_000,
  });
  expect([verdict, cellOf(violations.map(({ property }) => property))]).toEqual([row.verdict, row.properties]);
  expect(cellOf(findFaults([program], state).map(({ rule }) => rule))).toBe(row.findings);
});
