import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { memoryRoot } from '../alias/index-memory.ts';
import { type IndexFile, openIndex } from '../alias/index-reader.ts';
import type { Diagnostic } from '../errors.ts';
import { unreadable } from '../files/read.ts';
import { type AliasIndex, aliasIndex } from './alias-index.ts';
import type { Source } from './match.ts';
import { nameSource } from './name-source.ts';
import { rowsOfText, rowsOfTrie } from './pattern-rows.ts';
import { indexedSource, type Root, walkedSource } from './pattern-sources.ts';
import type { PatternTable } from './pattern-table.ts';

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
      root ??= readOptional(join(dir, name))?.root ?? (() => undefined);
      return root(visits);
    };
  };
  const bin = isDirectory
    ? readOptional(join(dir, 'modules.alias.bin'))
    : basename(path).endsWith('.bin')
      ? openIndex(read(path), path)
      : undefined;
  const sources: Source[] = [bin ? fromBin(bin) : fromText(read(isDirectory ? join(path, 'modules.alias') : path))];
  if (isDirectory) {
    sources.unshift(
      nameSource('name', lazily('modules.dep.bin')),
      walkedSource('symbol', lazily('modules.symbols.bin')),
    );
    sources.push(
      nameSource('builtin-name', lazily('modules.builtin.bin')),
      walkedSource('builtin', lazily('modules.builtin.alias.bin')),
    );
  }
  return aliasIndex(sources);
}

function fromBin(index: IndexFile): Source {
  return indexedSource('alias', rowsOfTrie(index.root(), 2_000_000), index.root);
}

function fromText(text: Uint8Array): Source {
  const table = rowsOfText(text);
  let root: Root | undefined;
  return indexedSource('alias', table, () => {
    root ??= memoryRoot(entriesOfTable(table));
    return root();
  });
}

function* entriesOfTable(table: PatternTable) {
  const bytes = Buffer.from(table.bytes.buffer, table.bytes.byteOffset, table.bytes.byteLength);
  for (let row = 0; row < table.size; row++) {
    yield {
      key: bytes.toString('latin1', table.starts[row], table.starts[row + 1]),
      value: table.names[table.modules[row]!]!,
      priority: table.priorities[row]!,
    };
  }
}

function readOptional(path: string): IndexFile | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.length === 0 ? undefined : openIndex(bytes, path);
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
