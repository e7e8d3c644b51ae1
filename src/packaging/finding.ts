/** Something that is wrong, or looks so. The fields that do not apply are null. */
export interface Finding {
  /** A stable word to filter by. */
  readonly rule: FindingRule;
  readonly severity: 'error' | 'warning';
  readonly module: string | null;
  readonly table: string | null;
  /** Index of the row in its table, the first is 0. */
  readonly row: number | null;
  readonly alias: string | null;
  /** The file in which it shows. */
  readonly file: string | null;
  readonly message: string;
}

/** What verify looks for: its words and how much each matters. */
export const FINDING_RULES = {
  /** A file of a module cannot be read, or a table in it. */
  'unreadable-module': 'error',
  /** An id table asks for an alias that .modinfo does not have. */
  'missing-in-modinfo': 'error',
  /** .modinfo has an alias that looks like a row's, in a module whose table and .modinfo disagree. */
  'extra-in-modinfo': 'error',
  /** An alias with a bracket that has no partner: it is not in the index, and no device finds it. */
  'unmatched-bracket': 'error',
  /** An alias that an index cannot hold whole: longer than 4,095 bytes, or with bytes above 127. */
  'alias-not-indexable': 'error',
  'missing-file': 'error',
  'unreadable-index': 'error',
  'missing-in-text': 'error',
  'extra-in-text': 'error',
  'missing-in-index': 'error',
  'extra-in-index': 'error',
  /** So much differs that the file belongs to other modules. */
  'stale-index': 'error',
  /** The index ranks modules of one alias otherwise than modules.order does. */
  'stale-order': 'warning',
} as const satisfies Record<string, Finding['severity']>;

export type FindingRule = keyof typeof FINDING_RULES;

/** A finding with only the fields that are known; the severity follows from the rule. */
export function finding(
  rule: FindingRule,
  message: string,
  where: Partial<Pick<Finding, 'module' | 'table' | 'row' | 'alias' | 'file'>>,
): Finding {
  const { module = null, table = null, row = null, alias = null, file = null } = where;
  return { rule, severity: FINDING_RULES[rule], module, table, row, alias, file, message };
}

/** What is legitimate but worth knowing: a stable word, how often, and what for. */
export interface Note {
  readonly rule: string;
  readonly count: number;
  readonly message: string;
  readonly examples: readonly string[];
}
