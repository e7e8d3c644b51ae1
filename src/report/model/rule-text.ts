import { paragraph } from '../terminal.ts';
import type { FindingExample, FindingRule } from '../../model/findings/finding-rule.ts';

/** What `model check --explain RULE` prints: what, why, an example that fires, one that does not, and the fix. */
export function findingRuleText(
  name: string,
  { severity, what, why, fires, silent, fix }: FindingRule,
  width: number,
): string {
  return [
    paragraph(`${name} (${severity}): ${what}`, width),
    paragraph(why, width),
    `Fires (on ${fires.machine}):\n${indented(fires)}`,
    `Does not fire (on ${silent.machine}):\n${indented(silent)}`,
    paragraph(`Fix: ${fix}`, width),
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

const indented = ({ script }: FindingExample) => script.trimEnd().replace(/^/gm, '    ');
