import type { IndexNode } from '../alias/index-node.ts';
import { searchExact, searchWild } from '../alias/index-search.ts';
import { PATH_MAX } from '../alias/normalize.ts';
import { ModaliasError } from '../errors.ts';
import { type Match, type MatchSource, NO_MATCHES, type Source } from './match.ts';

/** The way into an index for one walk; see `IndexFile.root`. */
export type Root = (visits?: number) => IndexNode | undefined;

/** A source that answers with the module of exactly the key's name. Names hold no colon. */
export function nameSource(name: 'name' | 'builtin-name', root: Root): Source {
  return {
    name,
    find(key) {
      if ((name === 'name' && key.includes(':')) || !searchExact(root(), key)) return NO_MATCHES;
      const dot = key.indexOf('.');
      const module = dot === -1 ? key : key.slice(0, dot);
      return Object.freeze([Object.freeze({ module, pattern: key, source: name, priority: 0 })]);
    },
  };
}

/** A source that answers with every pattern of an index that matches the key; in `symbol` only keys that begin `symbol:` are looked for. */
export function patternSource(name: MatchSource, root: Root): Source {
  return {
    name,
    find(key) {
      if (name === 'symbol' && !key.startsWith('symbol:')) return NO_MATCHES;
      const wildcards = key.replace(/[^*?[]/g, '').length;
      const found = searchWild(root(1 + wildcards), key);
      if (found.length === 0) return NO_MATCHES;
      return Object.freeze(
        found.map(({ key: pattern, value: module, priority }): Match => {
          checkLength(module, key);
          return Object.freeze({ module, pattern, source: name, priority });
        }),
      );
    },
  };
}

/** libkmod names an answer `module\alias` and fails as a whole where that takes more than PATH_MAX bytes (ENAMETOOLONG). */
export function checkLength(module: string, alias: string): void {
  if (module.length + alias.length + 2 > PATH_MAX)
    throw new ModaliasError(
      'name-too-long',
      `the modalias of ${alias.length} characters matches module '${module}', but libkmod has room for ${PATH_MAX - 2} characters of both together and fails (ENAMETOOLONG)`,
    );
}
