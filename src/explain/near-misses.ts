import leven from 'leven';
import { ANYTHING, fieldMatches, isExact, parseBoth, parseFields } from '../match/fields.ts';
import type { Match } from '../match/match.ts';
import { fnmatch } from '../pattern/fnmatch.ts';

/** Patterns farther away than this many edits help nobody. */
const FARTHEST = 16;

/**
 * The patterns that come closest to a key without matching it, each module and reason once: of a regular bus those that differ in the fewest
 * fields and agree exactly in the most, most identifying first, then those whose differing values start alike; for lists of names, and
 * any other bus, those with the fewest edits.
 */
export function nearMisses(key: string, patterns: Iterable<Match>, wanted: number): Match[] {
  const bus = /^[^:*?[]*/.exec(key)![0];
  const parsed = parseFields(key);
  const scored: Scored[] = [];
  for (const match of patterns) {
    if (!match.pattern.startsWith(bus) || matches(match.pattern, key)) continue;
    const found = parsed ? distance(key, match.pattern) : edits(key, match.pattern);
    if (found === undefined) continue;
    const [score, what] = typeof found === 'number' ? [found, match.pattern] : found;
    scored.push({ match, score, name: `${match.module} ${what}` });
    if (scored.length >= 1000) keepBest(scored, wanted);
  }
  keepBest(scored, wanted);
  return scored.map((s) => s.match);
}

interface Scored {
  readonly match: Match;
  readonly score: number;
  /** The module and what it wanted: two that are equal tell a user the same. */
  readonly name: string;
}

function keepBest(scored: Scored[], wanted: number): void {
  scored.sort((a, b) => a.score - b.score || a.match.priority - b.match.priority);
  const names = new Set<string>();
  const best = scored.filter(({ name }) => names.size < wanted && !names.has(name) && names.add(name));
  scored.splice(0, scored.length, ...best);
}

/** Whether a pattern matches a key; most are told by how they begin. */
export function matches(pattern: string, key: string): boolean {
  const literal = pattern.search(/[*?[]/);
  if (literal === -1) return pattern === key;
  return key.startsWith(pattern.slice(0, literal)) && fnmatch(pattern.slice(literal), key.slice(literal));
}

/** How far a pattern of a regular bus is from a key, and what it wanted; undefined where the two have nothing in common. */
function distance(text: string, pattern: string): [score: number, wanted: string] | undefined {
  const [key, want] = parseBoth(text, pattern) ?? [];
  if (!key || !want) return undefined;
  let differing = 0;
  let agreeing = 0;
  let alike = 0;
  let given = 0;
  const { fields, parts } = key.format;
  for (const [i, field] of fields.entries()) {
    const value = key.values[i]!;
    const wanted = want.values[i]!;
    if (wanted !== ANYTHING) given++;
    if (fieldMatches(field, wanted, value)) {
      if (isExact(wanted) || (parts !== undefined && wanted !== ANYTHING)) agreeing += fields.length - i;
      continue;
    }
    differing++;
    const close = field.between === undefined ? sameStart(wanted, value) : closestEntry(wanted, value, field.between);
    if (close === undefined) return undefined;
    alike += close;
  }
  if (agreeing === 0 && (given > 1 || alike === 0)) return undefined;
  return [
    differing * 10_000 - agreeing * 100 - alike,
    want.values.map((value) => value.replace(/[C:]?\*$/, '')).join(),
  ];
}

/** Characters that two values have in common from their starts on, a star at the start aside. */
function sameStart(pattern: string, value: string): number {
  const wanted = pattern.replace(/^\*/, '');
  let i = 0;
  while (i < wanted.length && (wanted[i] === value[i] || (wanted[i] === '?' && i < value.length))) i++;
  return i;
}

/**
 * How like a name is to the nearest entry of a list, 50 at most; undefined where more than half of it differs, and where nothing does: then its
 * other form, with or without more entries behind it, matches.
 */
function closestEntry(wanted: string, value: string, between: string): number | undefined {
  const name = wanted.replace(/[*].*$/, '').replace(/[C:]$/, '');
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
