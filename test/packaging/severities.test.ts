import { describe, expect, test } from 'vitest';
import { type Cause, findingsOf, type Note } from '../../src/packaging/finding.ts';
import { checkSeverities, withSeverities } from '../../src/packaging/severities.ts';

const causes: Cause[] = [
  { rule: 'missing-in-text', items: [{ message: 'a' }] },
  { rule: 'missing-list', items: [{ message: 'b' }] },
];
const findings = findingsOf(causes);
const notes: Note[] = [
  { rule: 'shared-alias', count: 5, message: 'shared', examples: ['x', 'y', 'z'] },
  { rule: 'no-text', count: 1, message: 'no text', examples: [] },
];
const shown = (options: Parameters<typeof withSeverities>[2]) => {
  const judged = withSeverities(findings, notes, options);
  return [judged.findings.map(({ rule, severity }) => `${severity} ${rule}`), judged.notes.map(({ rule }) => rule)];
};

describe('withSeverities', () => {
  test('withSeverities leaves everything as it is where nothing is asked for', () => {
    expect(withSeverities(findings, notes, {})).toEqual({ findings, notes });
  });

  test('withSeverities gives findings another severity, or leaves them out', () => {
    expect(shown({ severities: { 'missing-in-text': 'note', 'missing-list': 'error' } })).toEqual([
      ['note missing-in-text', 'error missing-list'],
      ['shared-alias', 'no-text'],
    ]);
    expect(shown({ severities: { 'missing-in-text': 'off', 'shared-alias': 'off' } })).toEqual([
      ['warning missing-list'],
      ['no-text'],
    ]);
  });

  test('withSeverities makes findings of notes, behind the others, with count and examples', () => {
    const judged = withSeverities(findings, notes, { severities: { 'shared-alias': 'warning', 'no-text': 'error' } });
    expect(judged.notes).toEqual([]);
    expect(judged.findings.slice(2)).toMatchObject([
      { rule: 'shared-alias', severity: 'warning', module: null, count: 5, message: 'shared: x; y; z (and 2 more)' },
      { rule: 'no-text', severity: 'error', count: 1, message: 'no text' },
    ]);
    const all = withSeverities([], notes, { severities: { 'shared-alias': 'warning' }, all: true }).findings;
    expect(all.map(({ message, count }) => [message, count])).toEqual([
      ['shared: x', 1],
      ['shared: y', 1],
      ['shared: z', 1],
    ]);
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });

  test('withSeverities makes errors of warnings last, and never of notes', () => {
    expect(shown({ werror: true })[0]).toEqual(['error missing-in-text', 'error missing-list']);
    expect(
      shown({
        werror: true,
        severities: { 'missing-in-text': 'warning', 'missing-list': 'note', 'no-text': 'warning' },
      }),
    ).toEqual([['error missing-in-text', 'note missing-list', 'error no-text'], ['shared-alias']]);
  });
});

describe('checkSeverities', () => {
  test('checkSeverities takes rules and codes of diagnostics', () => {
    checkSeverities({ 'shared-alias': 'off', 'newer-release': 'warning' }, 'here');
  });

  test.each([
    [{ 'shared-alais': 'off' }, "here: 'shared-alais' is not a rule; did you mean 'shared-alias'?"],
    [{ toString: 'off' }, "here: 'toString' is not a rule"],
    [{ 'no-text': 'eror' }, "here: no-text: found 'eror', expected error, warning, note, off; did you mean 'error'?"],
  ])('checkSeverities refuses %j', (severities, message) => {
    expect(() => checkSeverities(severities as Record<string, unknown>, 'here')).toThrow(message);
  });
});
