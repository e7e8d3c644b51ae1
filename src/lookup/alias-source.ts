import { basename, dirname, join } from 'node:path';
import { ModaliasError } from '../errors.ts';
import { readIfThere } from '../files/read-sync.ts';
import { INDEX_MAGIC, type IndexEntry } from '../index-file/index-format.ts';
import { type MemoryIndex, memoryIndex } from '../index-file/index-memory.ts';
import { openIndex } from '../index-file/index-reader.ts';
import type { Source } from '../match/match.ts';
import { rowsOfIndex } from '../pattern-index/pattern-rows-bin.ts';
import { rowsOfText } from '../pattern-index/pattern-rows-text.ts';
import { type PatternTable, patternAt } from '../pattern-index/pattern-table.ts';
import { folderOnDisk, type IndexFolder } from './index-folder.ts';
import { answeringFrom, type Diagnose, modulesOrder, withFallback } from './index-source-files.ts';
import { noAliasesIn, noSuchPath, otherFile } from './no-aliases.ts';
import { oddText } from './odd-text.ts';
import { indexedSource, walkedSource } from './pattern-sources.ts';

/** Up to this many lookups, rereading a text each time costs less than indexing all of it once. */
const FEW = 4;

/** How many lookups to expect: `few` walk the index file in place, `many` justify reading and indexing all patterns. */
export type Expected = 'few' | 'many';

/**
 * The source of the aliases in a modules directory, or in a modules.alias.bin or modules.alias at a path. A directory's
 * index comes first, as in libkmod; its text where the index is missing or, with a warning, damaged.
 */
export function aliasSource(at: string | IndexFolder, expected: Expected, diagnose: Diagnose): Source {
  const folder = typeof at === 'string' ? undefined : at;
  const path = typeof at === 'string' ? at : at.path;
  const bin = folder ? join(path, 'modules.alias.bin') : path;
  const text = folder ? join(path, 'modules.alias') : path.replace(/\.bin$/, '');
  const read = (file: string) => (folder ? folder.read(basename(file)) : readIfThere(file));
  const ofText = (bytes: Buffer): Source => {
    const other = otherFile(bytes, text);
    if (other) throw other;
    const odd = oddText(bytes, text);
    if (odd) diagnose(odd);
    return textSource(bytes, folder ?? folderOnDisk(dirname(text)), expected);
  };
  const fromText = (): Source | undefined => {
    const bytes = text === bin ? undefined : read(text);
    return bytes && ofText(bytes);
  };
  const bytes = read(bin);
  if (!bytes) {
    const source = fromText();
    if (source) return source;
    throw folder ? noAliasesIn(path) : noSuchPath(path);
  }
  if (text === bin && !isIndex(bytes)) return ofText(bytes);
  const fallBack = (error: unknown): Source => {
    const source = error instanceof ModaliasError && error.code === 'bad-index' ? fromText() : undefined;
    if (!source) throw error;
    diagnose(answeringFrom(text, error as ModaliasError));
    return source;
  };
  const other = otherFile(bytes, bin);
  if (other && !folder) throw other;
  try {
    const index = openIndex(bytes, bin);
    if (expected === 'many') return indexedSource('alias', rowsOfIndex(index), index.root);
    const walked = walkedSource('alias', index.root);
    return { ...walked, find: withFallback(walked.find, (error) => fallBack(error).find) };
  } catch (error) {
    return fallBack(error);
  }
}

/** Whether a file without the suffix `.bin` is an index nevertheless, by its first four bytes. */
function isIndex(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === INDEX_MAGIC;
}

/**
 * The source of a modules.alias text; for a few keys, only patterns that begin like the key are indexed. Priorities are
 * those of the modules.dep beside it, or else the order in which modules appear.
 */
function textSource(text: Uint8Array, folder: IndexFolder, expected: Expected): Source {
  const order = modulesOrder(folder);
  let whole: Source | undefined;
  const all = () => {
    whole ??= tableSource(rowsOfText(text, order));
    return whole;
  };
  if (expected === 'many') return all();
  let asked = 0;
  return {
    name: 'alias',
    find(key) {
      asked++;
      const few = !whole && asked <= FEW && key.wildcards === 0;
      return (few ? tableSource(rowsOfText(text, order, key)) : all()).find(key);
    },
    patterns: () => all().patterns!(),
  };
}

/** The source of patterns from a table only. */
export function tableSource(table: PatternTable): Source {
  let index: MemoryIndex | undefined;
  return indexedSource('alias', table, () => {
    index ??= memoryIndex(entriesOfTable(table));
    return index.root();
  });
}

function* entriesOfTable(table: PatternTable): Generator<IndexEntry> {
  for (let row = 0; row < table.size; row++) {
    yield {
      key: patternAt(table, row),
      value: table.names[table.modules[row]!]!,
      priority: table.priorities[row]!,
    };
  }
}
