import { latin1 } from '../binary/reader.ts';
import { ModaliasError, shortened } from '../errors.ts';
import { type IndexNode, searchWild } from '../index-file/index-search.ts';
import { type Match, type MatchSource, NO_MATCHES, type Source } from '../match/match.ts';
import { PATH_MAX } from '../pattern/normalize.ts';
import type { LookupKey } from '../pattern-index/lookup-key.ts';
import { PatternIndex } from '../pattern-index/pattern-index.ts';
import { type PatternTable, patternAt } from '../pattern-index/pattern-table.ts';

/** The root of an index for one walk; see `IndexFile.root`. */
export type Root = (visits?: number) => IndexNode | undefined;

/** An index that is read on first use: its root, or all its patterns at once. */
export interface LazyIndex {
  readonly root: Root;
  table(): PatternTable;
}

/** A source that walks the trie of an index for each key: nothing to prepare, best for a few keys. */
export function walkedSource(name: MatchSource, root: Root): Source {
  return {
    name,
    find(key) {
      if (name === 'symbol' && (key.bytes[0] !== 0x73 || !key.text.startsWith('symbol:'))) return NO_MATCHES;
      const found = searchWild(root(1 + key.wildcards), key.text);
      if (found.length === 0) return NO_MATCHES;
      return Object.freeze(found.map((m) => newMatch(m.value, m.key, name, m.priority, key)));
    },
  };
}

/** A source that has all patterns indexed: best for many keys. `root` serves keys that contain wildcards. */
export function indexedSource(name: MatchSource, table: PatternTable, root: Root): Source {
  const index = new PatternIndex(table);
  const matches = new Array<Match | undefined>(table.size);
  const answers = new Array<readonly Match[] | undefined>(table.size);
  const walked = walkedSource(name, root);
  /** The longest key that no module's name makes too long. */
  const roomy = PATH_MAX - 2 - table.names.reduce((longest, { length }) => Math.max(longest, length), 0);
  const made = (row: number, pattern: string): Match => {
    const module = table.names[table.modules[row]!]!;
    matches[row] = Object.freeze({ module, pattern, source: name, priority: table.priorities[row]! });
    return matches[row];
  };
  const match = (row: number): Match => matches[row] ?? made(row, patternAt(table, row));
  const alone = (row: number, length: number) => {
    const answer = answers[row] ?? Object.freeze([match(row)]);
    answers[row] = answer;
    if (length > roomy) checkLength(answer[0]!.module, length);
    return answer;
  };
  return {
    name,
    find(key) {
      if (key.wildcards > 0) return walked.find(key);
      const count = index.search(key);
      if (count === 0) return NO_MATCHES;
      const { rows } = index;
      if (count === 1) return alone(rows[0]!, key.length);
      const found: Match[] = [];
      for (let i = 0; i < count; i++) found.push(matches[rows[i]!] ?? match(rows[i]!));
      if (key.length > roomy) for (const { module } of found) checkLength(module, key.length);
      return Object.freeze(found);
    },
    *patterns() {
      const { bytes, starts } = table;
      const text = latin1(bytes);
      for (let row = 0; row < table.size; row++)
        yield matches[row] ?? made(row, text.slice(starts[row], starts[row + 1]));
    },
  };
}

/** The same for a small index that may never be used: read and indexed on the first key. */
export function lazySource(name: MatchSource, { root, table }: LazyIndex): Source {
  let source: Source | undefined;
  const opened = () => {
    source ??= indexedSource(name, table(), root);
    return source;
  };
  return { name, find: (key) => opened().find(key), patterns: () => opened().patterns!() };
}

function newMatch(module: string, pattern: string, source: MatchSource, priority: number, key: LookupKey): Match {
  checkLength(module, key.length);
  return Object.freeze({ module, pattern, source, priority });
}

/** libkmod names an answer `module\alias` and fails as a whole if that exceeds PATH_MAX bytes (ENAMETOOLONG). */
export function checkLength(module: string, aliasLength: number): void {
  if (module.length + aliasLength + 2 > PATH_MAX)
    throw new ModaliasError(
      'name-too-long',
      `a modalias of ${aliasLength} characters matches module '${shortened(module)}', but libkmod allows ${PATH_MAX - 2} characters for both together and fails (ENAMETOOLONG)`,
    );
}
