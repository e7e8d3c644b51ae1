import { join } from 'node:path';
import type { IndexEntry } from '../alias/index-format.ts';
import { memoryRoot } from '../alias/index-memory.ts';
import { nodeEntries, openIndex } from '../alias/index-reader.ts';
import { moduleName, normalizeAlias } from '../alias/normalize.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { readIfThere } from '../files/read-sync.ts';
import { parseBuiltinModinfo } from '../modules/builtin-modinfo.ts';
import { rowsOfIndex } from './pattern-rows-bin.ts';
import type { LazyIndex, Root } from './pattern-sources.ts';
import { tableOfEntries } from './pattern-table.ts';

export type Diagnose = (diagnostic: Diagnostic) => void;

/** An index of a modules directory, and the text from which depmod makes it or beside which it lies. */
interface IndexPair {
  readonly bin: string;
  readonly text: string;
  readonly parse: (text: string) => IndexEntry[];
}

const name = (key: string, value = ''): IndexEntry => ({ key, value, priority: 0 });
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

export const NAMES: IndexPair = {
  bin: 'modules.dep.bin',
  text: 'modules.dep',
  parse: (text) => lines(text).map((line) => name(fileModule(line.slice(0, line.indexOf(':'))), line)),
};

export const SYMBOLS: IndexPair = {
  bin: 'modules.symbols.bin',
  text: 'modules.symbols',
  parse: (text) =>
    [...text.matchAll(/^alias (\S+) (\S+)$/gm)].map(([, key, value]) => ({ key: key!, value: value!, priority: 0 })),
};

export const BUILTIN_NAMES: IndexPair = {
  bin: 'modules.builtin.bin',
  text: 'modules.builtin',
  parse: (text) => lines(text).map((line) => name(fileModule(line))),
};

export const BUILTIN_ALIASES: IndexPair = {
  bin: 'modules.builtin.alias.bin',
  text: 'modules.builtin.modinfo',
  parse: (text) =>
    parseBuiltinModinfo(text).flatMap(({ alias, module }) => {
      const key = normalizeAlias(alias);
      return key ? [{ key, value: module, priority: 0 }] : [];
    }),
};

function fileModule(path: string): string {
  return moduleName(path.slice(path.lastIndexOf('/') + 1));
}

/**
 * An index of a modules directory, opened when it is first asked for. Where the index is missing, empty or damaged, what its text says;
 * where that is missing too, nothing.
 */
export function openPair(directory: string, pair: IndexPair, diagnose: Diagnose): LazyIndex {
  let bin: LazyIndex | undefined;
  let text: LazyIndex | undefined;
  const ask = <T>(question: (open: LazyIndex) => T): T => {
    if (!text) {
      try {
        bin ??= openBin(join(directory, pair.bin));
        if (bin) return question(bin);
      } catch (error) {
        if (!(error instanceof ModaliasError)) throw error;
        for (const p of error.problems) diagnose({ ...p, severity: 'warning' });
      }
      text = openText(directory, pair);
    }
    return question(text);
  };
  return { root: (visits) => ask((open) => open.root(visits)), table: () => ask((open) => open.table()) };
}

function openBin(path: string): LazyIndex | undefined {
  const bytes = readIfThere(path);
  if (!bytes || bytes.length === 0) return undefined;
  const { root } = openIndex(bytes, path);
  return { root, table: () => rowsOfIndex(bytes, path) };
}

function openText(directory: string, pair: IndexPair): LazyIndex {
  const text = readIfThere(join(directory, pair.text));
  const root: Root = text ? memoryRoot(pair.parse(text.toString('latin1'))) : () => undefined;
  return { root, table: () => tableOfEntries(nodeEntries(root())) };
}
