import type { ModprobeConfig } from '../config/modprobe-config.ts';
import type { Match, Rank } from '../match/match.ts';

/** A field of a key with its value in words, where pci.ids or the like have any. */
export interface ExplainedField {
  readonly tag: string;
  readonly name: string;
  readonly value: string;
}

/** How a field of the key met a field of a pattern: `exact`, `any` (a wildcard takes it) or `differs`. */
export interface FieldVerdict extends ExplainedField {
  readonly pattern: string;
  readonly verdict: 'exact' | 'any' | 'differs';
}

/** Why a pattern matches, or misses. `place` counts from 1 under each rule, among the matches of the source that answers. */
export interface ExplainedMatch extends Match {
  /** Empty for a pattern without regular fields. */
  readonly fields: readonly FieldVerdict[];
  readonly place?: Readonly<Record<Rank, number>>;
}

/** A line of modprobe's configuration that concerns a module. */
export interface ConfigRemark {
  readonly kind: 'blacklist' | 'install' | 'remove' | 'softdep' | 'weakdep';
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

export interface Candidate {
  readonly module: string;
  readonly state: 'loadable' | 'built-in' | 'unknown';
  /** Relative to the modules directory. */
  readonly file?: string;
  readonly blacklisted: boolean;
  readonly remarks: readonly ConfigRemark[];
  readonly matches: readonly ExplainedMatch[];
}

/** Everything that is known of an answer. */
export interface Explanation {
  /** The key as it is looked up: normalised, with its prefix. */
  readonly key: string;
  /** What kind of thing the key names, where its format is regular. */
  readonly title?: string;
  readonly fields: readonly ExplainedField[];
  /** Where the key lacks fields that its bus has, as one that was cut off does: those, without values. */
  readonly missing?: readonly Omit<ExplainedField, 'value'>[];
  /** Patterns of modules.alias that would match whatever the missing fields were, the best first. */
  readonly regardless?: readonly ExplainedMatch[];
  /** Nothing matches, and the tables of built-in drivers are not recorded: one of these may serve the device. */
  readonly builtinPossible?: true;
  /** Of the source that answers, the best first. */
  readonly candidates: readonly Candidate[];
  readonly ambiguous: boolean;
  /** Matches of later sources, which the first one hides. */
  readonly hidden: readonly (Match & { readonly hiddenBy: Match['source'] })[];
  /** The three patterns of modules.alias that come closest without matching. */
  readonly nearest: readonly ExplainedMatch[];
}

/** What an index can tell of modules besides their aliases. */
export interface ModuleFacts {
  readonly config?: ModprobeConfig | undefined;
  /** The file of a loadable module, relative to the modules directory. */
  readonly file?: (module: string) => string | undefined;
}
