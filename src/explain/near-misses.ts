import leven from 'leven';
import { ANYTHING, fieldMatches, isExact, parseBoth, parseFields } from '../match/fields.ts';
import type { Match } from '../match/match.ts';
import { fnmatch } from '../pattern/fnmatch.ts';

/** Patterns more than this many edits away are not helpful. */
const FARTHEST = 16;

/**
 * The closest patterns that do not match a key, each module and reason once. On a regular bus: those that differ in the
 * fewest fields and agree exactly in the most, most identifying first, then those whose differing values share a
 * prefix. For lists of names, and on any other bus: those with the fewest edits.
 */
export function nearMisses(key: string, patterns: Iterable<Match>, limit: number): Match[] {
  const bus = /^[^:*?[]*/.exec(key)![0];
  const parsed = parseFields(key);
  const scored: Scored[] = [];
  for (const match of patterns) {
    if (!match.pattern.startsWith(bus) || matches(match.pattern, key)) continue;
    const found = parsed ? distance(key, match.pattern) : edits(key, match.pattern);
    if (found === undefined) continue;
    const [score, what] = typeof found === 'number' ? [found, match.pattern] : found;
    scored.push({ match, score, name: `${match.module} ${what}` });
    if (scored.length >= 1000) keepBest(scored, limit);
  }
  keepBest(scored, limit);
  return scored.map((s) => s.match);
}

interface Scored {
  readonly match: Match;
  readonly score: number;
  /** The module and what it expected: equal ones tell a user nothing new. */
  readonly name: string;
}

function keepBest(scored: Scored[], limit: number): void {
  scored.sort((a, b) => a.score - b.score || a.match.priority - b.match.priority);
  const names = new Set<string>();
  const best = scored.filter(({ name }) => names.size < limit && !names.has(name) && names.add(name));
  scored.splice(0, scored.length, ...best);
}

/** Whether a pattern matches a key; most are settled by their first characters. */
export function matches(pattern: string, key: string): boolean {
  const literal = pattern.search(/[*?[]/);
  if (literal === -1) return pattern === key;
  return key.startsWith(pattern.slice(0, literal)) && fnmatch(pattern.slice(literal), key.slice(literal));
}

/**
 * The distance of a pattern from a key on a regular bus, and what it expected; undefined if the two have nothing in
 * common.
 */
function distance(text: string, pattern: string): [score: number, expected: string] | undefined {
  const [key, want] = parseBoth(text, pattern) ?? [];
  if (!key || !want) return undefined;
  let differing = 0;
  let agreeing = 0;
  let alike = 0;
  let given = 0;
  const { fields, parts } = key.format;
  for (const [i, field] of fields.entries()) {
    const value = key.values[i]!;
    const expected = want.values[i]!;
    if (expected !== ANYTHING) given++;
    if (fieldMatches(field, expected, value)) {
      if (isExact(expected) || (parts !== undefined && expected !== ANYTHING)) agreeing += fields.length - i;
      continue;
    }
    differing++;
    const close =
      field.between === undefined ? sameStart(expected, value) : closestEntry(expected, value, field.between);
    if (close === undefined) return undefined;
    alike += close;
  }
  if (agreeing === 0 && (given > 1 || alike === 0)) return undefined;
  return [
    differing * 10_000 - agreeing * 100 - alike,
    want.values.map((value) => value.replace(/[C:]?\*$/, '')).join(),
  ];
}

/** Length of the common prefix of two values, ignoring a leading star. */
function sameStart(pattern: string, value: string): number {
  const expected = pattern.replace(/^\*/, '');
  let i = 0;
  while (i < expected.length && (expected[i] === value[i] || (expected[i] === '?' && i < value.length))) i++;
  return i;
}

/**
 * How similar a name is to the nearest entry of a list, at most 50; undefined if more than half of it differs, or
 * nothing: then its other form, with or without more entries after it, matches.
 */
function closestEntry(expected: string, value: string, between: string): number | undefined {
  const name = expected.replace(/[*].*$/, '').replace(/[C:]$/, '');
  let least = Number.POSITIVE_INFINITY;
  for (const entry of value.split(between)) {
    const most = Math.min(FARTHEST, Math.max(entry.length, name.length) >> 1);
    if (entry === '' || Math.abs(entry.length - name.length) > most) continue;
    const count = leven(entry, name, { maxDistance: most + 1 });
    if (count === 0) return undefined;
    if (count <= most) least = Math.min(least, count);
  }
  return least > FARTHEST ? undefined : 50 - least;
}

function edits(key: string, pattern: string): number | undefined {
  const literal = pattern.replaceAll('*', '');
  if (Math.abs(literal.length - key.length) > FARTHEST) return undefined;
  const count = leven(key, literal, { maxDistance: FARTHEST + 1 });
  return count > Math.min(FARTHEST, key.length >> 1) ? undefined : count;
}
