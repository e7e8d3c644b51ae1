import { keyTokensOf } from '../../src/match/key-tokens.ts';
import { isIncluded } from '../../src/pattern/inclusion.ts';
import { normalizeAlias } from '../../src/pattern/normalize.ts';
import { type Token, tokenize } from '../../src/pattern/tokens.ts';
import type { Random } from './random.ts';

/** A changed input, and what was done to it. */
export interface Edit<T> {
  readonly now: T;
  readonly what: string;
}

/** Edits of a pattern or another text, as slips of the hand make them; undefined where there is nothing to change. */
const TEXT_EDITS: Readonly<Record<string, (text: string, random: Random) => string | undefined>> = {
  'a digit changed': (text, random) => at(text, /[0-9A-F]/g, random, (c) => other('0123456789ABCDEF', c, random)),
  'a letter in another case': (text, random) =>
    at(text, /[a-zA-Z]/g, random, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())),
  'a character dropped': (text, random) => at(text, /./gs, random, () => ''),
  'a character doubled': (text, random) => at(text, /./gs, random, (c) => c + c),
  'a star dropped': (text, random) => at(text, /\*/g, random, () => ''),
  'a star for a character': (text, random) => at(text, /[^*]/g, random, () => '*'),
  'a bracket opened': (text, random) => at(text, /[^[\]]/g, random, (c) => `[${c}`),
  'a bracket changed': (text, random) => at(text, /[[\]]/g, random, (c) => (c === '[' ? ']' : '[')),
};

function at(text: string, pattern: RegExp, random: Random, change: (found: string) => string): string | undefined {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return undefined;
  const { index, 0: own } = random.pick(found);
  return text.slice(0, index) + change(own) + text.slice(index + own.length);
}

function other(from: string, not: string, random: Random): string {
  return random.pick([...from].filter((c) => c !== not));
}

/** Edits a text somehow; the same text where the edit that was drawn does not fit it. */
function editText(text: string, random: Random): Edit<string> {
  const what = random.pick(Object.keys(TEXT_EDITS));
  return { what, now: TEXT_EDITS[what]!(text, random) ?? text };
}

/** Edits one line of a modules.alias. */
export function editAliasText(text: string, random: Random): Edit<string> {
  const lines = text.split('\n').slice(0, -1);
  const i = 1 + random.below(lines.length - 1);
  const line = lines[i]!;
  const space = line.lastIndexOf(' ');
  const [pattern, module] = [line.slice('alias '.length, space), line.slice(space + 1)];
  const joined = (replacement: readonly string[]) =>
    `${[...lines.slice(0, i), ...replacement, ...lines.slice(i + 1)].join('\n')}\n`;
  const kind = random.below(8);
  if (kind === 0) return { what: `line dropped: ${line}`, now: joined([]) };
  if (kind === 1) {
    const { what, now } = editText(module, random);
    return { what: `module, ${what}: ${line} -> ${now}`, now: joined([`alias ${pattern} ${now}`]) };
  }
  const { what, now } = editText(pattern, random);
  return { what: `${what}: ${line} -> ${now}`, now: joined([`alias ${now} ${module}`]) };
}

interface JsonModule {
  module: string;
  aliases?: string[];
  tables: { rows: Record<string, unknown>[] }[];
}

/** Edits a module of JSON id tables: a row or a value of one, a hand-written alias, or the name. */
export function editJson(module: JsonModule, random: Random): Edit<JsonModule> {
  const now = structuredClone(module);
  const tables = now.tables.filter(({ rows }) => rows.length > 0);
  const kind = random.below(10);
  if (kind === 0) {
    const { what, now: name } = editText(now.module, random);
    now.module = name;
    return { now, what: `name, ${what}: ${name}` };
  }
  if (tables.length === 0) {
    if (!now.aliases?.length) return { now, what: 'nothing' };
    const i = random.below(now.aliases.length);
    const edit = editText(now.aliases[i]!, random);
    now.aliases[i] = edit.now;
    return { now, what: `alias, ${edit.what}: ${edit.now}` };
  }
  const { rows } = random.pick(tables);
  const i = random.below(rows.length);
  const shown = JSON.stringify(rows[i]);
  if (kind <= 2) {
    rows.splice(i, 1);
    return { now, what: `row dropped: ${shown}` };
  }
  const row = rows[i]!;
  const field = random.pick(Object.keys(row));
  const value = row[field];
  if (kind === 3) delete row[field];
  else if (typeof value === 'number') row[field] = (value ^ (1 << random.below(8))) >>> 0;
  else if (typeof value === 'string') row[field] = editText(value, random).now;
  else row[field] = editedValue(value, random);
  return { now, what: `${field} of ${shown} -> ${JSON.stringify(row[field])}` };
}

/** An array or an object with its JSON text edited; the same where that is none any more. */
function editedValue(value: unknown, random: Random): unknown {
  try {
    return JSON.parse(editText(JSON.stringify(value), random).now);
  } catch {
    return value;
  }
}

/** A pattern with its module. */
export type Pair = readonly [alias: string, module: string];

/**
 * Whether two lists of pairs answer differently for any key: whether one has a pair that no pair of the other with the
 * same module includes. Unions of patterns are not considered.
 */
export function answersDiffer(old: readonly Pair[], now: readonly Pair[], tokensOf: TokensOf = anyTokens): boolean {
  return !covers(old, now, tokensOf) || !covers(now, old, tokensOf);
}

/**
 * The same for the keys that devices carry: of `hdaudio:v*r*a01*` and `hdaudio:v*r*a01` one matches more texts, but no
 * device's modalias has more than two digits behind the a.
 */
export function devicesDiffer(old: readonly Pair[], now: readonly Pair[]): boolean {
  return answersDiffer(old, now, (alias) => {
    const pattern = normalizeAlias(alias);
    return pattern === undefined ? undefined : keyTokensOf(pattern);
  });
}

type TokensOf = (alias: string) => readonly Token[] | undefined;

function covers(outer: readonly Pair[], inner: readonly Pair[], tokensOf: TokensOf): boolean {
  const byModule = new Map<string, Set<string>>();
  for (const [alias, module] of outer) byModule.set(module, (byModule.get(module) ?? new Set()).add(alias));
  return inner.every(([alias, module]) => {
    const own = byModule.get(module);
    if (own?.has(alias)) return true;
    const tokens = tokensOf(alias);
    if (!tokens) return true;
    return [...(own ?? [])].some((text) => {
      const wide = tokensOf(text);
      return wide !== undefined && isIncluded(tokens, wide);
    });
  });
}

/** Undefined for what the index does not hold, or what can match nothing. */
function anyTokens(alias: string): readonly Token[] | undefined {
  const pattern = normalizeAlias(alias);
  return pattern === undefined ? undefined : tokenize(pattern, 'alias');
}
