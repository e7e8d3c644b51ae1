import type { LintResult } from '../../packaging/lint/lint.ts';
import { findingMember } from '../verify-json.ts';

/** The JSON document of lint, version 1. */
export function lintDocument({ findings, summary }: LintResult) {
  const { error, warning, note } = summary.severities;
  return {
    version: 1,
    findings: findings.map(findingMember),
    summary: { modules: summary.modules, aliases: summary.aliases, severities: { error, warning, note } },
  };
}
