import { needObject } from '../../arguments.ts';
import type { BaselineEntry } from '../../packaging/baseline/baseline.ts';
import type { Finding } from '../../packaging/finding.ts';
import { CONFIG_RULES } from '../../packaging/lint/config/lint-config.ts';
import type { LintResult } from '../../packaging/lint/lint.ts';
import { LINT_RULE_NAMES, LINT_RULES } from '../../packaging/lint/rules.ts';
import { FINDING_RULES, type Severity } from '../../packaging/rules.ts';
import { ACCEPTANCE_RULES } from '../../packaging/severities.ts';
import type { Kind, Report } from '../report.ts';
import { findingMember } from '../verify-json.ts';
import { type FindingsReportOptions, reportOfFindings, worstFirst } from '../verify-report.ts';
import { formatLintText } from './lint-text.ts';

/** What lint found, for every format. */
export function lintReport(found: LintResult, options: LintReportOptions): Report {
  needObject('found', found, 'findings', 'summary');
  needObject('options', options, 'inputs', 'failing', 'namesOf');
  const { findings, summary } = found;
  const { results, text, document, ...common } = reportOfFindings(findings, options);
  return {
    ...common,
    get results() {
      return results();
    },
    command: 'lint',
    title: options.inputs.join(', '),
    kinds: kindsOf(found),
    remarks: [],
    facts: [
      ['modules', summary.modules],
      ['aliases', summary.aliases],
      ...(summary.suppressed > 0 ? [['suppressed', summary.suppressed] as const] : []),
    ],
    text: () => formatLintText(found, options.quiet) + text(),
    document: () => ({ ...lintDocument(found), ...document() }),
  };
}

/** What a report of lint is made with. */
export interface LintReportOptions extends Omit<FindingsReportOptions, 'accepted'> {
  /** Findings that a baseline accepts. Default: there was no baseline. */
  readonly accepted?: ReadonlyMap<Finding<string>, BaselineEntry> | undefined;
}

/** Every rule; those that are off count as notes unless they found something. */
function kindsOf({ findings }: LintResult): Kind[] {
  const told = new Map<string, Severity>(findings.map(({ rule, severity }) => [rule, severity]));
  const rules = LINT_RULE_NAMES.map((id): Kind => {
    const { severity, what } = LINT_RULES[id];
    return { id, severity: severity === 'off' ? 'note' : severity, about: what };
  });
  const own = [
    ...Object.entries(CONFIG_RULES).map(([id, rule]): Kind => ({ id, ...rule })),
    ...ACCEPTANCE_RULES.map((id): Kind => ({ id, ...FINDING_RULES[id] })),
  ];
  return worstFirst([...rules, ...own].map((kind) => ({ ...kind, severity: told.get(kind.id) ?? kind.severity })));
}

/** The JSON document of lint, version 1. */
function lintDocument({ findings, summary }: LintResult) {
  const { error, warning, note } = summary.severities;
  return {
    version: 1,
    findings: findings.map(findingMember),
    summary: {
      modules: summary.modules,
      aliases: summary.aliases,
      severities: { error, warning, note },
      suppressed: summary.suppressed,
    },
  };
}
