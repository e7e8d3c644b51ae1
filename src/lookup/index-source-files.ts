import { join } from 'node:path';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import type { IndexEntry } from '../index-file/index-format.ts';
import { memoryIndex } from '../index-file/index-memory.ts';
import { openIndex } from '../index-file/index-reader.ts';
import { parseBuiltinModinfo } from '../modules-directory/builtin-modinfo.ts';
import { moduleName, normalizeAlias } from '../pattern/normalize.ts';
import { rowsOfIndex } from '../pattern-index/pattern-rows-bin.ts';
import { tableOfEntries } from '../pattern-index/pattern-table.ts';
import type { IndexFolder } from './index-folder.ts';
import type { LazyIndex } from './pattern-sources.ts';

export type Diagnose = (diagnostic: Diagnostic) => void;

/** An index of a modules directory, and the text that depmod makes it from or that is beside it. */
export interface IndexPair {
  readonly bin: string;
  readonly text: string;
  readonly parse: (text: string, order: () => ReadonlyMap<string, number> | undefined) => IndexEntry[];
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
  parse(text, order) {
    const places = order();
    const found = [...text.matchAll(/^alias (\S+) (\S+)$/gm)];
    return found.map(([, key, value]) => ({ key: key!, value: value!, priority: places?.get(value!) ?? 0 }));
  },
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
 * An index of a modules directory, opened on first use. If the index is missing or empty, its text is read instead; if
 * that is missing too, nothing. A damaged index throws `bad-index`, at once or deep on the path to some key.
 */
export function openPair(folder: IndexFolder, pair: IndexPair): LazyIndex {
  let open: LazyIndex | undefined;
  const opened = () => {
    open ??= openBin(folder, pair.bin) ?? openText(folder, pair) ?? NOTHING;
    return open;
  };
  return { root: (visits) => opened().root(visits), table: () => opened().table() };
}

/** The text beside a damaged index, with a warning; rethrows the error if there is no text. */
export function openTextFallback(
  folder: IndexFolder,
  pair: IndexPair,
  error: ModaliasError,
  diagnose: Diagnose,
): LazyIndex {
  const twin = openText(folder, pair);
  if (!twin) throw error;
  diagnose(answeringFrom(join(folder.path, pair.text), error));
  return twin;
}

function openBin({ path, read }: IndexFolder, file: string): LazyIndex | undefined {
  const bytes = read(file);
  if (!bytes || bytes.length === 0) return undefined;
  const index = openIndex(bytes, join(path, file));
  return { root: index.root, table: () => rowsOfIndex(index) };
}

function openText(folder: IndexFolder, pair: IndexPair): LazyIndex | undefined {
  const text = folder.read(pair.text);
  return text && inMemory(pair.parse(text.toString('latin1'), () => modulesOrder(folder)));
}

function inMemory(entries: readonly IndexEntry[]): LazyIndex {
  const index = memoryIndex(entries);
  return { root: index.root, table: () => tableOfEntries(index.entries()) };
}

const NOTHING = inMemory([]);

/**
 * Positions of the modules in a directory's modules.dep, which depmod writes in the order of their priorities;
 * undefined without one.
 */
export function modulesOrder(folder: Pick<IndexFolder, 'read'>): ReadonlyMap<string, number> | undefined {
  const dep = folder.read('modules.dep');
  if (!dep) return undefined;
  return new Map(lines(dep.toString('latin1')).map((line, i) => [fileModule(line.slice(0, line.indexOf(':'))), i]));
}

/**
 * Asks `first` until it finds a damaged index (`bad-index`), and from then on what `fallBack` returns: the damage can
 * be deep, where only some keys lead. `fallBack` rethrows the error if there is nothing else.
 */
export function withFallback<Question, Answer>(
  first: (question: Question) => Answer,
  fallBack: (error: ModaliasError) => (question: Question) => Answer,
): (question: Question) => Answer {
  let ask = first;
  return (question) => {
    try {
      return ask(question);
    } catch (error) {
      if (ask !== first || !(error instanceof ModaliasError) || error.code !== 'bad-index') throw error;
      ask = fallBack(error);
      return ask(question);
    }
  };
}

/** The warning that another file answers in place of a damaged index. */
export function answeringFrom(file: string, { code, problems, place }: ModaliasError): Diagnostic {
  return { code, severity: 'warning', message: `${problems[0]!.message}; answering from ${file} instead`, ...place };
}
