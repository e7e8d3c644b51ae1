import type { LookupKey } from '../pattern-index/lookup-key.ts';

/** The source of an answer, in the order in which libkmod asks; the first with a match answers alone. */
export const MATCH_SOURCES = ['config', 'name', 'symbol', 'command', 'alias', 'builtin-name', 'builtin'] as const;

/**
 * `config`: an `alias` line of modprobe.d. `name`: the name of a loadable module. `symbol`: an exported symbol
 * (`symbol:NAME`).
 * `command`: an `install` or `remove` line. `alias`: modules.alias. `builtin-name`, `builtin`: code built into the
 * kernel, by its name and by its aliases.
 */
export type MatchSource = (typeof MATCH_SOURCES)[number];

/** One line of an answer. Several of one answer may name the same module, one for each pattern of it that matches. */
export interface Match {
  readonly module: string;
  /** The pattern that matched, normalised as the index holds it: `_` for each `-` outside brackets. latin1. */
  readonly pattern: string;
  readonly source: MatchSource;
  /**
   * The module's place in the order of modules (modules.order); the lower comes first. 0 if a source has no order of
   * its own.
   */
  readonly priority: number;
}

/** One of the places where libkmod looks. `find` answers in libkmod's order with its repeats. */
export interface Source {
  readonly name: MatchSource;
  find(key: LookupKey): readonly Match[];
  /** Every pattern it has, if they are available. */
  patterns?(): Iterable<Match>;
}

export const NO_MATCHES: readonly Match[] = Object.freeze([]);

/** Rules for the best match; ranking.ts describes each. */
export const RANKS = ['specific', 'stars', 'libvirt'] as const;
export type Rank = (typeof RANKS)[number];
