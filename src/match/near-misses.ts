import leven from 'leven';
import { fnmatch } from '../alias/fnmatch.ts';
import { isExact, type Parsed, parseFields } from './formats.ts';
import type { Match } from './match.ts';

/** Patterns farther away than this many edits, or with no identifying field in common, help nobody. */
const FARTHEST = 16;

/**
 * The patterns that come closest to a key without matching it: of a regular bus those that differ in the fewest fields and agree
 * exactly in the most, most identifying first; of any other those with the fewest edits between their literal text and the key.
 */
export function nearMisses(key: string, patterns: Iterable<Match>, wanted: number): Match[] {
  const parsed = parseFields(key);
  const start = /^[^:*?[]*/.exec(key)![0].slice(0, 3);
  const scored: { match: Match; score: number }[] = [];
  for (const match of patterns) {
    if (!match.pattern.startsWith(start) || matches(match.pattern, key)) continue;
    const score = parsed ? distance(parsed, parseFields(match.pattern)) : edits(key, match.pattern);
    if (score === undefined) continue;
    scored.push({ match, score });
    if (scored.length >= 1000) keepBest(scored, wanted);
  }
  keepBest(scored, wanted);
  return scored.map((s) => s.match);
}

function keepBest(scored: { match: Match; score: number }[], wanted: number): void {
  scored.sort((a, b) => a.score - b.score || a.match.priority - b.match.priority);
  scored.length = Math.min(scored.length, wanted);
}

function matches(pattern: string, key: string): boolean {
  const literal = pattern.search(/[*?[]/);
  if (literal === -1) return pattern === key;
  return key.startsWith(pattern.slice(0, literal)) && fnmatch(pattern.slice(literal), key.slice(literal));
}

function distance(key: Parsed, pattern: Parsed | undefined): number | undefined {
  if (!pattern || pattern.format !== key.format || pattern.prefix !== key.prefix) return undefined;
  let differing = 0;
  let agreeing = 0;
  const weight = key.values.length;
  key.values.forEach((value, i) => {
    const wanted = pattern.values[i]!;
    if (!fnmatch(wanted, value)) differing++;
    else if (isExact(wanted)) agreeing += weight - i;
  });
  return agreeing === 0 ? undefined : differing * 1000 - agreeing;
}

function edits(key: string, pattern: string): number | undefined {
  const literal = pattern.replaceAll('*', '');
  if (Math.abs(literal.length - key.length) > FARTHEST) return undefined;
  const count = leven(key, literal, { maxDistance: FARTHEST + 1 });
  return count > FARTHEST ? undefined : count;
}
