import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type AliasLine, parseAliasText } from '../alias/alias-text.ts';
import type { IndexEntry } from '../alias/index-format.ts';
import { memoryRoot } from '../alias/index-memory.ts';
import { openIndex } from '../alias/index-reader.ts';
import { normalizeAlias } from '../alias/normalize.ts';
import type { Diagnostic } from '../errors.ts';
import { unreadable } from '../files/read.ts';
import { type AliasIndex, aliasIndex } from './alias-index.ts';
import type { Source } from './match.ts';
import { nameSource, patternSource, type Root } from './trie-sources.ts';

export interface LoadOptions {
  /** Takes what was odd but did not stop the loading. */
  readonly diagnose?: (diagnostic: Diagnostic) => void;
}

/**
 * Reads the aliases at `path`: a modules directory, a modules.alias or a modules.alias.bin. Throws `unreadable` and `bad-index`.
 */
export async function loadAliasIndex(path: string, options: LoadOptions = {}): Promise<AliasIndex> {
  void options;
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
  const dir = isDirectory ? path : dirname(path);
  const lazily = (name: string): Root => {
    let root: Root | undefined;
    return (visits) => {
      root ??= readOptional(join(dir, name)) ?? (() => undefined);
      return root(visits);
    };
  };
  const alias = isDirectory
    ? (readOptional(join(dir, 'modules.alias.bin')) ?? readText(join(dir, 'modules.alias')))
    : basename(path).endsWith('.bin')
      ? readIndex(path)
      : readText(path);
  const sources: Source[] = [patternSource('alias', alias)];
  if (isDirectory) {
    sources.unshift(
      nameSource('name', lazily('modules.dep.bin')),
      patternSource('symbol', lazily('modules.symbols.bin')),
    );
    sources.push(
      nameSource('builtin-name', lazily('modules.builtin.bin')),
      patternSource('builtin', lazily('modules.builtin.alias.bin')),
    );
  }
  return aliasIndex(sources);
}

function readIndex(path: string): Root {
  return openIndex(read(path), path).root;
}

function readOptional(path: string): Root | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.length === 0 ? undefined : openIndex(bytes, path).root;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readText(path: string): Root {
  return memoryRoot(entriesOf(parseAliasText(read(path).toString('latin1'))));
}

/** The entries of the index that depmod makes of these lines: a module's priority is its place in the order of first appearance. */
export function entriesOf(lines: Iterable<AliasLine>): IndexEntry[] {
  const priorities = new Map<string, number>();
  const entries: IndexEntry[] = [];
  for (const { alias, module } of lines) {
    const priority = priorities.get(module) ?? priorities.size;
    priorities.set(module, priority);
    const key = normalizeAlias(alias);
    if (key) entries.push({ key, value: module, priority });
  }
  return entries;
}
