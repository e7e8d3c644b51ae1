import { type Generated, type GeneratedAlias, generateAliases } from '../../alias/generate.ts';
import type { Elf } from '../../binary/elf.ts';
import type { IdTable } from '../../bus/define/bus.ts';
import { ModaliasError } from '../../errors.ts';
import { type DriverRegistration, registrationsWithout } from '../../module/driver-registrations.ts';
import { type ExtractedTables, extractTables } from '../../module/extract-tables.ts';
import { type ModinfoStrings, modinfoStrings, modinfoValues } from '../../module/modinfo.ts';
import type { NamedModule } from '../../modules-directory/module-task.ts';
import { NEWEST_RELEASE, type Release } from '../../release.ts';
import { isServed } from '../served-drivers.ts';
import type { LintAlias, LintModule } from './lint-module.ts';

/**
 * A module file as lint sees it, each alias with the row that makes it; a table that fits no struct of its type is a
 * diagnostic. Throws what else `extractTables` throws.
 */
export function lintModuleOfElf(
  elf: Elf,
  { name, file }: NamedModule,
  { given, xzCheck }: { readonly given?: string | Release | undefined; readonly xzCheck?: string | undefined },
): LintModule {
  const strings = modinfoStrings(elf);
  const { tables, release, diagnostics } = tablesOf(elf, strings, given);
  const made = tables.length === 0 ? NOTHING_MADE : generateAliases(tables, { release });
  const texts = modinfoValues(strings, 'alias');
  let aliases: readonly LintAlias[] | undefined;
  return {
    module: name,
    file,
    tables,
    texts,
    get aliases() {
      aliases ??= withRows(texts, made.aliases, tables);
      return aliases;
    },
    ...(made.dropped
      ? { dropped: made.dropped.map(({ alias, table, row }) => ({ alias, table: tables[table]!.name, row })) }
      : {}),
    ...(xzCheck === undefined ? {} : { xzCheck }),
    drivers: driversOf(elf, tables, texts),
    diagnostics: [...diagnostics, ...made.diagnostics],
  };
}

const NOTHING_MADE: Generated = { aliases: [], diagnostics: [] };

/** Aliases with the rows that make them; where several make the same one, each has its own, in their order. */
function withRows(
  aliases: readonly string[],
  made: readonly GeneratedAlias[],
  tables: readonly IdTable[],
): readonly LintAlias[] {
  const first = new Map<string, number>();
  const others = new Map<string, GeneratedAlias[]>();
  for (const [i, one] of made.entries()) {
    const { alias } = one;
    if (!first.has(alias)) first.set(alias, i);
    else if (!others.get(alias)?.push(one)) others.set(alias, [one]);
  }
  const taken = new Uint8Array(made.length);
  return aliases.map((alias): LintAlias => {
    const at = first.get(alias);
    const from = at === undefined ? undefined : taken[at] === 0 ? made[at] : others.get(alias)?.shift();
    if (!from) return { alias, table: null, row: null };
    taken[at!] = 1;
    return { alias, table: tables[from.table]!.name, row: from.row };
  });
}

/**
 * Every driver, but none where each has a table or an alias: no rule asks then, and most symbols need not be read. That
 * an spi driver has one of another bus is what of-only is about.
 */
function driversOf(elf: Elf, tables: readonly IdTable[], aliases: readonly string[]): readonly DriverRegistration[] {
  const types = tables.map(({ bus }) => bus.name);
  const others = registrationsWithout(elf, (bus) =>
    bus.name === 'spi' ? types.includes('spi') : isServed(bus, types, aliases),
  );
  return others.length === 0 ? others : registrationsWithout(elf, () => false);
}

function tablesOf(
  elf: Elf,
  strings: ModinfoStrings,
  release: string | Release | undefined,
): Pick<ExtractedTables, 'tables' | 'release' | 'diagnostics'> {
  try {
    return extractTables(elf, strings, { release });
  } catch (error) {
    if (!(error instanceof ModaliasError) || error.problems.some(({ code }) => code !== 'table-size')) throw error;
    return { tables: [], release: NEWEST_RELEASE, diagnostics: error.problems };
  }
}
