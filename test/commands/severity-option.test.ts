import { expect, test } from 'vitest';
import { severitiesOf, severityWords } from '../../src/commands/severity-option.ts';

const rules = ['of-only', 'class-mask'];

test('severitiesOf: takes lists and repeats, of which the last one wins, with blanks around them', () => {
  const of = (...values: readonly string[]) => severitiesOf(values, 'x', rules);
  expect(of('of-only=off')).toEqual({ 'of-only': 'off' });
  expect(of('of-only=off, class-mask=error ', 'of-only=note')).toEqual({ 'of-only': 'note', 'class-mask': 'error' });
  expect(severitiesOf(undefined, 'x', rules)).toEqual({});
});

test.each([
  ['of-only', "x: found 'of-only', expected RULE=error|warning|note|off"],
  ['=off', "x: found '=off', expected RULE=error|warning|note|off"],
  ['of-only=', "x: of-only: found '', expected error, warning, note, off"],
  ['of-onyl=off', "x: 'of-onyl' is not a rule; did you mean 'of-only'?"],
])('severitiesOf: refuses %s', (value, message) => {
  expect(() => severitiesOf([value], 'x', rules)).toThrow(expect.objectContaining({ code: 'usage', message }));
});

test('severityWords: each rule with each severity', () => {
  expect(severityWords(['a', 'b'])).toEqual([
    ...['a=error', 'a=warning', 'a=note', 'a=off', 'b=error', 'b=warning', 'b=note', 'b=off'],
  ]);
});
