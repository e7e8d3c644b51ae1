import { expect, test } from 'vitest';
import { DEVICE_FORMATS } from '../../src/bus/buses.ts';
import type { Match } from '../../src/match/match.ts';
import { narrowestFirst } from '../../src/match/narrowest-first.ts';
import { bestOf, byLibvirt, bySpecific, byStars, rankings } from '../../src/match/ranking.ts';

const match = (module: string, pattern: string, priority = 0, source: Match['source'] = 'alias'): Match => ({
  module,
  pattern,
  source,
  priority,
});
const names = (matches: readonly Match[]) => matches.map((m) => m.module).join(' ');

/** Pairs that only one criterion tells apart as it should: the first is better, and worse by every later criterion. */
const pairs: [rule: string, better: string, worse: string][] = [
  ['fewer wildcard fields before more literal characters', 'pci:v?d?sv?sd*bc*sc*i*', 'pci:v*d*sv*sd*bc*sc0?i*'],
  ['more literal characters before the place', 'pci:v?11d*sv*sd*bc*sc*i*', 'pci:v0??d*sv*sd*bc*sc*i*'],
  ['a bracket is not a literal character', 'pci:v?22d*sv*sd*bc*sc*i*', 'pci:v[345]1?d*sv*sd*bc*sc*i*'],
  ['nor is a question mark', 'pci:v11d*sv?sd*bc*sc*i*', 'pci:v1?????d*sv?sd*bc*sc*i*'],
  ['without fields: fewer stars', 'x:a*', 'x:*bb*'],
  ['where a wildcard may reach over fields: fewer stars', 'of:N*T*C?', 'of:N*x*T?C*?b'],
  ['a class before none, as a pattern without fields has', 'pci:v*d*sv*sd*bc01sc06i01*', 'pci:v*1sd*'],
  ['stars where there are no fields count as wildcard fields', 'pci:*1*2*3*4*', 'pci:v?d*sv*sd*bc*sc*i*'],
  ['an inclusion before device ids', 'pci:v00008086d00000953sv?*sd*bc*sc*i*', 'pci:v00008086d00000953sv*sd*bc*sc*i*'],
];

test.each(pairs)('bySpecific: %s', (_rule, better, worse) => {
  expect(names(bySpecific([match('worse', worse, 1), match('better', better, 2)]))).toBe('better worse');
  expect(names(bySpecific([match('better', better, 2), match('worse', worse, 1)]))).toBe('better worse');
});

/** For each format, patterns that give one group of fields each, with one that gives the next group. */
const powers = DEVICE_FORMATS.filter((format) => !format.loose).flatMap(({ bus, fields, power, after = '' }) => {
  const groups = power?.map((tags) => tags.map((tag) => fields.findIndex((field) => field.tag === tag)));
  const pattern = (group: readonly number[], value: string) =>
    `${bus.replace('-', '_')}:${fields.map(({ tag }, i) => tag + (group.includes(i) ? value : '*')).join('')}${after}`;
  const all = groups ?? fields.map((_, i) => [i]);
  return all.slice(1).map((group, i) => [pattern(all[i]!, '1'), pattern(group, '22222')] as const);
});

test.each(powers)('bySpecific: what says more goes first, as the bus has it: %s before %s', (better, worse) => {
  expect(names(bySpecific([match('worse', worse, 1), match('better', better, 2)]))).toBe('better worse');
});

test('bySpecific keeps one match as it is and changes no list', () => {
  const one = [match('a', 'x')];
  expect(bySpecific(one)).toBe(one);
  const two = [match('wide', 'x*', 1), match('narrow', 'xy*', 2)];
  expect(names(bySpecific(two))).toBe('narrow wide');
  expect(names(two)).toBe('wide narrow');
});

test('bySpecific keeps the order of the patterns of one module that nothing tells apart', () => {
  const patterns = ['pci:v00000002d*sv*sd*bc*sc*i*', 'pci:v00000001d*sv*sd*bc*sc*i*', 'pci:v00000003d*sv*sd*bc*sc*i*'];
  const list = patterns.map((pattern) => match('m', pattern));
  expect(bySpecific(list)).toEqual(list);
  expect(bySpecific(list.toReversed())).toEqual(list.toReversed());
});

test('bySpecific orders names by their characters, not by a locale', () => {
  expect(names(bySpecific(['b', 'a', 'B', 'a_b', 'ab'].map((name) => match(name, 'x*'))))).toBe('B a a_b ab b');
});

test('byLibvirt counts fields, byStars stars: a star after a value is one of these only', () => {
  const values = match('values', 'pci:v0*d0*sv*sd*bc*sc*i*', 2);
  const device = match('device', 'pci:v*d00000953sv*sd*bc*sc*i*', 1);
  expect(names(byLibvirt([device, values]))).toBe('values device');
  expect(names(byStars([values, device]))).toBe('device values');
});

test('byLibvirt and byStars keep the order of what they do not tell apart', () => {
  const same = ['c', 'a', 'b'].map((name, i) => match(name, 'pci:v*d00000953sv*sd*bc*sc*i*', 3 - i));
  expect(names(byLibvirt(same))).toBe('c a b');
  expect(names(byStars(same))).toBe('c a b');
});

test('byLibvirt counts the stars of a pattern whose wildcards may reach over fields', () => {
  expect(names(byLibvirt([match('two', 'of:N*T*Ca'), match('one', 'of:NxT*Ca')]))).toBe('one two');
});

test('bestOf answers by the rule that is asked, with the best of each', () => {
  const values = match('values', 'pci:v0*d0*sv*sd*bc*sc*i*', 2);
  const device = match('device', 'pci:v*d00000953sv*sd*bc*sc*i*', 1);
  const tops = (rank?: 'specific' | 'stars' | 'libvirt') => {
    const best = bestOf([values, device], rank)!;
    return [best.match.module, best.rank, best.ambiguous, best.byRule.stars.module, best.byRule.libvirt.module];
  };
  expect(tops('stars')).toEqual(['device', 'stars', true, 'device', 'values']);
  expect(tops('libvirt')).toEqual(['values', 'libvirt', true, 'device', 'values']);
  expect(tops()[1]).toBe('specific');
  expect(tops()[0]).toBe(rankings.specific([values, device])[0]!.module);
});

test('bestOf is not ambiguous where the rules name two patterns of one module', () => {
  const patterns = ['pci:v0*d0*sv*sd*bc*sc*i*', 'pci:v*d00000953sv*sd*bc*sc*i*'];
  expect(bestOf(patterns.map((pattern) => match('m', pattern)))!.ambiguous).toBe(false);
  expect(bestOf([match('m', patterns[0]!)])).toMatchObject({ match: { module: 'm' }, ambiguous: false });
});

test('narrowestFirst places every repeat of a narrower pattern before a wider one', () => {
  const list = [match('wide', 'a*'), match('n1', 'ab*'), match('other', 'c'), match('n2', 'ab*'), match('n3', 'abc')];
  expect(names(narrowestFirst(list))).toBe('other n3 n1 n2 wide');
});

test('narrowestFirst goes back to what a placed pattern held up, before what stands later', () => {
  const list = [match('all', '*'), match('ab', 'ab*'), match('z', 'z*'), match('abc', 'abc*')];
  expect(names(narrowestFirst(list))).toBe('z abc ab all');
});

test("narrowestFirst reads a line of modprobe.d by fnmatch's rules from its start, an index's key literally at first", () => {
  const wide = match('wide', '\\a*', 0, 'config');
  const narrow = match('narrow', 'ab*', 0, 'config');
  expect(names(narrowestFirst([wide, narrow]))).toBe('narrow wide');
  expect(names(narrowestFirst([match('wide', '\\a*'), match('narrow', 'ab*')]))).toBe('wide narrow');
});

test('narrowestFirst keeps a line of modprobe.d apart from an alias with the same text', () => {
  const list = [match('alias', '\\a*'), match('wide', '\\a*', 0, 'config'), match('narrow', 'ab*', 0, 'config')];
  expect(names(narrowestFirst(list))).toBe('alias narrow wide');
});
