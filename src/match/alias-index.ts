import { normalizeAlias } from '../alias/normalize.ts';
import { ModaliasError } from '../errors.ts';
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
  return {
    lookup(modalias) {
      const key = toKey(modalias);
      for (const source of sources) {
        const matches = source.find(key);
        if (matches.length > 0) return matches;
      }
      return NO_MATCHES;
    },
    lookupAll(modalias) {
      const key = toKey(modalias);
      return sources.map((source) => source.find(key)).filter((matches) => matches.length > 0);
    },
  };
}

function toKey(modalias: string): string {
  const nul = modalias.indexOf('\0');
  const key = normalizeAlias(nul === -1 ? modalias : modalias.slice(0, nul));
  if (key === undefined)
    throw new ModaliasError(
      'bad-modalias',
      `'${modalias}' holds a bracket without a partner; no alias can match it (libkmod: EINVAL)`,
    );
  return key;
}
