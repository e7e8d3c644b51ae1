import type { Finding, Note } from '../packaging/finding.ts';
import type { BusSummary } from '../packaging/verify/bus-summary.ts';
import type { VerifyResult } from '../packaging/verify/verify.ts';

/** The JSON document of verify, version 1: each member is listed, so that none is added by accident. */
export function verifyDocument({ findings, summary }: VerifyResult) {
  const { error, warning, note } = summary.severities;
  return {
    version: 1,
    findings: findings.map(findingMember),
    summary: {
      release: summary.release,
      modules: summary.modules,
      tables: summary.tables,
      rows: summary.rows,
      aliases: summary.aliases,
      handWritten: summary.handWritten,
      builtinAliases: summary.builtinAliases,
      buses: summary.buses.map(busMember),
      severities: { error, warning, note },
      notes: summary.notes.map(noteMember),
    },
  };
}

/** A finding as the documents of verify and lint have it. */
export function findingMember(finding: Finding<string>) {
  return {
    rule: finding.rule,
    severity: finding.severity,
    module: finding.module,
    table: finding.table,
    row: finding.row,
    alias: finding.alias,
    file: finding.file,
    line: finding.line,
    message: finding.message,
    fingerprint: finding.fingerprint,
    count: finding.count,
  };
}

function busMember({ bus, modules, tables, rows, aliases, handWritten }: BusSummary) {
  return { bus, modules, tables, rows, aliases, handWritten };
}

function noteMember({ rule, count, message, examples }: Note) {
  return { rule, count, message, examples: [...examples] };
}
