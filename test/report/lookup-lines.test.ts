import { expect, test } from 'vitest';
import type { Match } from '../../src/match/match.ts';
import { type LookupStyle, lookupJson, lookupText } from '../../src/report/lookup-lines.ts';

const match = (module: string, pattern: string, source: Match['source'] = 'alias', priority = 0): Match => ({
  ...{ module, pattern, source, priority },
});
const answers = [
  [match('wide', 'pci:*'), match('card', 'pci:v1d2*', 'alias', 1), match('card', 'pci:v1*', 'alias', 1)],
  [match('inside', 'pci:v*', 'builtin')],
];
const style = (show: LookupStyle['show'], withInput = false): LookupStyle => ({ show, withInput, rank: 'specific' });

test.each<[LookupStyle['show'], string]>([
  ['names', 'card\nwide\n'],
  ['best', 'card\n'],
  ['modprobe', 'wide\ncard\ncard\n'],
  ['all', 'wide\talias\tpci:*\ncard\talias\tpci:v1d2*\ncard\talias\tpci:v1*\n'],
  [
    'all-sources',
    'wide\talias\tpci:*\ncard\talias\tpci:v1d2*\ncard\talias\tpci:v1*\ninside\tbuiltin\tpci:v*\thidden by alias\n',
  ],
])('lookupText: %s', (show, text) => {
  expect(lookupText('key', answers, style(show))).toBe(text);
});

test('lookupText: puts what was asked before each line, and a dash where there is none', () => {
  expect(lookupText('key', answers, style('names', true))).toBe('key\tcard\nkey\twide\n');
  expect([lookupText('key', [], style('names', true)), lookupText('key', [], style('names'))]).toEqual([
    'key\t-\n',
    '',
  ]);
  expect(lookupText('key', [[]], style('all-sources', true))).toBe('key\t-\n');
});

const json = (show: LookupStyle['show'], given: typeof answers = answers) =>
  JSON.parse(lookupJson({ modalias: 'key', problems: [] }, given, style(show)));

test('lookupJson: has modules best first, matches in order, and hidden ones where all sources are asked for', () => {
  expect(json('names')).toEqual({
    version: 1,
    modalias: 'key',
    modules: ['card', 'wide'],
    matches: answers[0],
    best: answers[0]![1],
    ambiguous: true,
  });
  expect(json('all-sources').matches).toEqual([...answers[0]!, { ...answers[1]![0], hiddenBy: 'alias' }]);
  expect(json('names', [])).toMatchObject({ modules: [], matches: [], best: null, ambiguous: false });
  expect(json('names', [[match('one', 'pci:v1*')]])).toMatchObject({ best: { module: 'one' }, ambiguous: false });
});

test('lookupJson: has what was asked where that is another text, and problems where there are any', () => {
  const problem = { code: 'bad-modalias', severity: 'warning', message: 'm' } as const;
  const document = { modalias: 'key', asked: '0000:00:1f.0', problems: [problem] };
  const text = lookupJson(document, [], style('names'));
  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text)).toMatchObject({ asked: '0000:00:1f.0', problems: [problem] });
  expect(Object.keys(json('names'))).not.toContain('problems');
});
