import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { readablePath } from '../../files/raw-path.ts';
import { extractTables } from '../../module/extract-tables.ts';
import { modinfoStrings, modinfoValues } from '../../module/modinfo.ts';
import { readModules } from '../../modules-directory/read-modules.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import type { Release } from '../../release.ts';
import { type Finding, finding } from '../finding.ts';
import { type ModuleVerdict, verifyModule } from './verify-module.ts';

/** One module read and judged. `aliases` is undefined where its .modinfo could not be read. */
export interface ReadModule {
  readonly found: FoundModule;
  readonly aliases: readonly string[] | undefined;
  readonly verdict: ModuleVerdict;
}

export interface VerifyReadOptions {
  /** Release whose rules hold for every module. Default: what each module says. */
  readonly kernel?: string | Release | undefined;
  /** Compressed modules in work at a time; does not change what comes out. Default: 4. */
  readonly workers?: number | undefined;
}

/** Reads the modules one after another and holds each one's tables against its .modinfo; what cannot be read is a finding. */
export async function* readAndVerify(
  modules: readonly FoundModule[],
  { kernel, workers }: VerifyReadOptions,
): AsyncGenerator<ReadModule> {
  let next = 0;
  const nameOf = new Map(modules.map((module) => [module.path, module.name]));
  const outcomes = readModules(
    nameOf.keys(),
    (elf, path) => {
      const file = readablePath(path);
      const strings = modinfoStrings(elf);
      const aliases = modinfoValues(strings, 'alias');
      const module = nameOf.get(path)!;
      try {
        const { tables, release, diagnostics } = extractTables(elf, strings, kernel === undefined ? {} : { kernel });
        const verdict = verifyModule({ module, file, aliases, tables, release });
        return { aliases, verdict: { ...verdict, diagnostics: [...diagnostics, ...verdict.diagnostics] } };
      } catch (error) {
        if (!(error instanceof ModaliasError)) throw error;
        return { aliases, verdict: unreadable(module, file, error.problems) };
      }
    },
    { workers },
  );
  for await (const { path, value, error } of outcomes) {
    const found = modules[next++]!;
    yield {
      found,
      aliases: value?.aliases,
      verdict: value?.verdict ?? unreadable(found.name, readablePath(path), error!.problems),
    };
  }
}

function unreadable(module: string, file: string, problems: readonly Diagnostic[]): ModuleVerdict {
  const findings: Finding[] = problems.map((problem) =>
    finding('unreadable-module', `${problem.message} (${problem.code})`, {
      module,
      file,
      table: problem.table ?? null,
    }),
  );
  return { findings, handWritten: [], tables: [], diagnostics: [] };
}
