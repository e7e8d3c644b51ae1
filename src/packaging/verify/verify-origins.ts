import { generateAliases } from '../../alias/generate.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import type { Finding } from '../finding.ts';
import type { RuleName } from '../rules.ts';
import type { VerifyInput } from './verify-input.ts';

/** Rules about aliases in depmod's files, or of .modinfo alone, which say nothing of tables. */
const WITHOUT_ORIGIN: ReadonlySet<RuleName> = new Set([
  'malformed-line',
  'repeated-line',
  'missing-in-text',
  'extra-in-text',
  'missing-in-index',
  'extra-in-index',
  'stale-index',
  'stale-order',
  'shadowed-aliases',
]);

/**
 * The findings with the table and the row that make their alias, given as the module has it or as depmod indexes it;
 * the first row where several do. The modules concerned are read once more, so that a sound directory costs nothing.
 * Those that cannot be read or have the alias by hand leave the finding as it is.
 */
export async function withOrigins(
  findings: readonly Finding[],
  { directory, shown, readTables }: Pick<VerifyInput, 'directory' | 'shown' | 'readTables'>,
): Promise<Finding[]> {
  const lacks = ({ rule, alias, module }: Finding) => WITHOUT_ORIGIN.has(rule) && alias !== null && module !== null;
  if (!findings.some(lacks)) return [...findings];
  const taken = new Map(directory.modules.map(({ name, path }) => [name, shown(path)]));
  const fileOf = ({ rule, module, file }: Finding) => (rule === 'shadowed-aliases' ? file! : taken.get(module!));
  const concerned = new Set(findings.filter(lacks).map(fileOf));
  const modules = [...directory.modules, ...directory.sameName.flatMap(({ others }) => others)];
  const read = readTables(modules.filter(({ path }) => concerned.has(shown(path))));
  const origins = new Map<string | undefined, Map<string, Pick<Finding, 'table' | 'row'>>>();
  for await (const { file, tables, release } of read) {
    const rows = new Map<string, Pick<Finding, 'table' | 'row'>>();
    for (const { alias, table, row } of generateAliases(tables, { release }).aliases)
      for (const key of [alias, normalizeAlias(alias)])
        if (key !== undefined && !rows.has(key)) rows.set(key, { table: tables[table]!.name, row });
    origins.set(file, rows);
  }
  return findings.map((one) => (lacks(one) ? { ...one, ...origins.get(fileOf(one))?.get(one.alias!) } : one));
}
