import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { USUAL_DISTURBANCES } from '../../src/model/explore/acts.ts';
import { check } from '../../src/model/explore/check.ts';
import { findFaults } from '../../src/model/findings/find.ts';
import { BUILT_IN_MACHINES } from '../../src/model/machines/built-in.ts';
import { kernelState } from '../../src/model/machines/kernel-state.ts';
import { readProgram } from '../../src/model/script/read-program.ts';
import { parseRelease } from '../../src/release.ts';

const RELEASE = '6.12';

/** A row of the README's table: the sample, how it is run, and what comes of it. */
interface Row {
  readonly sample: string;
  readonly args: string;
  readonly machine: string;
  readonly verdict: string;
}

const readme = readFileSync('README.md', 'utf8');
const rows = [
  ...readme.matchAll(/^\| \[`([\w.-]+)`\]\(samples\/model\/[\w.-]+\) \| `?([^|`]*?)`? \| `([\w-]+)` \| (.*) \|$/gm),
].map(
  ([, sample, args, machine, verdict]): Row => ({
    sample: sample!,
    args: args!.trim(),
    machine: machine!,
    verdict: verdict!,
  }),
);

function verdictOf({ sample, args, machine }: Row): string {
  const words = args.split(' ').filter((word) => word !== '' && !word.includes('='));
  const environment = Object.fromEntries(
    args
      .split(' ')
      .filter((word) => word.includes('='))
      .map((word) => word.split('=', 2) as [string, string]),
  );
  const text = readFileSync(`samples/model/${sample}`, 'latin1');
  const program = readProgram(text, sample, { words, environment });
  const state = kernelState(BUILT_IN_MACHINES[machine]!.machine, parseRelease(RELEASE));
  const { verdict, violations } = check([program], state, {
    while: new Set(USUAL_DISTURBANCES),
    stated: [],
    mostStates: 1_000_000,
  });
  const list = (names: readonly string[]) => [...new Set(names)].map((name) => `\`${name}\``).join(', ') || '-';
  const properties = list(violations.map(({ property }) => property));
  return `${verdict} | ${properties} | ${list(findFaults([program], state).map(({ rule }) => rule))}`;
}

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

test.each(rows)('check: $sample has the verdict that README.md gives', (row) => {
  expect(verdictOf(row)).toBe(row.verdict);
});
