import { join } from 'node:path';
import type { IndexEntry } from '../alias/index-format.ts';
import { memoryRoot } from '../alias/index-memory.ts';
import { openIndex } from '../alias/index-reader.ts';
import { moduleName, normalizeAlias } from '../alias/normalize.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { readIfThere } from '../files/read-sync.ts';
import { parseBuiltinModinfo } from '../modules/builtin-modinfo.ts';
import type { Root } from './pattern-sources.ts';

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
 * The way into an index of a modules directory, opened when it is first asked for. Where the index is missing, empty or damaged, what
 * its text says; where that is missing too, nothing.
 */
export function openPair(directory: string, pair: IndexPair, diagnose: Diagnose): Root {
  let open: Root | undefined;
  return (visits) => {
    if (!open) {
      try {
        open = openBin(join(directory, pair.bin)) ?? openText(directory, pair);
        return open(visits);
      } catch (error) {
        if (!(error instanceof ModaliasError)) throw error;
        for (const p of error.problems) diagnose({ ...p, severity: 'warning' });
        open = openText(directory, pair);
      }
    }
    return open(visits);
  };
}

function openBin(path: string): Root | undefined {
  const bytes = readIfThere(path);
  return bytes && bytes.length > 0 ? openIndex(bytes, path).root : undefined;
}

function openText(directory: string, pair: IndexPair): Root {
  const text = readIfThere(join(directory, pair.text));
  return text ? memoryRoot(pair.parse(text.toString('latin1'))) : () => undefined;
}
