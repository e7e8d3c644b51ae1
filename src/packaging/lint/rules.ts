import type { LintRule } from './lint-rule.ts';
import { aliasWithoutModule } from './rules/alias-without-module.ts';
import { claimsEverything } from './rules/claims-everything.ts';
import { classMask } from './rules/class-mask.ts';
import { dashInBracket } from './rules/dash-in-bracket.ts';
import { driverWithoutTable } from './rules/driver-without-table.ts';
import { emptyRow } from './rules/empty-row.ts';
import { impossiblePattern } from './rules/impossible-pattern.ts';
import { indexNotOfText } from './rules/index-not-of-text.ts';
import { lowerCaseAcpi } from './rules/lower-case-acpi.ts';
import { malformedLine } from './rules/malformed-line.ts';
import { modprobeWithoutModule } from './rules/modprobe-without-module.ts';
import { ofOnly } from './rules/of-only.ts';
import { overrideAndPlain } from './rules/override-and-plain.ts';
import { redundantAlias } from './rules/redundant-alias.ts';
import { repeatedAlias } from './rules/repeated-alias.ts';
import { rowWithoutAlias } from './rules/row-without-alias.ts';
import { rowsAfterEnd } from './rules/rows-after-end.ts';
import { shadowedAlias } from './rules/shadowed-alias.ts';
import { sharedAlias } from './rules/shared-alias.ts';
import { textWithoutEnd } from './rules/text-without-end.ts';
import { unknownOverride } from './rules/unknown-override.ts';
import { unmatchedBracket } from './rules/unmatched-bracket.ts';
import { variantWithoutGeneric } from './rules/variant-without-generic.ts';
import { wrongTableType } from './rules/wrong-table-type.ts';
import { xzCheck } from './rules/xz-check.ts';

export type LintRuleName =
  | 'unmatched-bracket'
  | 'dash-in-bracket'
  | 'impossible-pattern'
  | 'lower-case-acpi'
  | 'driver-without-table'
  | 'wrong-table-type'
  | 'of-only'
  | 'xz-check'
  | 'repeated-alias'
  | 'redundant-alias'
  | 'rows-after-end'
  | 'empty-row'
  | 'row-without-alias'
  | 'text-without-end'
  | 'class-mask'
  | 'unknown-override'
  | 'override-and-plain'
  | 'variant-without-generic'
  | 'alias-without-module'
  | 'modprobe-without-module'
  | 'malformed-line'
  | 'index-not-of-text'
  | 'claims-everything'
  | 'shadowed-alias'
  | 'shared-alias';

/** Every rule of lint by its id, in the order of the manual. */
export const LINT_RULES: Readonly<Record<LintRuleName, LintRule>> = {
  'unmatched-bracket': unmatchedBracket,
  'dash-in-bracket': dashInBracket,
  'impossible-pattern': impossiblePattern,
  'lower-case-acpi': lowerCaseAcpi,
  'driver-without-table': driverWithoutTable,
  'wrong-table-type': wrongTableType,
  'of-only': ofOnly,
  'xz-check': xzCheck,
  'repeated-alias': repeatedAlias,
  'redundant-alias': redundantAlias,
  'rows-after-end': rowsAfterEnd,
  'empty-row': emptyRow,
  'row-without-alias': rowWithoutAlias,
  'text-without-end': textWithoutEnd,
  'class-mask': classMask,
  'unknown-override': unknownOverride,
  'override-and-plain': overrideAndPlain,
  'variant-without-generic': variantWithoutGeneric,
  'alias-without-module': aliasWithoutModule,
  'modprobe-without-module': modprobeWithoutModule,
  'malformed-line': malformedLine,
  'index-not-of-text': indexNotOfText,
  'claims-everything': claimsEverything,
  'shadowed-alias': shadowedAlias,
  'shared-alias': sharedAlias,
};

export const LINT_RULE_NAMES = Object.keys(LINT_RULES) as LintRuleName[];
