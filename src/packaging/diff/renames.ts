import type { DiffSide } from './side.ts';

/** Modules that are the same code under other names: one to one, split or merged. */
export interface Renamed {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** How many patterns both have. */
  readonly patterns: number;
}

/** What became of the modules as such. */
export interface ModuleChanges {
  readonly renamed: readonly Renamed[];
  readonly gone: readonly string[];
  readonly new: readonly string[];
  /** The name under which both sides' patterns are compared: that of the module itself where it was not renamed. */
  readonly canonical: (module: string) => string;
}

/**
 * Finds modules that are gone on one side and whose patterns are mostly in modules that are new on the other. A gone
 * and a new module are linked where more than half of either one's patterns are the other's; what hangs together is a
 * rename, a split or a merger if more than half of all patterns of the gone modules in it are in the new ones.
 */
export function findRenames(old: DiffSide, now: DiffSide): ModuleChanges {
  const [before, after] = [modulesOf(old), modulesOf(now)];
  const gone = patternsOf(old, (module) => !after.has(module));
  const fresh = patternsOf(now, (module) => !before.has(module));
  const renamed: Renamed[] = [];
  const canonical = new Map<string, string>();
  for (const group of groupsOf(links(gone, fresh))) {
    const from = group.filter((module) => gone.has(module)).sort();
    const to = group.filter((module) => fresh.has(module)).sort();
    const theirs = new Set(to.flatMap((module) => [...fresh.get(module)!]));
    const ours = new Set(from.flatMap((module) => [...gone.get(module)!]));
    const patterns = [...ours].filter((pattern) => theirs.has(pattern)).length;
    if (patterns * 2 <= ours.size) continue;
    renamed.push({ from, to, patterns });
    for (const module of group) canonical.set(module, to.join('+'));
  }
  const others = (modules: ReadonlyMap<string, unknown>) =>
    [...modules.keys()].filter((module) => !canonical.has(module)).sort();
  return {
    renamed: renamed.sort((a, b) => (a.from[0]! < b.from[0]! ? -1 : 1)),
    gone: others(gone),
    new: others(fresh),
    canonical: (module) => canonical.get(module) ?? module,
  };
}

type Patterns = ReadonlyMap<string, ReadonlySet<string>>;

/** Every module of a side. */
function modulesOf({ loadable, builtin, names, builtinNames }: DiffSide): Set<string> {
  const modules = new Set<string>([...(names ?? []), ...(builtinNames ?? [])]);
  for (const source of [loadable, builtin]) for (const { module } of source?.patterns?.() ?? []) modules.add(module);
  return modules;
}

/** The modules of a side that are asked for, each with its patterns. */
function patternsOf(side: DiffSide, isAsked: (module: string) => boolean): Map<string, Set<string>> {
  const names = [...(side.names ?? []), ...(side.builtinNames ?? [])];
  const modules = new Map(names.filter(isAsked).map((name) => [name, new Set<string>()]));
  for (const source of [side.loadable, side.builtin]) {
    for (const { module, pattern } of source?.patterns?.() ?? []) {
      const patterns = modules.get(module);
      if (patterns) patterns.add(pattern);
      else if (isAsked(module)) modules.set(module, new Set([pattern]));
    }
  }
  return modules;
}

/** Pairs of a gone and a new module that share more than half of either one's patterns. */
function* links(gone: Patterns, fresh: Patterns): Generator<readonly [string, string]> {
  const holders = new Map<string, string[]>();
  for (const [module, patterns] of fresh) {
    for (const pattern of patterns) holders.set(pattern, [...(holders.get(pattern) ?? []), module]);
  }
  for (const [module, patterns] of gone) {
    const shared = new Map<string, number>();
    for (const pattern of patterns)
      for (const holder of holders.get(pattern) ?? []) shared.set(holder, (shared.get(holder) ?? 0) + 1);
    for (const [holder, count] of shared)
      if (count * 2 > Math.min(patterns.size, fresh.get(holder)!.size)) yield [module, holder];
  }
}

/** What hangs together through links. */
function groupsOf(pairs: Iterable<readonly [string, string]>): string[][] {
  const groupOf = new Map<string, string[]>();
  for (const [a, b] of pairs) {
    const [left, right] = [groupOf.get(a) ?? [a], groupOf.get(b) ?? [b]];
    if (left === right) continue;
    const both = [...left, ...right];
    for (const module of both) groupOf.set(module, both);
  }
  return [...new Set(groupOf.values())];
}
