import { generateAliases } from '../../alias/generate.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import { normalizeAlias } from '../../pattern/normalize.ts';
import type { Finding } from '../finding.ts';
import type { RuleName } from '../rules.ts';
import type { VerifyInput } from './verify-input.ts';

/** Rules about aliases in depmod's files, which say nothing of tables. */
const WITHOUT_ORIGIN: ReadonlySet<RuleName> = new Set([
  'malformed-line',
  'repeated-line',
  'missing-in-text',
  'extra-in-text',
  'missing-in-index',
  'extra-in-index',
  'stale-index',
  'stale-order',
]);

/**
 * The findings with the table and the row that make their alias, given as the module has it or as depmod indexes it;
 * the first row where several do. The modules concerned are read once more, so that a sound directory costs nothing.
 * Those that cannot be read or have the alias by hand leave the finding as it is.
 */
export async function withOrigins(
  findings: readonly Finding[],
  modules: readonly FoundModule[],
  readTables: VerifyInput['readTables'],
): Promise<Finding[]> {
  const lacks = ({ rule, alias, module }: Finding) => WITHOUT_ORIGIN.has(rule) && alias !== null && module !== null;
  const concerned = new Set(findings.filter(lacks).map(({ module }) => module));
  if (concerned.size === 0) return [...findings];
  const origins = new Map<string, Map<string, Pick<Finding, 'table' | 'row'>>>();
  for await (const { name, tables, release } of readTables(modules.filter((module) => concerned.has(module.name)))) {
    const rows = new Map<string, Pick<Finding, 'table' | 'row'>>();
    for (const { alias, table, row } of generateAliases(tables, { release }).aliases)
      for (const key of [alias, normalizeAlias(alias)])
        if (key !== undefined && !rows.has(key)) rows.set(key, { table: tables[table]!.name, row });
    origins.set(name, rows);
  }
  return findings.map((one) => (lacks(one) ? { ...one, ...origins.get(one.module!)?.get(one.alias!) } : one));
}
