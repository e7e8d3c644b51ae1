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
import { isDeviceKey, unknownBus } from './known-buses.ts';
import { matches, nearMisses } from './near-misses.ts';
import { recordsBuiltin } from './records-builtin.ts';

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
  const title = cut?.title ?? parsed?.format.title;
  const hiddenBy = found[0]?.source;
  const word = unknownBus(key);
  const patterns = () => sources.find((s) => s.name === 'alias')?.patterns?.() ?? [];
  const unknown = word !== undefined && !startsAny(patterns(), `${word}:`) ? word : undefined;
  return {
    key,
    ...(title === undefined ? {} : { title }),
    fields: cut ? cut.fields.map(valued) : parsed ? fieldsOf(parsed) : [],
    ...(cut?.missing.length ? { missing: cut.missing.map(({ tag, name }) => ({ tag, name })) } : {}),
    ...(cut?.wrong.length ? { wrong: cut.wrong.map((one) => ({ ...valued(one), expected: one.expected })) } : {}),
    ...(cut ? { regardless: regardless(cut, patterns(), rank) } : {}),
    ...(found.length === 0 && !cut?.wrong.length && isDeviceKey(key) && !recordsBuiltin(sources)
      ? { builtinPossible: true }
      : {}),
    ...(unknown !== undefined && found.length === 0 ? { unknownBus: unknown } : {}),
    candidates: [...explained].map(([module, list]) => candidate(module, list, facts)),
    ambiguous: bestOf(found, rank)?.ambiguous ?? false,
    hidden: later.flat().map((m) => ({ ...m, hiddenBy: hiddenBy! })),
    nearest: nearMisses(cut?.completed ?? key, patterns(), 3).map((m) => ({
      ...m,
      fields: cut ? verdictsOfCut(cut, m.pattern) : verdicts(key, m.pattern),
    })),
  };
}

const valued = ({ field: { tag, name }, value }: Incomplete['fields'][number]) => ({ tag, name, value });

function startsAny(patterns: Iterable<Match>, start: string): boolean {
  for (const { pattern } of patterns) if (pattern.startsWith(start)) return true;
  return false;
}

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

function verdictsOfCut({ completed, missing, wrong }: Incomplete, pattern: string): FieldVerdict[] {
  const lacking = new Set(missing.map(({ tag }) => tag));
  const cut = new Map(wrong.map(({ field, value }) => [field.tag, value]));
  return verdicts(completed, pattern).map((f) => {
    const value = lacking.has(f.tag) ? 'missing' : cut.get(f.tag);
    return value === undefined ? f : { ...f, value };
  });
}

function fieldsOf({ format, values }: Parsed): ExplainedField[] {
  const all = format.fields.map(({ tag, name }, i) => ({ tag, name, value: values[i]! }));
  return format.parts === undefined ? all : all.filter(({ value }) => value !== ANYTHING);
}

/** The place of each match, counted from 1. */
function placesOf(ranked: readonly Match[]): ReadonlyMap<Match, number> {
  return new Map(ranked.map((match, i) => [match, i + 1]));
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
