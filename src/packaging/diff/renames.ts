import type { DiffSide } from './side.ts';

/** Modules that are the same code under other names: one to one, split or merged. */
export interface Renamed {
  /** Those of OLD; the rest of a split, or what others were merged into, is here and in `to`. */
  readonly from: readonly string[];
  /** Those of NEW. */
  readonly to: readonly string[];
  /** How many patterns both have. */
  readonly patterns: number;
}

/** What became of the modules as such. */
export interface ModuleChanges {
  readonly renamed: readonly Renamed[];
  /**
   * Loadable modules, and built-in ones with aliases. A name that modules.builtin merely no longer lists says nothing:
   * it has those that could be modules, and the code may be built in as before.
   */
  readonly gone: readonly string[];
  readonly new: readonly string[];
  /** The name under which both sides' patterns are compared: that of the module itself where it was not renamed. */
  readonly canonical: (module: string) => string;
}

/**
 * Finds modules whose patterns other modules have now. What lost all of its patterns is linked with what had none
 * before where more than half of either one's are the other's. Where one of them lives on, as the rest of a split or
 * with what was merged into it, the other must have more than half of its patterns of it, and two at least: a single
 * row is moved. What hangs together is a rename, a split or a merger if more than half of all patterns of the modules
 * that lost them all are in the others.
 */
export function findRenames(old: DiffSide, now: DiffSide): ModuleChanges {
  const [before, after] = [modulesOf(old), modulesOf(now)];
  const [left, came] = [beyond(before, after), beyond(after, before)];
  const isGone = (module: string) => !after.get(module)?.size;
  const isFresh = (module: string) => !before.get(module)?.size;
  const renamed: Renamed[] = [];
  const canonical = new Map<string, string>();
  const lives = (module: string) => before.has(module) && after.has(module);
  const isLink = (a: string, b: string, shared: number) => {
    if ((lives(a) || lives(b)) && shared < FEWEST_OF_LIVING) return false;
    const sizes = [...(isFresh(b) ? [came.get(b)!.size] : []), ...(isGone(a) ? [left.get(a)!.size] : [])];
    return sizes.length > 0 && shared * 2 > Math.min(...sizes);
  };
  for (const group of groupsOf(links(left, came, isLink))) {
    const [from, to] = [holdersIn(group, before), holdersIn(group, after)];
    const theirs = new Set(group.flatMap((module) => [...(came.get(module) ?? [])]));
    const ours = new Set(group.flatMap((module) => [...(left.get(module) ?? [])]));
    const whole = new Set(from.filter(isGone).flatMap((module) => [...left.get(module)!]));
    const isTheirs = (pattern: string) => theirs.has(pattern);
    if (whole.size > 0 && [...whole].filter(isTheirs).length * 2 <= whole.size) continue;
    renamed.push({ from, to, patterns: [...ours].filter(isTheirs).length });
    for (const module of group) canonical.set(module, to.join('+'));
  }
  const others = (modules: Patterns, theirs: Patterns, { names }: DiffSide) =>
    [...modules]
      .filter(([module, { size }]) => !theirs.has(module) && !canonical.has(module) && (size > 0 || names?.has(module)))
      .map(([module]) => module)
      .sort();
  return {
    renamed: renamed.sort((a, b) => (a.from[0]! < b.from[0]! ? -1 : 1)),
    gone: others(before, after, old),
    new: others(after, before, now),
    canonical: (module) => canonical.get(module) ?? module,
  };
}

/** Patterns that a module and one that lives on exchange at least where they are a split or a merger. */
const FEWEST_OF_LIVING = 2;

type Patterns = ReadonlyMap<string, ReadonlySet<string>>;

const NONE: ReadonlySet<string> = new Set();

/** Every module of a side, each with its patterns. */
function modulesOf({ loadable, builtin, names, builtinNames }: DiffSide): Map<string, Set<string>> {
  const modules = new Map([...(names ?? []), ...(builtinNames ?? [])].map((name) => [name, new Set<string>()]));
  for (const source of [loadable, builtin]) {
    for (const { module, pattern } of source?.patterns?.() ?? []) {
      const patterns = modules.get(module);
      if (patterns) patterns.add(pattern);
      else modules.set(module, new Set([pattern]));
    }
  }
  return modules;
}

/** The patterns of each module that the same module does not have on the other side; only modules that have some. */
function beyond(modules: Patterns, others: Patterns): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [module, patterns] of modules) {
    const theirs = others.get(module) ?? NONE;
    const own = new Set([...patterns].filter((pattern) => !theirs.has(pattern)));
    if (own.size > 0) found.set(module, own);
  }
  return found;
}

/** The modules of a group that have patterns on a side. */
function holdersIn(group: readonly string[], side: Patterns): string[] {
  return group.filter((module) => side.get(module)?.size).sort();
}

/** Pairs of a module that lost patterns and one that got them, by how many. */
function* links(
  left: Patterns,
  came: Patterns,
  isLink: (from: string, to: string, shared: number) => boolean,
): Generator<readonly [string, string]> {
  const holders = new Map<string, string[]>();
  for (const [module, patterns] of came) {
    for (const pattern of patterns) holders.set(pattern, [...(holders.get(pattern) ?? []), module]);
  }
  for (const [module, patterns] of left) {
    const shared = new Map<string, number>();
    for (const pattern of patterns)
      for (const holder of holders.get(pattern) ?? []) shared.set(holder, (shared.get(holder) ?? 0) + 1);
    for (const [holder, count] of shared) if (isLink(module, holder, count)) yield [module, holder];
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
