import type { LintRule } from './lint-rule.ts';
import { dashInBracket } from './rules/dash-in-bracket.ts';
import { impossiblePattern } from './rules/impossible-pattern.ts';
import { lowerCaseAcpi } from './rules/lower-case-acpi.ts';
import { unmatchedBracket } from './rules/unmatched-bracket.ts';

export type LintRuleName = 'unmatched-bracket' | 'dash-in-bracket' | 'impossible-pattern' | 'lower-case-acpi';

/** Every rule of lint by its id, in the order of the manual. */
export const LINT_RULES: Readonly<Record<LintRuleName, LintRule>> = {
  'unmatched-bracket': unmatchedBracket,
  'dash-in-bracket': dashInBracket,
  'impossible-pattern': impossiblePattern,
  'lower-case-acpi': lowerCaseAcpi,
};

export const LINT_RULE_NAMES = Object.keys(LINT_RULES) as LintRuleName[];
