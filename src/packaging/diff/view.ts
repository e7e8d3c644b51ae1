import { KEY_BYTES, keyTokensOf } from '../../match/key-tokens.ts';
import type { Match } from '../../match/match.ts';
import { beginAlike, intersects } from '../../pattern/intersection.ts';
import { LookupKey } from '../../pattern-index/lookup-key.ts';
import { grouped } from '../../grouped.ts';
import { type Pair, withoutOverride } from './pair.ts';
import { answerer, type DiffSide } from './side.ts';

/** A side as pairs, with the ways to find some of them. */
export interface View {
  readonly pairs: readonly Pair[];
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

/** Both sides as pairs; `canonical` gives modules their names with renames applied. */
export function viewsOf(
  old: DiffSide,
  now: DiffSide,
  canonical: (module: string) => string,
): readonly [old: View, now: View] {
  const isName = (text: string) => [old, now].some((side) => side.names?.has(text) || side.builtinNames?.has(text));
  const literals = new Set<string>();
  const [ofOld, ofNow] = [rowsOf(old), rowsOf(now)];
  for (const { loadable, builtin } of [ofOld, ofNow])
    for (const rows of [loadable, builtin])
      for (const { pattern } of rows) if (!WILDCARD.test(pattern) && isName(pattern)) literals.add(pattern);
  const [ours, theirs] = [pairsOf(old, ofOld, literals, canonical), pairsOf(now, ofNow, literals, canonical)];
  for (const [module, pairs] of ours.byModule) {
    const others = theirs.byModule.get(module);
    for (const pair of others ? pairs.values() : []) {
      pair.twin = others!.get(pair.pattern);
      if (pair.twin) pair.twin.twin = pair;
    }
  }
  return [viewOf(old, ours), viewOf(now, theirs)];
}

interface Pairs {
  /** By their modules, renames applied, and patterns. */
  readonly byModule: ReadonlyMap<string, ReadonlyMap<string, Pair>>;
  /** Those of aliases that are also the names of modules: libkmod then answers with that module only. */
  readonly named: ReadonlyMap<string, Pair>;
  readonly canonical: (module: string) => string;
}

type Rows = readonly Match[];

/** All patterns of a side: each time that its sources are asked, they read all of them. */
function rowsOf({ loadable, builtin }: DiffSide): { readonly loadable: Rows; readonly builtin: Rows } {
  return { loadable: [...(loadable.patterns?.() ?? [])], builtin: [...(builtin?.patterns?.() ?? [])] };
}

function pairsOf(
  side: DiffSide,
  { loadable, builtin }: ReturnType<typeof rowsOf>,
  literals: ReadonlySet<string>,
  canonical: (module: string) => string,
): Pairs {
  const byModule = new Map<string, Map<string, Pair>>();
  const add = (pattern: string, name: string, priority: number, builtin: boolean): Pair => {
    const module = canonical(name);
    const pairs = byModule.get(module) ?? new Map<string, Pair>();
    if (pairs.size === 0) byModule.set(module, pairs);
    const pair = pairs.get(pattern) ?? { pattern, name, module, priority, builtin, twin: undefined };
    pairs.set(pattern, pair);
    return pair;
  };
  const named = new Map<string, Pair>();
  const addNames = (names: ReadonlySet<string> | undefined, builtin: boolean) => {
    for (const name of literals) if (names?.has(name)) named.set(name, add(name, name, 0, builtin));
  };
  const addRows = (rows: Rows, builtin: boolean) => {
    for (const { pattern, module, priority } of rows) if (!named.has(pattern)) add(pattern, module, priority, builtin);
  };
  addNames(side.names, false);
  addRows(loadable, false);
  if (side.builtin) {
    const taken = new Set(loadable.map(({ pattern }) => pattern).filter((pattern) => literals.has(pattern)));
    addNames(new Set([...(side.builtinNames ?? [])].filter((name) => !taken.has(name))), true);
    addRows(builtin, true);
  }
  return { byModule, named, canonical };
}

function viewOf(side: DiffSide, ofSide: Pairs): View {
  const { byModule } = ofSide;
  const lists = new Map([...byModule].map(([module, pairs]) => [module, [...pairs.values()]]));
  const pairs = [...lists.values()].flat();
  const ofModule = (module: string) => lists.get(module) ?? [];
  return { pairs, find: finder(side, ofSide), answer: answerer(side), ofModule, ...searches(pairs) };
}

function finder(side: DiffSide, { byModule, named, canonical }: Pairs): View['find'] {
  const key = new LookupKey();
  return (text) => {
    key.set(text);
    const name = named.get(key.text);
    if (name) return [name];
    const found: Pair[] = [];
    for (const source of [side.loadable, side.builtin])
      for (const { module, pattern } of source?.find(key) ?? []) {
        const pair = byModule.get(canonical(module))?.get(pattern);
        if (pair && !found.includes(pair)) found.push(pair);
      }
    return found;
  };
}

/** What stands before the first colon where no wildcard comes earlier: patterns that differ in it never meet. */
function bucketOf(pattern: string): string | undefined {
  const colon = pattern.indexOf(':');
  const wildcard = pattern.search(WILDCARD);
  return colon === -1 || (wildcard !== -1 && wildcard < colon) ? undefined : pattern.slice(0, colon);
}

function searches(pairs: readonly Pair[]): Pick<View, 'meeting' | 'overrides'> {
  let overrides: readonly Pair[] | undefined;
  const buckets: (Map<string | undefined, Pair[]> | undefined)[] = [];
  const bucketsOf = (shared: boolean) => {
    buckets[Number(shared)] ??= grouped(
      pairs.filter((pair) => (pair.twin !== undefined) === shared),
      (pair) => bucketOf(pair.pattern),
    );
    return buckets[Number(shared)]!;
  };
  return {
    overrides() {
      overrides ??= pairs.filter(({ twin, pattern }) => !twin && withoutOverride(pattern) !== undefined);
      return overrides;
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
