import { needText } from '../arguments.ts';
import { explain } from '../explain/explain.ts';
import type { Explanation, ModuleFacts } from '../explain/explanation.ts';
import { type Match, NO_MATCHES, type Rank, type Source } from '../match/match.ts';
import { type Best, bestOf, rankings } from '../match/ranking.ts';
import { LookupKey } from '../pattern-index/lookup-key.ts';

/** How to choose among matches. */
export interface Choice {
  /** An override prefix such as `vfio`: the modalias is looked up as `vfio_MODALIAS`. Default: none. */
  readonly prefix?: string | undefined;
  /** The rule that says which match is best. Default: `specific`. */
  readonly rank?: Rank | undefined;
}

/**
 * Finds the modules that serve a modalias. Strings are latin1, one character a byte. Every method throws what `lookup`
 * throws.
 */
export interface AliasIndex {
  /**
   * The matches of the first source that has any, in libkmod's order with its repeats; empty if there is none. Throws
   * `bad-modalias` for a key with an unpaired bracket (libkmod: EINVAL) and `name-too-long` (ENAMETOOLONG).
   * libkmod-module.c:kmod_module_new_from_lookup.
   */
  lookup(modalias: string): readonly Match[];
  /** The matches of every source that has any, in libkmod's order: the first answers and hides the others. */
  lookupAll(modalias: string): readonly (readonly Match[])[];
  /** The modules of `lookup`, each once, best first. */
  modules(modalias: string, choice?: Choice): readonly string[];
  /** The best match of `lookup`, and whether the rules agree; undefined where there is no match. */
  best(modalias: string, choice?: Choice): Best | undefined;
  /**
   * The modalias by its fields, every candidate with its ranks and reasons, what is hidden, and the closest patterns
   * that do not match.
   */
  explain(modalias: string, choice?: Choice): Explanation;
  /**
   * Every pattern of modules.alias and of modules.builtin.alias.bin, with its module, in the order of the files or of
   * the index. It takes no modalias and throws nothing of its own.
   */
  patterns(): Iterable<Match>;
}

/** An index over sources in libkmod's order. */
export function aliasIndex(sources: readonly Source[], facts: ModuleFacts = {}): AliasIndex {
  const key = new LookupKey();
  const lookup = (modalias: string): readonly Match[] => {
    needText('modalias', modalias);
    key.set(modalias);
    for (let i = 0; i < sources.length; i++) {
      const matches = sources[i]!.find(key);
      if (matches.length > 0) return matches;
    }
    return NO_MATCHES;
  };
  const lookupAll = (modalias: string) => {
    needText('modalias', modalias);
    key.set(modalias);
    return Object.freeze(sources.map((source) => source.find(key)).filter((matches) => matches.length > 0));
  };
  return {
    lookup,
    lookupAll,
    modules: (modalias, choice = {}) => modulesOf(lookup(withPrefix(modalias, choice.prefix)), choice.rank),
    best: (modalias, choice = {}) => bestOf(lookup(withPrefix(modalias, choice.prefix)), choice.rank),
    explain(modalias, choice = {}) {
      const asked = withPrefix(modalias, choice.prefix);
      const answers = lookupAll(asked);
      return frozen(explain({ key: key.set(asked).text, answers, sources, facts, rank: choice.rank ?? 'specific' }));
    },
    *patterns() {
      for (const source of sources) yield* source.patterns?.() ?? [];
    },
  };
}

/** The key to look up for an override prefix: `vfio` and `pci:...` make `vfio_pci:...`. */
export function withPrefix(modalias: string, prefix: string | undefined): string {
  return prefix === undefined || prefix === '' ? modalias : `${prefix}_${modalias}`;
}

/** The modules of an answer, each once, best first. */
export function modulesOf(matches: readonly Match[], rank: Rank = 'specific'): readonly string[] {
  const first = matches[0]?.module;
  if (matches.every((match) => match.module === first)) return Object.freeze(first === undefined ? [] : [first]);
  return Object.freeze([...new Set(rankings[rank](matches).map((match) => match.module))]);
}

/** Plain data, deeply frozen. */
function frozen<T extends object>(data: T): T {
  for (const value of Object.values(data)) {
    if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) frozen(value);
  }
  return Object.freeze(data);
}
