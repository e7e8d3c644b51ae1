import type { Packing } from '../../binary/decompress.ts';
import type { Elf } from '../../binary/elf.ts';
import type { IdTable } from '../../bus/define/bus.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { readablePath } from '../../files/raw-path.ts';
import { type DriverRegistration, registrationsWithout } from '../../module/driver-registrations.ts';
import { extractTables } from '../../module/extract-tables.ts';
import { modinfoStrings, modinfoValues } from '../../module/modinfo.ts';
import { type ModuleIdentity, moduleIdentity } from '../../module/module-identity.ts';
import type { ModuleTask } from '../../modules-directory/module-task.ts';
import type { ModuleOutcome } from '../../modules-directory/read-modules.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import type { Release } from '../../release.ts';
import type { Item } from '../finding.ts';
import { isServed } from '../served-drivers.ts';
import { type ModuleVerdict, verifyModule } from './verify-module.ts';

/** One module read and judged. What could not be read is undefined. */
export interface ReadModule {
  readonly found: FoundModule;
  /** What messages call its file. */
  readonly file: string;
  readonly aliases: readonly string[] | undefined;
  readonly identity: ModuleIdentity | undefined;
  readonly packing: Packing | undefined;
  /** Drivers that it registers without an id table, or an alias, for them. */
  readonly drivers: readonly DriverRegistration[];
  readonly verdict: ModuleVerdict;
}

export interface VerifyReadOptions {
  /** Release whose rules hold for every module. Default: what each module says. */
  readonly release?: string | Release | undefined;
  /** Compressed modules in work at a time; does not change what comes out. Default: 4. */
  readonly workers?: number | undefined;
}

/** What the bytes of a module say by themselves. */
export type Judgement = Omit<ReadModule, 'found' | 'file'>;

/** Holds a module's tables against its .modinfo; tables that cannot be read are a finding. */
export function moduleJudge({ release }: VerifyReadOptions): ModuleTask<Judgement> {
  return (elf, { name, file }, packing) => {
    const { aliases, identity, drivers, verdict } = judgeModule(elf, name, file, release);
    return { aliases, identity, packing, drivers, verdict };
  };
}

/** The judgements on modules in their order; a module that cannot be read has one, too. */
export async function* judged(
  modules: readonly FoundModule[],
  outcomes: AsyncIterable<ModuleOutcome<Judgement>>,
): AsyncGenerator<ReadModule> {
  let next = 0;
  for await (const { path, value, error } of outcomes) {
    const found = modules[next++]!;
    const file = readablePath(path);
    const { aliases, identity, packing, drivers, verdict } = value ?? unreadable(found.name, file, error!.problems);
    yield { found, file, aliases, identity, packing, drivers, verdict };
  }
}

/** A module's id tables, and the release whose rules make its aliases. */
export interface ReadTables {
  /** What messages call its file. */
  readonly file: string;
  readonly tables: readonly IdTable[];
  readonly release: Release;
}

/** Reads a module's tables only. */
export function tablesReader({ release }: VerifyReadOptions): ModuleTask<Omit<ReadTables, 'file'>> {
  return (elf) => extractTables(elf, modinfoStrings(elf), { release });
}

/** Everything that one module's bytes say, judged by themselves. `file` names them in findings. */
export function judgeModule(
  elf: Elf,
  module: string,
  file: string,
  given: string | Release | undefined,
): Omit<Judgement, 'packing'> {
  const strings = modinfoStrings(elf);
  const aliases = modinfoValues(strings, 'alias');
  try {
    const identity = moduleIdentity(elf, strings);
    const { tables, release, diagnostics } = extractTables(elf, strings, { release: given });
    const verdict = verifyModule({ module, file, aliases, tables, release });
    const drivers = registrationsWithout(elf, (bus) =>
      isServed(
        bus,
        verdict.tables.map((table) => table.bus),
        aliases,
      ),
    );
    return {
      aliases,
      identity,
      drivers,
      verdict: { ...verdict, diagnostics: [...diagnostics, ...verdict.diagnostics] },
    };
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    return { ...unreadable(module, file, error.problems), aliases };
  }
}

function unreadable(module: string, file: string, problems: readonly Diagnostic[]): Judgement {
  const items = problems.map(
    (problem): Item => ({
      module,
      file,
      table: problem.table ?? null,
      message: `${problem.message} (${problem.code})`,
    }),
  );
  const causes = items.map((item) => ({ rule: 'unreadable-module' as const, items: [item] }));
  const verdict = { causes, handWritten: [], tables: [], diagnostics: [] };
  return { aliases: undefined, identity: undefined, packing: undefined, drivers: [], verdict };
}
