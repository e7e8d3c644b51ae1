import { ModaliasError } from '../../errors.ts';
import type { AliasIndex } from '../../lookup/alias-index.ts';
import type { Match, Source } from '../../match/match.ts';
import { intersects } from '../../pattern/intersection.ts';
import { LookupKey } from '../../pattern-index/lookup-key.ts';
import { KEY_BYTES, keyTokensOf } from './key-tokens.ts';
import { type Pair, withoutOverride } from './pair.ts';
import { answersOf, type DiffSide } from './side.ts';

/** A side as pairs, with the ways to find some of them. */
export interface View {
  readonly pairs: readonly Pair[];
  readonly byId: ReadonlyMap<string, Pair>;
  /** The pairs whose pattern matches a key, also those of built-in code that loadable modules hide. */
  find(key: string): readonly Pair[];
  /** libkmod's answer: modules in its order, each once, by their names on this side; none for a key that it refuses. */
  answer(key: string): readonly string[];
  ofModule(module: string): readonly Pair[];
  /** The pairs with an override prefix that the other side does not have. */
  overrides(): readonly Pair[];
  /** The pairs, shared or not, that some key has in common with a pattern. */
  meeting(pattern: string, shared: boolean): readonly Pair[];
}

const WILDCARD = /[*?[]/;

/** What a literal alias is that is also the name of a module: libkmod then answers with that module. */
interface Names {
  readonly all: ReadonlySet<string>;
  readonly builtin: boolean;
}

/** Both sides as pairs; `canonical` gives modules their names with renames applied. */
export function viewsOf(
  old: DiffSide,
  now: DiffSide,
  canonical: (module: string) => string,
): readonly [old: View, now: View] {
  const literals = new Set<string>();
  for (const side of [old, now])
    for (const source of [side.loadable, side.builtin])
      for (const { pattern } of source?.patterns?.() ?? []) if (!WILDCARD.test(pattern)) literals.add(pattern);
  const views = [viewOf(old, literals, canonical), viewOf(now, literals, canonical)] as const;
  for (const [one, other] of [views, [views[1], views[0]]] as const)
    for (const pair of one.pairs) pair.shared = other.byId.has(pair.id);
  return views;
}

function viewOf(side: DiffSide, literals: ReadonlySet<string>, canonical: (module: string) => string): View {
  const ofMatch = new Map<Match, Pair>();
  const byId = new Map<string, Pair>();
  const add = (pattern: string, name: string, priority: number, builtin: boolean): Pair => {
    const module = canonical(name);
    const id = `${pattern} ${module}`;
    let pair = byId.get(id);
    if (!pair) {
      pair = { id, pattern, name, module, priority, builtin, shared: false };
      byId.set(id, pair);
    }
    return pair;
  };
  const named = new Map<string, Pair>();
  const addNames = (names: Names) => {
    for (const name of literals)
      if (names.all.has(name) && !named.has(name)) named.set(name, add(name, name, 0, names.builtin));
  };
  const addSource = (source: Source, builtin: boolean) => {
    for (const match of source.patterns?.() ?? [])
      if (!named.has(match.pattern)) ofMatch.set(match, add(match.pattern, match.module, match.priority, builtin));
  };
  addNames({ all: side.names ?? new Set(), builtin: false });
  addSource(side.loadable, false);
  if (side.builtin) {
    const taken = new Set([...byId.values()].map((pair) => pair.pattern));
    addNames({ all: new Set([...(side.builtinNames ?? [])].filter((name) => !taken.has(name))), builtin: true });
    addSource(side.builtin, true);
  }
  const pairs = [...byId.values()];
  const find = finder(side, ofMatch, named);
  return { pairs, byId, find, answer: answerer(answersOf(side)), ...searches(pairs) };
}

function finder(side: DiffSide, ofMatch: ReadonlyMap<Match, Pair>, named: ReadonlyMap<string, Pair>): View['find'] {
  const key = new LookupKey();
  return (text) => {
    key.set(text);
    const name = named.get(key.text);
    if (name) return [name];
    const found = new Set<Pair>();
    for (const source of [side.loadable, side.builtin])
      for (const match of source?.find(key) ?? []) {
        const pair = ofMatch.get(match);
        if (pair) found.add(pair);
      }
    return [...found];
  };
}

function answerer(index: AliasIndex): View['answer'] {
  return (key) => {
    try {
      return [...new Set(index.lookup(key).map((match) => match.module))];
    } catch (error) {
      if (error instanceof ModaliasError) return [];
      throw error;
    }
  };
}

/** What stands before the first colon where no wildcard comes earlier: patterns that differ in it never meet. */
function bucketOf(pattern: string): string | undefined {
  const colon = pattern.indexOf(':');
  const wildcard = pattern.search(WILDCARD);
  return colon === -1 || (wildcard !== -1 && wildcard < colon) ? undefined : pattern.slice(0, colon);
}

/** Whether two patterns agree up to the first wildcard of either. */
export function beginAlike(a: string, b: string): boolean {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (isWild(x) || isWild(y)) return true;
    if (x !== y) return false;
  }
  return true;
}

const isWild = (code: number) => code === 0x2a || code === 0x3f || code === 0x5b;

function searches(pairs: readonly Pair[]): Pick<View, 'ofModule' | 'meeting' | 'overrides'> {
  let overrides: readonly Pair[] | undefined;
  let byModule: Map<string, Pair[]> | undefined;
  const buckets: (Map<string | undefined, Pair[]> | undefined)[] = [];
  const bucketsOf = (shared: boolean) => {
    buckets[Number(shared)] ??= grouped(
      pairs.filter((pair) => pair.shared === shared),
      (pair) => bucketOf(pair.pattern),
    );
    return buckets[Number(shared)]!;
  };
  return {
    overrides() {
      overrides ??= pairs.filter(({ shared, pattern }) => !shared && withoutOverride(pattern) !== undefined);
      return overrides;
    },
    ofModule(module) {
      byModule ??= grouped(pairs, (pair) => pair.module);
      return byModule.get(module) ?? [];
    },
    meeting(pattern, shared) {
      const bucket = bucketOf(pattern);
      const all = bucketsOf(shared);
      const near =
        bucket === undefined ? [...all.values()].flat() : [...(all.get(bucket) ?? []), ...(all.get(undefined) ?? [])];
      const tokens = keyTokensOf(pattern);
      return near.filter((pair) => {
        if (!beginAlike(pattern, pair.pattern)) return false;
        const theirs = keyTokensOf(pair.pattern);
        return !tokens || !theirs || intersects(tokens, theirs, KEY_BYTES);
      });
    },
  };
}

function grouped<K>(pairs: readonly Pair[], keyOf: (pair: Pair) => K): Map<K, Pair[]> {
  const groups = new Map<K, Pair[]>();
  for (const pair of pairs) {
    const group = groups.get(keyOf(pair));
    if (group) group.push(pair);
    else groups.set(keyOf(pair), [pair]);
  }
  return groups;
}
