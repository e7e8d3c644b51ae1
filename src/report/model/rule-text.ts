import type { FindingExample, FindingRule } from '../../model/findings/finding-rule.ts';

/** What `model check --explain RULE` prints: what, why, an example that fires, one that does not, and the fix. */
export function findingRuleText(name: string, { severity, what, why, fires, silent, fix }: FindingRule): string {
  return [
    `${name} (${severity}): ${what}`,
    why,
    `Fires (on ${fires.machine}):\n${indented(fires)}`,
    `Does not fire (on ${silent.machine}):\n${indented(silent)}`,
    `Fix: ${fix}`,
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

const indented = ({ script }: FindingExample) => script.trimEnd().replace(/^/gm, '    ');
