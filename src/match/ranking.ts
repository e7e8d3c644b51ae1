import { isExact, type Parsed, parseFields } from './fields.ts';
import { type Match, RANKS, type Rank } from './match.ts';
import { narrowestFirst } from './narrowest-first.ts';

/** Sorts matches, best first. Each sorts a copy; matches that a rule does not distinguish keep libkmod's order. */
export const rankings: Readonly<Record<Rank, (matches: readonly Match[]) => readonly Match[]>> = {
  specific: bySpecific,
  stars: byStars,
  libvirt: byLibvirt,
};

/** The published rule of the vfio_ aliases: the fewest `*` in the pattern. */
export function byStars(matches: readonly Match[]): readonly Match[] {
  return sorted(matches, (m) => [count(m.pattern, '*')]);
}

/** libvirt's rule (util/virpci.c:virPCIDeviceFindBestVFIOVariant): the fewest fields that are `*` and nothing else. */
export function byLibvirt(matches: readonly Match[]): readonly Match[] {
  return sorted(matches, (m) => [wildcardFields(m.pattern, strictFields(m.pattern))]);
}

/** The fields of a pattern, if each wildcard stays within its own. */
function strictFields(pattern: string): Parsed | undefined {
  const parsed = parseFields(pattern);
  return parsed?.format.loose ? undefined : parsed;
}

/**
 * By what the patterns really match. A pattern goes before any that matches everything it matches and more; the rest
 * are ordered by the fields that are given exactly (device ids over subsystem over class), then the fewest wildcard
 * fields, the most literal characters, the place in modules.alias and the name.
 */
export function bySpecific(matches: readonly Match[]): readonly Match[] {
  if (matches.length < 2) return matches;
  const byName = [...matches].sort((a, b) => (a.module < b.module ? -1 : a.module > b.module ? 1 : 0));
  return narrowestFirst(sorted(byName, specificity));
}

function specificity(m: Match): number[] {
  const parsed = strictFields(m.pattern);
  const groups = exactGroups(parsed);
  return [
    ...Array.from({ length: MOST_GROUPS }, (_, i) => (groups[i] ? 0 : 1)),
    wildcardFields(m.pattern, parsed),
    -m.pattern.replace(/\[[^\]]*\]|[*?]/g, '').length,
    m.priority,
  ];
}

/** More than any format has, so that patterns with and without fields compare place by place. */
const MOST_GROUPS = 12;

/** For each group of fields, from the most identifying down, whether all of it is given exactly. */
function exactGroups(parsed: Parsed | undefined): boolean[] {
  if (!parsed) return [];
  const { fields, power } = parsed.format;
  const exact = parsed.values.map(isExact);
  if (!power) return exact;
  return power.map((tags) => fields.every(({ tag }, i) => !tags.includes(tag) || exact[i]));
}

/** Whether a pattern gives the ids of a device, not only a class; undefined on buses whose fields are not ranked so. */
export function namesDevice(pattern: string): boolean | undefined {
  const parsed = strictFields(pattern);
  return parsed?.format.power ? exactGroups(parsed)[0] : undefined;
}

/** Fields that are `*` and nothing else; or stars if the pattern has no fields. */
function wildcardFields(pattern: string, parsed: Parsed | undefined): number {
  return parsed ? parsed.values.filter((value) => value === '*').length : count(pattern, '*');
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** Sorted by lists of as many numbers each, the lower first, place by place; equal ones keep their order. */
function sorted(matches: readonly Match[], value: (m: Match) => number[]): readonly Match[] {
  const keyed = matches.map((match) => ({ match, value: value(match) }));
  keyed.sort((a, b) => {
    for (let i = 0; i < a.value.length; i++) {
      const difference = a.value[i]! - b.value[i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return keyed.map((k) => k.match);
}

/** The best of an answer, and what the other rules say. */
export interface Best {
  readonly match: Match;
  readonly rank: Rank;
  /** Whether the rules name different modules. */
  readonly ambiguous: boolean;
  /** The best match under each rule. */
  readonly byRule: Readonly<Record<Rank, Match>>;
}

/** The best of some matches under a rule; undefined if there are none. */
export function bestOf(matches: readonly Match[], rank: Rank = 'specific'): Best | undefined {
  const [first] = matches;
  if (!first) return undefined;
  const top = (rule: Rank) => (matches.length === 1 ? first : rankings[rule](matches)[0]!);
  const byRule = Object.freeze({ specific: top('specific'), stars: top('stars'), libvirt: top('libvirt') });
  const ambiguous = new Set(RANKS.map((rule) => byRule[rule].module)).size > 1;
  return Object.freeze({ match: byRule[rank], rank, ambiguous, byRule });
}
