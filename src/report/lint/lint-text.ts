import type { LintResult } from '../../packaging/lint/lint.ts';
import type { LintExample, LintRule } from '../../packaging/lint/lint-rule.ts';
import { paragraph } from '../terminal.ts';
import { formatFinding } from '../verify-text.ts';

/** What lint prints for people: a paragraph for each finding, and the sum; if `quiet`, the findings only. */
export function formatLintText({ findings, summary }: LintResult, quiet = false): string {
  const parts = findings.map(formatFinding);
  const { modules, aliases, severities } = summary;
  const counts = [
    [severities.error, 'error'],
    [severities.warning, 'warning'],
    [severities.note, 'note'],
  ] as const;
  const found = counts.filter(([count]) => count > 0).map(([count, word]) => countOf(count, word));
  if (!quiet)
    parts.push(
      `${countOf(modules, 'module')}, ${aliases} alias${aliases === 1 ? '' : 'es'}: ${found.length > 0 ? found.join(', ') : 'no findings'}${summary.suppressed > 0 ? `; ${summary.suppressed} suppressed by the configuration` : ''}`,
    );
  return parts.map((part) => `${part}\n`).join('\n');
}

const countOf = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** What `lint --explain` prints of a rule; only the examples may be wider than that. */
export function formatLintRule(name: string, rule: LintRule, width: number): string {
  const severity = rule.severity === 'off' ? 'off unless asked for' : rule.severity;
  return [
    paragraph(`${name} (${severity}): ${rule.what}`, width),
    paragraph(rule.why, width),
    `Fires:\n${indented(rule.fires)}`,
    `Does not fire:\n${indented(rule.silent)}`,
    paragraph(`Fix: ${rule.fix}`, width),
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

const indented = ({ text }: LintExample) => text.trimEnd().replace(/^/gm, '    ');
