import type { LintRule } from './lint-rule.ts';
import { claimsEverything } from './rules/claims-everything.ts';
import { classMask } from './rules/class-mask.ts';
import { dashInBracket } from './rules/dash-in-bracket.ts';
import { driverWithoutTable } from './rules/driver-without-table.ts';
import { impossiblePattern } from './rules/impossible-pattern.ts';
import { lowerCaseAcpi } from './rules/lower-case-acpi.ts';
import { ofOnly } from './rules/of-only.ts';
import { overrideAndPlain } from './rules/override-and-plain.ts';
import { repeatedAlias } from './rules/repeated-alias.ts';
import { rowsAfterEnd } from './rules/rows-after-end.ts';
import { textWithoutEnd } from './rules/text-without-end.ts';
import { unknownOverride } from './rules/unknown-override.ts';
import { unmatchedBracket } from './rules/unmatched-bracket.ts';
import { xzCheck } from './rules/xz-check.ts';

export type LintRuleName =
  | 'unmatched-bracket'
  | 'dash-in-bracket'
  | 'impossible-pattern'
  | 'lower-case-acpi'
  | 'driver-without-table'
  | 'of-only'
  | 'xz-check'
  | 'repeated-alias'
  | 'rows-after-end'
  | 'text-without-end'
  | 'class-mask'
  | 'unknown-override'
  | 'override-and-plain'
  | 'claims-everything';

/** Every rule of lint by its id, in the order of the manual. */
export const LINT_RULES: Readonly<Record<LintRuleName, LintRule>> = {
  'unmatched-bracket': unmatchedBracket,
  'dash-in-bracket': dashInBracket,
  'impossible-pattern': impossiblePattern,
  'lower-case-acpi': lowerCaseAcpi,
  'driver-without-table': driverWithoutTable,
  'of-only': ofOnly,
  'xz-check': xzCheck,
  'repeated-alias': repeatedAlias,
  'rows-after-end': rowsAfterEnd,
  'text-without-end': textWithoutEnd,
  'class-mask': classMask,
  'unknown-override': unknownOverride,
  'override-and-plain': overrideAndPlain,
  'claims-everything': claimsEverything,
};

export const LINT_RULE_NAMES = Object.keys(LINT_RULES) as LintRuleName[];
