import { LookupKey } from './lookup-key.ts';
import { type Match, NO_MATCHES, type Source } from './match.ts';

/** Answers which modules serve a modalias. Strings are latin1: one character a byte. */
export interface AliasIndex {
  /**
   * The matches of the first source that has any, in libkmod's order with its repeats; empty where there is none. Throws
   * `bad-modalias` for a key with a bracket that has no partner (libkmod: EINVAL) and `name-too-long` (ENAMETOOLONG).
   * libkmod-module.c:kmod_module_new_from_lookup.
   */
  lookup(modalias: string): readonly Match[];
  /** The matches of every source that has any, in libkmod's order: the first answers, the others are hidden by it. */
  lookupAll(modalias: string): readonly (readonly Match[])[];
}

/** An index over sources in libkmod's order. */
export function aliasIndex(sources: readonly Source[]): AliasIndex {
  const key = new LookupKey();
  return {
    lookup(modalias) {
      key.set(modalias);
      for (let i = 0; i < sources.length; i++) {
        const matches = sources[i]!.find(key);
        if (matches.length > 0) return matches;
      }
      return NO_MATCHES;
    },
    lookupAll(modalias) {
      key.set(modalias);
      return sources.map((source) => source.find(key)).filter((matches) => matches.length > 0);
    },
  };
}
