import type { Field } from '../bus/define/device-format.ts';
import { ANYTHING, fieldMatches, isExact, type Parsed, parseBoth, parseFields } from '../match/fields.ts';
import { type Match, RANKS, type Rank, type Source } from '../match/match.ts';
import { bestOf, rankings } from '../match/ranking.ts';
import { fnmatch } from '../pattern/fnmatch.ts';
import type {
  Candidate,
  ConfigRemark,
  ExplainedField,
  ExplainedMatch,
  Explanation,
  FieldVerdict,
  ModuleFacts,
} from './explanation.ts';
import { type Incomplete, incomplete } from './incomplete.ts';
import { matches, nearMisses } from './near-misses.ts';

interface Question {
  readonly key: string;
  readonly answers: readonly (readonly Match[])[];
  readonly sources: readonly Source[];
  readonly facts: ModuleFacts;
  readonly rank: Rank;
}

/** Gathers what is known about an answer. */
export function explain({ key, answers, sources, facts, rank }: Question): Explanation {
  const [found = [], ...later] = answers;
  const ranked = rankings[rank](found);
  const places = new Map(RANKS.map((rule) => [rule, placesOf(rankings[rule](found))]));
  const placeOf = (m: Match) =>
    Object.fromEntries(RANKS.map((rule) => [rule, places.get(rule)!.get(m)!])) as Record<Rank, number>;
  const explained = new Map<string, ExplainedMatch[]>();
  for (const m of new Set(ranked)) {
    const list = explained.get(m.module) ?? [];
    explained.set(m.module, list);
    list.push({ ...m, fields: verdicts(key, m.pattern), place: placeOf(m) });
  }
  const parsed = parseFields(key);
  const cut = incomplete(key);
  const format = parsed?.format ?? cut?.format;
  const hiddenBy = found[0]?.source;
  const patterns = () => sources.find((s) => s.name === 'alias')?.patterns?.() ?? [];
  return {
    key,
    ...(format ? { title: format.title } : {}),
    fields: parsed ? fieldsOf(parsed) : (cut?.fields.map(({ field, value }) => ({ ...named(field), value })) ?? []),
    ...(cut ? { missing: cut.missing.map(named), regardless: regardless(cut, patterns(), rank) } : {}),
    ...(found.length === 0 && isDevice(key) && !recordsBuiltin(sources) ? { builtinPossible: true } : {}),
    candidates: [...explained].map(([module, list]) => candidate(module, list, facts)),
    ambiguous: bestOf(found, rank)?.ambiguous ?? false,
    hidden: later.flat().map((m) => ({ ...m, hiddenBy: hiddenBy! })),
    nearest: nearMisses(cut?.completed ?? key, patterns(), 3).map((m) => ({
      ...m,
      fields: cut ? verdictsOfCut(cut, m.pattern) : verdicts(key, m.pattern),
    })),
  };
}

const named = ({ tag, name }: Field) => ({ tag, name });

/** The patterns that match whatever the missing fields of a key are, one for each module. */
function regardless(cut: Incomplete, patterns: Iterable<Match>, rank: Rank): ExplainedMatch[] {
  const found = [...patterns].filter((m) => matches(m.pattern, cut.completed));
  const best = new Map(
    rankings[rank](found)
      .toReversed()
      .map((m) => [m.module, m]),
  );
  return [...best.values()].toReversed().map((m) => ({ ...m, fields: verdictsOfCut(cut, m.pattern) }));
}

function verdictsOfCut({ completed, missing }: Incomplete, pattern: string): FieldVerdict[] {
  const lacking = new Set(missing.map(({ tag }) => tag));
  return verdicts(completed, pattern).map((f) => (lacking.has(f.tag) ? { ...f, value: 'missing' } : f));
}

/** Whether a key names a device (a bus and a colon) and not a symbol. */
const isDevice = (key: string) => /^(?!symbol:)[a-z0-9_]+:./.test(key);

/**
 * Whether the kernel records what the id tables of its built-in drivers match. Before 6.18, modules.builtin.modinfo has
 * only their hand-written aliases (scripts/mod/file2alias.c handles modules only).
 */
function recordsBuiltin(sources: readonly Source[]): boolean {
  for (const { pattern } of sources.find((s) => s.name === 'builtin')?.patterns?.() ?? [])
    if (pattern.includes('*') && parseFields(pattern)) return true;
  return false;
}

/** The fields that a key has. */
function fieldsOf({ format, values }: Parsed): ExplainedField[] {
  const all = format.fields.map(({ tag, name }, i) => ({ tag, name, value: values[i]! }));
  return format.parts === undefined ? all : all.filter(({ value }) => value !== ANYTHING);
}

/** The first place of each match, counted from 1. */
function placesOf(ranked: readonly Match[]): ReadonlyMap<Match, number> {
  const places = new Map<Match, number>();
  for (const [i, match] of ranked.entries()) if (!places.has(match)) places.set(match, i + 1);
  return places;
}

/**
 * How a pattern matches a key, field by field; empty unless both have regular fields of the same bus. Fields that the
 * pattern lacks are omitted.
 */
export function verdicts(key: string, pattern: string): FieldVerdict[] {
  const [have, want] = parseBoth(key, pattern) ?? [];
  if (!have || !want) return [];
  const { fields, parts } = have.format;
  return fields.flatMap((field, i) => {
    const expected = want.values[i]!;
    if (parts !== undefined && expected === ANYTHING) return [];
    const value = parts !== undefined && have.values[i] === ANYTHING ? 'missing' : have.values[i]!;
    const verdict = !fieldMatches(field, expected, value) ? 'differs' : isExact(expected) ? 'exact' : 'any';
    const { tag, name } = field;
    return {
      tag,
      name,
      value: verdict === 'exact' && field.between ? bare(expected) : value,
      pattern: expected,
      verdict,
    };
  });
}

/** The list entry that a pattern gives exactly, without the marker and wildcard that follow it. */
function bare(expected: string): string {
  return expected.replace(/[C:]?\*$/, '');
}

/**
 * A module with what the configuration says about it: a blacklist names it, the other lines match it (libkmod-module.c:
 * fnmatch).
 */
function candidate(module: string, found: readonly ExplainedMatch[], { config, file }: ModuleFacts): Candidate {
  const path = file?.(module);
  const builtIn = found.some((m) => m.source === 'builtin' || m.source === 'builtin-name');
  const remarks: ConfigRemark[] = [];
  for (const b of config?.blacklist ?? []) {
    if (b.module === module)
      remarks.push({ kind: 'blacklist', text: `blacklist ${module}`, file: b.file, line: b.line });
  }
  for (const c of config?.commands ?? []) {
    if (fnmatch(c.module, module))
      remarks.push({ kind: c.kind, text: `${c.kind} ${c.module} ${c.command}`, file: c.file, line: c.line });
  }
  for (const d of config?.dependencies ?? []) {
    if (!fnmatch(d.module, module)) continue;
    const kind = d.weak.length > 0 ? 'weakdep' : 'softdep';
    const lists = [
      ['pre:', d.pre],
      ['post:', d.post],
      ['', d.weak],
    ] as const;
    const text = lists.filter(([, l]) => l.length > 0).map(([word, l]) => [word, ...l].filter(Boolean).join(' '));
    remarks.push({ kind, text: `${kind} ${d.module} ${text.join(' ')}`, file: d.file, line: d.line });
  }
  return {
    module,
    state: builtIn ? 'built-in' : path === undefined ? 'unknown' : 'loadable',
    ...(path === undefined ? {} : { file: path }),
    blacklisted: remarks.some((r) => r.kind === 'blacklist'),
    remarks,
    matches: found,
  };
}
