import type { ModprobeConfig } from '../config/modprobe-config.ts';
import type { Match, Rank } from '../match/match.ts';

/** A field of a key with its value in words, if pci.ids or usb.ids has a name. */
export interface ExplainedField {
  readonly tag: string;
  readonly name: string;
  readonly value: string;
}

/** How a field of a pattern matches the key: `exact`, `any` (by a wildcard) or `differs`. */
export interface FieldVerdict extends ExplainedField {
  readonly pattern: string;
  readonly verdict: 'exact' | 'any' | 'differs';
}

/**
 * Why a pattern matches or does not. `place` counts from 1 under each rule, among the matches of the source that
 * answers.
 */
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

/** Everything that is known about an answer. */
export interface Explanation {
  /** The key as it is looked up: normalised, with its prefix. */
  readonly key: string;
  /** What kind of device the key names, if its format is regular. */
  readonly title?: string;
  readonly fields: readonly ExplainedField[];
  /** The fields of its bus that the key lacks, as a truncated one does; without values. */
  readonly missing?: readonly Omit<ExplainedField, 'value'>[];
  /** Values that no device prints, as one that was cut off, and what a device prints, in words. */
  readonly wrong?: readonly (ExplainedField & { readonly expected: string })[];
  /** Patterns of modules.alias that match whatever the missing and wrong fields are, best first. */
  readonly regardless?: readonly ExplainedMatch[];
  /** Nothing matches, but the tables of built-in drivers are not recorded, so one of them may serve the device. */
  readonly builtinPossible?: true;
  /** The word before the colon, where neither a bus of that name is known nor a pattern begins so. */
  readonly unknownBus?: string;
  /** Of the source that answers, best first. */
  readonly candidates: readonly Candidate[];
  readonly ambiguous: boolean;
  /** Matches of later sources, which the first one hides. */
  readonly hidden: readonly (Match & { readonly hiddenBy: Match['source'] })[];
  /** The three closest patterns of modules.alias that do not match. */
  readonly nearest: readonly ExplainedMatch[];
}

/** What an index knows about modules besides their aliases. */
export interface ModuleFacts {
  readonly config?: ModprobeConfig | undefined;
  /** The file of a loadable module, relative to the modules directory. */
  readonly file?: (module: string) => string | undefined;
}
