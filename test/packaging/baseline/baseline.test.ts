import { expect, test } from 'vitest';
import type { ModaliasError } from '../../../src/errors.ts';
import { ACCEPTABLE_CLASSES } from '../../../src/packaging/change-classes.ts';
import { formatBaseline, isDay, parseBaseline } from '../../../src/packaging/baseline/baseline.ts';

const ENTRY = { match: { class: 'lost', module: 'ns558' }, reason: 'no gameports', until: '2027-01-31' };
const textOf = (...accepted: readonly unknown[]) => JSON.stringify({ version: 1, accepted });

/** The problems of a text: pointer, code and message. */
function problemsOf(text: string): string[] {
  try {
    parseBaseline(text, 'b.json');
  } catch (error) {
    return (error as ModaliasError).problems.map(
      ({ file, pointer, code, message }) => `${file} ${pointer} ${code}: ${message}`,
    );
  }
  return [];
}

test('parseBaseline: reads what formatBaseline writes', () => {
  const entries = [ENTRY, { match: { rule: 'missing-list' }, reason: 'made by hand' }];
  expect(parseBaseline(formatBaseline(entries), 'b.json')).toEqual({ file: 'b.json', accepted: entries });
  expect(parseBaseline(formatBaseline([]), 'b.json').accepted).toEqual([]);
});

test('formatBaseline: writes an entry a line, which diffs and merges well', () => {
  expect(formatBaseline([ENTRY, ENTRY]).match(/^ {4}\{"match":.*\},?$/gm)).toHaveLength(2);
});

test.each([
  ['{', ["b.json  bad-json: found the end where '}' was expected"]],
  ['[]', ['b.json  bad-value: found an array, expected an object {version, accepted}']],
  ['null', ['b.json  bad-value: found null, expected an object {version, accepted}']],
  ['{"version":1}', ["b.json  missing-field: 'accepted' is missing; expected it here"]],
  [
    '{"version":2,"accepted":[]}',
    ['b.json /version bad-value: found 2, expected 1, the version of the format that is known here'],
  ],
  [
    '{"version":1,"accepted":[],"more":0}',
    ["b.json /more unknown-field: found an unknown member 'more', expected version, accepted"],
  ],
  [
    '{"version":1,"constructor":{},"accepted":[{"match":{"class":"lost","__proto__":1},"reason":"x"}]}',
    [
      "b.json /constructor unknown-field: found an unknown member 'constructor'",
      "b.json /accepted/0/match/__proto__ unknown-field: found an unknown member '__proto__'",
    ],
  ],
  [
    '{"version":1,"version":1,"accepted":[]}',
    ["b.json /version duplicate-member: 'version' is here a second time; expected one value"],
  ],
  [
    textOf({}),
    [
      "b.json /accepted/0 missing-field: 'match' is missing; expected it here",
      "b.json /accepted/0 missing-field: 'reason' is missing; expected it here",
    ],
  ],
  [
    textOf({ ...ENTRY, match: {} }),
    [
      'b.json /accepted/0/match bad-value: found an object, expected an object with at least one of rule, class, bus, pattern, module',
    ],
  ],
  [
    textOf({ ...ENTRY, match: { rules: 'a' } }),
    [
      "b.json /accepted/0/match/rules unknown-field: found an unknown member 'rules', expected rule, class, bus, pattern, module; did you mean 'rule'?",
    ],
  ],
  [
    textOf(ENTRY, { ...ENTRY, match: { bus: '' } }),
    ['b.json /accepted/1/match/bus bad-value: found "", expected a text that is not empty'],
  ],
  [
    textOf({ ...ENTRY, reason: ' ' }),
    ['b.json /accepted/0/reason bad-value: found " ", expected the reason why this is accepted'],
  ],
  [
    textOf({ ...ENTRY, until: '2027-02-30' }),
    ['b.json /accepted/0/until bad-value: found "2027-02-30", expected a day such as "2027-01-31"'],
  ],
  [
    textOf({ ...ENTRY, match: { class: 'lots' } }),
    [
      `b.json /accepted/0/match/class bad-value: found "lots", expected a class: ${ACCEPTABLE_CLASSES.join(', ')}; did you mean 'lost'?`,
    ],
  ],
  [
    textOf({ ...ENTRY, match: { class: 1 } }),
    [`b.json /accepted/0/match/class bad-value: found 1, expected a class: ${ACCEPTABLE_CLASSES.join(', ')}`],
  ],
  [
    textOf({ ...ENTRY, match: { class: 'lost', rule: 'missing-list' } }),
    [
      'b.json /accepted/0/match bad-value: found an object, expected either a rule, for findings, or a class, for changes',
    ],
  ],
])('parseBaseline: %j is refused with pointers', (text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

test('parseBaseline: every class of a change may be accepted, and what is undecided', () => {
  const entries = ACCEPTABLE_CLASSES.map((name) => ({ match: { class: name }, reason: 'r' }));
  expect(parseBaseline(formatBaseline(entries), 'b.json').accepted).toEqual(entries);
});

test('parseBaseline: an unknown rule is refused where the rules are given', () => {
  const text = textOf({ match: { rule: 'mising-list' }, reason: 'r' });
  expect(parseBaseline(text, 'b.json').accepted).toHaveLength(1);
  expect(() => parseBaseline(text, 'b.json', { rules: ['missing-list', 'of-only'] })).toThrow(
    `found "mising-list", expected a rule (modalias verify --help and modalias lint --help list them); did you mean 'missing-list'?`,
  );
  expect(() => parseBaseline(text, 'b.json', { rules: 'missing-list' as never })).toThrow('options.rules: found');
});

test('parseBaseline: deep nesting and a hundred thousand problems end in an error', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(problemsOf(`{"version":1,"accepted":${deep}}`)).not.toEqual([]);
  expect(problemsOf(textOf(...Array(100_000).fill(0)))).toHaveLength(100);
});

test('isDay: a day is one of the calendar', () => {
  expect(['2026-11-21', '2028-02-29'].map(isDay)).toEqual([true, true]);
  expect(['2027-02-29', '2027-13-01', '2027-1-1', '20270101', '2027-01-01T00', ''].map(isDay)).toEqual(
    Array(6).fill(false),
  );
});
