import { createHash } from 'node:crypto';
import { FINDING_RULES, type FindingRule, type RuleName, type Severity } from './rules.ts';

/** Something that is wrong, or looks so. The fields that do not apply are null. */
export interface Finding<R extends string = RuleName> {
  /** A stable word to filter by. */
  readonly rule: R;
  /** That of the rule, or the one that was asked for. */
  readonly severity: Severity;
  readonly module: string | null;
  /** The table that makes the alias, or should have. */
  readonly table: string | null;
  /** Index of the row in its table, the first is 0. */
  readonly row: number | null;
  readonly alias: string | null;
  /** The file in which it shows. */
  readonly file: string | null;
  /** Number of the line in the file, the first is 1. */
  readonly line: number | null;
  readonly message: string;
  /** Stays the same while rule, module and alias do, wherever the directory lies and whatever the lines. */
  readonly fingerprint: string;
  /** How many aliases, lines, files or modules it covers. */
  readonly count: number;
}

/** Where something was found, as far as is known, and what. */
export interface Item<R extends string = FindingRule>
  extends Partial<Pick<Finding, 'module' | 'table' | 'row' | 'alias' | 'file' | 'line'>> {
  readonly message: string;
  /** A rule of its own, where the cause sums up several. */
  readonly rule?: R;
  /** What tells it from others of the same rule, module and alias, as part of the fingerprint. Default: nothing. */
  readonly key?: string;
}

/** One thing that went wrong, and everything that shows it: reported once, or item by item. */
export interface Cause<R extends string = FindingRule> {
  readonly rule: R;
  /** At least one. */
  readonly items: readonly Item<R>[];
  /** What is said in place of the first item's message, and of the number of the others. */
  readonly summary?: string;
  /** What the other items are called: `such aliases`. */
  readonly others?: string;
  /** What to do, after a semicolon. */
  readonly advice?: string;
}

/** A cause of a single item. */
export function cause(rule: FindingRule, message: string, where: Omit<Item, 'message' | 'rule'>): Cause {
  return { rule, items: [{ message, ...where }] };
}

/** What a single other item is called. */
const ONE_OF: Readonly<Record<string, string>> = {
  'such aliases': 'such alias',
  'such lines': 'such line',
  'such modules': 'such module',
};

/** Most items of one cause that are reported each; more become one finding that counts them. */
const FEW = 3;

/** The items as causes: each its own if there are three or fewer, one that counts them otherwise. */
export function fewOrOne<R extends string = FindingRule>(
  rule: R,
  items: readonly Item<R>[],
  others = 'such aliases',
): Cause<R>[] {
  if (items.length > FEW) return [{ rule, items, others }];
  return items.map((item) => ({ rule, items: [item] }));
}

/** The findings of the causes: one for each, or one for each of their items. */
export function findingsOf(causes: Iterable<Cause>, all = false): Finding[] {
  return gradedFindings(causes, (rule) => FINDING_RULES[rule].severity, all);
}

/** The same for rules with severities of their own. */
export function gradedFindings<R extends string>(
  causes: Iterable<Cause<R>>,
  severityOf: (rule: R) => Severity,
  all = false,
): Finding<R>[] {
  const findings: Finding<R>[] = [];
  for (const one of causes) {
    const advice = one.advice === undefined ? '' : `; ${one.advice}`;
    const add = (item: Item<R>, rule: R, message: string, count: number) =>
      findings.push(finding(rule, severityOf(rule), { ...item, message: message + advice }, count));
    if (all) for (const item of one.items) add(item, item.rule ?? one.rule, item.message, 1);
    else {
      const [first, ...rest] = one.items as [Item<R>, ...Item<R>[]];
      const others = one.others && ` ${rest.length === 1 ? (ONE_OF[one.others] ?? one.others) : one.others}`;
      const more = rest.length > 0 ? ` (and ${rest.length} more${others ?? ''})` : '';
      add(first, one.rule, one.summary ?? first.message + more, one.items.length);
    }
  }
  return findings;
}

function finding<R extends string>(rule: R, severity: Severity, item: Item<R>, count: number): Finding<R> {
  const { module = null, table = null, row = null, alias = null, file = null, line = null, message } = item;
  const fingerprint = fingerprintOf(rule, module, alias, file, item.key);
  return { rule, severity, module, table, row, alias, file, line, message, fingerprint, count };
}

/** What is noted as findings of a severity: one that counts it and shows its examples, or one for each of them. */
export function findingsOfNote({ rule, count, message, examples }: Note, severity: Severity, all = false): Finding[] {
  const of = (text: string, number: number, name: string): Finding => ({
    rule,
    severity,
    module: null,
    table: null,
    row: null,
    alias: null,
    file: null,
    line: null,
    message: text,
    fingerprint: fingerprintOf(rule, null, null, name),
    count: number,
  });
  if (all && examples.length > 0) return examples.map((example) => of(`${message}: ${example}`, 1, example));
  const more = count > examples.length && examples.length > 0 ? ` (and ${count - examples.length} more)` : '';
  return [of([message, examples.join('; ')].filter(Boolean).join(': ') + more, count, '')];
}

/**
 * A hash of rule, module and alias, and the key where there is one; of rule and the file's name where there is neither
 * module nor alias. 16 hexadecimal digits.
 */
function fingerprintOf(
  rule: string,
  module: string | null,
  alias: string | null,
  file: string | null,
  key?: string,
): string {
  const name = module === null && alias === null ? (file?.slice(file.lastIndexOf('/') + 1) ?? '') : '';
  const text = [rule, module ?? '', alias ?? '', name, ...(key === undefined ? [] : [key])].join('\0');
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16);
}

/** What is legitimate but worth knowing: a stable word, how often, and what for. */
export interface Note {
  readonly rule: RuleName;
  readonly count: number;
  readonly message: string;
  /** The first three, or all where they were asked for. */
  readonly examples: readonly string[];
}
