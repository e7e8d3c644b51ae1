import type { Elf } from '../binary/elf.ts';
import type { IdTable } from '../bus/define/bus.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { moduleName } from '../pattern/normalize.ts';
import type { Release } from '../release.ts';
import { type ExtractOptions, extractTables } from './extract-tables.ts';
import { modinfoStrings, modinfoValues } from './modinfo.ts';

/** What a module file says about the devices that it supports. */
export interface ExtractedModule {
  readonly module: string;
  /** The release that the module was built for, as it says, or the one assumed for it. */
  readonly kernel: string;
  /** The release whose rules make its aliases. */
  readonly release: Release;
  readonly tables: readonly IdTable[];
  /** The alias strings of its .modinfo, in order, including hand-written ones and duplicates. */
  readonly aliases: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A module's id tables and aliases. The name comes from its file's, or from its .modinfo for one that comes without.
 * Throws what `extractTables` throws, with the module's name on every problem.
 */
export function extractModule(elf: Elf, path: string | undefined, options: ExtractOptions = {}): ExtractedModule {
  const strings = modinfoStrings(elf);
  const module =
    path === undefined
      ? (modinfoValues(strings, 'name')[0] ?? 'stdin')
      : moduleName(path.slice(path.lastIndexOf('/') + 1));
  try {
    const { diagnostics, ...found } = extractTables(elf, strings, options);
    return {
      module,
      ...found,
      aliases: modinfoValues(strings, 'alias'),
      diagnostics: diagnostics.map((diagnostic) => ({ ...diagnostic, module })),
    };
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    const problems = error.problems.map((problem) => ({ ...problem, module }));
    const { message, code } = problems[0]!;
    throw new ModaliasError(code, message, problems[0]!, { cause: error, problems });
  }
}
