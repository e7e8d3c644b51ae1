import type { Chosen, Offered } from './choose.ts';

/** What a format needs to know besides what is exported. */
export interface ExportSettings {
  /** The package that the modules belong to. */
  readonly package?: string | undefined;
}

/** Something that could not be written as it is, and why. */
export interface Remarked {
  readonly pattern: string | null;
  readonly modules: readonly string[];
  readonly why: string;
}

/** A pattern that was written so that it matches more. */
export interface Wider extends Remarked {
  readonly written: readonly string[];
}

/** What no reader of the format can match, or one of them cannot. */
export interface Unmatched extends Remarked {
  /** The program that cannot; null where none can, and nothing was written. */
  readonly reader: string | null;
}

/** A line or several of the output, and what they were made from. */
export type Entry =
  | { readonly pattern: string; readonly modules: readonly string[]; readonly written: readonly string[] }
  | { readonly module: string; readonly devices: readonly string[]; readonly possible: readonly string[] };

/** What a format made. */
export interface Exported {
  /** ASCII, whole lines. */
  readonly text: string;
  readonly entries: readonly Entry[];
  readonly wider: readonly Wider[];
  readonly unmatched: readonly Unmatched[];
}

/** A format that other programs read. */
export interface ExportFormat {
  /** Who reads it, in a few words. */
  readonly about: string;
  /** The members of the settings that it cannot do without. */
  readonly needs?: readonly (keyof ExportSettings)[];
  readonly write: (chosen: Chosen, settings: ExportSettings) => Exported;
}

/** Patterns in a reader's own language: the texts of one pattern, and what there is to say about it. */
export interface Rewritten {
  readonly written: readonly string[];
  /** Why the texts match more than the pattern. */
  readonly wider?: string | undefined;
  readonly unmatched?: Pick<Unmatched, 'reader' | 'why'> | undefined;
}

/** Rewrites all patterns, and collects what there is to say. */
export function rewriteAll(
  patterns: readonly Offered[],
  rewrite: (pattern: string) => Rewritten,
): Omit<Exported, 'text'> {
  const entries: Entry[] = [];
  const wider: Wider[] = [];
  const unmatched: Unmatched[] = [];
  for (const { pattern, modules } of patterns) {
    const { written, wider: why, unmatched: cannot } = rewrite(pattern);
    if (written.length > 0) entries.push({ pattern, modules, written });
    if (why !== undefined) wider.push({ pattern, modules, written, why });
    if (cannot) unmatched.push({ pattern, modules, ...cannot });
  }
  return { entries, wider, unmatched };
}
