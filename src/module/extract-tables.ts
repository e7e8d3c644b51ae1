import { isDeepStrictEqual } from 'node:util';
import { generateAliases } from '../alias/generate.ts';
import type { Elf } from '../binary/elf.ts';
import { ET_REL } from '../binary/elf-format.ts';
import { busNamed } from '../bus/buses.ts';
import type { IdTable } from '../bus/define/bus.ts';
import { readRows } from '../bus/define/read-rows.ts';
import type { Code } from '../codes.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import {
  compareReleases,
  formatFirst,
  formatRelease,
  knownRelease,
  NEWEST_RELEASE,
  OLDEST_RELEASE,
  parseRelease,
  type Release,
  seriesBefore,
} from '../release.ts';
import { type ModinfoStrings, vermagic } from './modinfo.ts';
import { fittingReleases, knownSizes } from './table-layout.ts';
import { findTables, type TableSymbol, TYPES_WITHOUT_ALIASES } from './table-symbols.ts';

/** The id tables of a module, in the symbol table's order. */
export interface ExtractedTables {
  /** The release as the module or the caller names it. */
  readonly kernel: string;
  /** The release whose rules make the module's aliases. */
  readonly release: Release;
  readonly tables: readonly IdTable[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ExtractOptions {
  /** A release that overrides what the module says: `6.12` or longer. Default: what it says. */
  readonly release?: string | Release | undefined;
}

/**
 * Reads a module's device tables. `strings` are those of its .modinfo. The release whose struct layouts apply is
 * inferred, as vendor kernels carry newer code under an older version: the spelling of the table's symbol, its size,
 * terminator and padding first, the module's vermagic second; the caller's `release` overrides all.
 *
 * Throws what `findTables` throws, `bad-release`, and an error that holds one problem for each table that fits no known
 * layout (`table-size`) or several with different aliases (`table-ambiguous`).
 */
export function extractTables(elf: Elf, strings: ModinfoStrings, options: ExtractOptions = {}): ExtractedTables {
  const { file } = elf.source;
  if (elf.type !== ET_REL) {
    throw new ModaliasError('not-a-module', `an ELF file of type ${elf.type}; expected a relocatable object, type 1`, {
      file,
      offset: 16,
    });
  }
  const found = findTables(elf);
  const diagnostics: Diagnostic[] = [];
  const built = releaseOf(strings, found, options.release, file, diagnostics);
  const problems: Diagnostic[] = [];
  const tables: IdTable[] = [];
  for (const symbol of found) {
    const table = readTable(symbol, built, diagnostics, problems);
    if (table) tables.push(table);
  }
  if (problems[0]) throw new ModaliasError(problems[0].code, problems[0].message, problems[0], { problems });
  return { kernel: built.kernel, release: built.release, tables, diagnostics };
}

/** What is known about the release that a module was built for. */
interface BuiltFor {
  readonly kernel: string;
  readonly release: Release;
  /** `given` by the caller, `vermagic` of the module, or `assumed`. */
  readonly source: 'given' | 'vermagic' | 'assumed';
}

/**
 * The release whose rules hold for a module; if the spelling of its symbols rules one out, the nearest possible one.
 */
function releaseOf(
  strings: ModinfoStrings,
  found: readonly TableSymbol[],
  given: string | Release | undefined,
  file: string,
  diagnostics: Diagnostic[],
): BuiltFor {
  const warn = (code: Code, message: string) => diagnostics.push({ code, severity: 'warning', message, file });
  const known = (release: string | Release) => knownRelease(release, (message) => warn('newer-release', message));
  if (given !== undefined) {
    const release = known(given);
    return { kernel: typeof given === 'string' ? given : formatRelease(given), release, source: 'given' };
  }
  const { from, until } = found.reduce<Pick<TableSymbol, 'from' | 'until'>>(
    (newest, symbol) => (compareReleases(symbol.from, newest.from) > 0 ? symbol : newest),
    found[0] ?? { from: OLDEST_RELEASE, until: undefined },
  );
  const last = until ? seriesBefore(until) : NEWEST_RELEASE;
  const text = /^\S+/.exec(vermagic(strings) ?? '')?.[0];
  if (text === undefined || !(text === lastKnown.text || /^\d+\.\d+/.test(text))) {
    const kernel = formatRelease(last);
    if (found.length > 0)
      warn('no-vermagic', `the module does not say which release it was built for; the rules of ${kernel} are used`);
    return { kernel, release: last, source: 'assumed' };
  }
  const release = text === lastKnown.text ? lastKnown.release : withPlace(() => known(text), file);
  // One that is newer than any known has a warning for each module.
  if (release !== NEWEST_RELEASE) lastKnown = { text, release };
  const older = compareReleases(release, from) < 0;
  if (!older && compareReleases(release, last) <= 0) return { kernel: text, release, source: 'vermagic' };
  const nearest = older ? parseRelease(formatFirst(from)) : last;
  const kernel = formatRelease(nearest);
  warn(
    'spelling-of-other-release',
    `built for ${text}, but its table symbols are spelled as in ${kernel}; the rules of ${kernel} are used`,
  );
  return { kernel, release: nearest, source: 'vermagic' };
}

/** The release of the last module: those of a kernel all say the same. */
let lastKnown: { readonly text: string; readonly release: Release } = { text: '', release: OLDEST_RELEASE };

/** Adds the module's file to an error about its release. */
function withPlace<T>(read: () => T, file: string): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    throw new ModaliasError(error.code, `${error.message}; --kernel names another`, { file });
  }
}

function readTable(
  symbol: TableSymbol,
  { release, source }: BuiltFor,
  diagnostics: Diagnostic[],
  problems: Diagnostic[],
): IdTable | undefined {
  const { bytes, table: name } = symbol;
  const place = { file: bytes.file, offset: bytes.base, table: name };
  const bus = busNamed(symbol.bus);
  if (!bus) {
    const message = `unknown table type '${symbol.bus}'; if the kernel makes aliases of it, they are missing`;
    if (!TYPES_WITHOUT_ALIASES.has(symbol.bus))
      diagnostics.push({ code: 'unknown-bus', severity: 'warning', message, ...place });
    return undefined;
  }
  const readAt = (at: Release): IdTable => ({ bus, name, rows: readRows(bytes, bus, { release: at }) });
  const candidates =
    source === 'given' ? [release] : fittingReleases(bytes, bus, symbol, source === 'vermagic' ? release : undefined);
  try {
    if (candidates.length === 1 && candidates[0] === release) return readAt(release);
    const [first, ...others] = distinct(candidates.map(readAt), release);
    const rowSizes = `a row has ${knownSizes(bytes, bus)}`;
    if (first === undefined) {
      const message = `the ${bus.name} table of ${bytes.size} bytes fits no known struct (${rowSizes}), or has no terminating row of zeros; try another release with --kernel`;
      problems.push({ code: 'table-size', severity: 'error', message, ...place });
      return undefined;
    }
    const fitting = candidates.map(formatFirst).join(' and ');
    if (others.length > 0) {
      const message = `the ${bus.name} table of ${bytes.size} bytes is ambiguous: it fits the structs of ${fitting}, which make different aliases (${rowSizes}); choose one with --kernel`;
      problems.push({ code: 'table-ambiguous', severity: 'error', message, ...place });
      return undefined;
    }
    if (source === 'vermagic' && !sameRows(first, readAt, release)) {
      const message = `the ${bus.name} table of ${bytes.size} bytes does not fit the struct of ${formatRelease(release)} (${rowSizes}) and is read as that of ${fitting}`;
      diagnostics.push({ code: 'layout-of-other-release', severity: 'warning', message, ...place });
    }
    return first;
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    problems.push(...error.problems.map((problem) => ({ ...problem, table: name })));
    return undefined;
  }
}

/**
 * Whether the struct of the release itself, which does not quite fit, gives the same rows: then no warning is needed.
 */
function sameRows(table: IdTable, readAt: (release: Release) => IdTable, release: Release): boolean {
  try {
    return isDeepStrictEqual(readAt(release).rows, table.rows);
  } catch {
    return false;
  }
}

/** One table of each set that makes the same aliases. */
function distinct(tables: readonly IdTable[], release: Release): IdTable[] {
  const byAliases = new Map<string, IdTable>();
  for (const table of tables) {
    const { aliases } = generateAliases([table], { release });
    byAliases.set(JSON.stringify(aliases), table);
  }
  return [...byAliases.values()];
}
