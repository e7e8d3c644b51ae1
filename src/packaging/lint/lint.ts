import { needObject, needTexts } from '../../arguments.ts';
import { type Cause, type Finding, fewOrOne, gradedFindings, type Item } from '../finding.ts';
import type { Severity } from '../rules.ts';
import { ACCEPTANCE_RULES, checkSeverities, type SeverityChoice } from '../severities.ts';
import type { LintModule } from './lint-module.ts';
import type { LintItem } from './lint-rule.ts';
import { type LintReadOptions, readLintModules } from './read-modules.ts';
import { LINT_RULE_NAMES, LINT_RULES, type LintRuleName } from './rules.ts';

/** A finding of a rule of lint, or about the baseline that its findings were held against. */
export type LintFinding = Finding<LintRuleName | 'expired-acceptance' | 'unused-acceptance'>;

export interface LintSummary {
  readonly modules: number;
  readonly aliases: number;
  /** How many findings of each severity there are. */
  readonly severities: Readonly<Record<Severity, number>>;
}

export interface LintResult {
  readonly findings: readonly LintFinding[];
  readonly summary: LintSummary;
}

/** Every name that a severity can be given to. */
export const LINT_SEVERITY_RULES: readonly string[] = [...LINT_RULE_NAMES, ...ACCEPTANCE_RULES];

/** The severities of rules that are to have another than their own. */
export type LintSeverities = Readonly<Partial<Record<LintFinding['rule'], SeverityChoice>>>;

export interface LintOptions extends LintReadOptions {
  /** Whether every alias is a finding of its own, however many of a module there are. Default: false. */
  readonly all?: boolean | undefined;
  /** What becomes of findings, by rule: `error`, `warning`, `note`, or `off`. Default: each rule's own. */
  readonly severities?: LintSeverities | undefined;
  /** Whether every warning is an error. Default: false. */
  readonly werror?: boolean | undefined;
  /** Called after each module. Default: nothing is called. */
  readonly onModule?: (() => void) | undefined;
}

/**
 * Looks for faults in the aliases and id tables of JSON id tables (`-`: standard input), modules.alias, module files,
 * modules directories and packages; `LINT_RULES` lists what is looked for. Throws `usage` for an unknown rule or
 * severity, and what `readLintModules` throws.
 */
export async function lint(paths: readonly string[], options: LintOptions = {}): Promise<LintResult> {
  needTexts('paths', paths);
  needObject('options', options);
  const { severities = {}, werror = false } = options;
  checkSeverities(severities, 'severities', LINT_SEVERITY_RULES);
  const severityOf = (name: LintRuleName) => severities[name] ?? LINT_RULES[name].severity;
  const active = LINT_RULE_NAMES.filter((name) => severityOf(name) !== 'off');
  const graded = (name: LintRuleName): Severity => {
    const severity = severityOf(name) as Severity;
    return werror && severity === 'warning' ? 'error' : severity;
  };
  const findings: LintFinding[] = [];
  let modules = 0;
  let aliases = 0;
  for await (const module of readLintModules(paths, options)) {
    for (const finding of gradedFindings(causesIn(module, active), graded, options.all)) findings.push(finding);
    modules++;
    aliases += module.aliases.length;
    options.onModule?.();
  }
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    findings,
    summary: {
      modules,
      aliases,
      severities: { error: count('error'), warning: count('warning'), note: count('note') },
    },
  };
}

/** What the rules find in a module, a cause for each rule if it finds much. */
function causesIn(module: LintModule, rules: readonly LintRuleName[]): Cause<LintRuleName>[] {
  const found = rules.map((name) => [name, [...LINT_RULES[name].module(module)]] as const);
  const pointers = new Set(found.flatMap(([, items]) => items.flatMap((item) => pointerOf(item) ?? [])));
  const lines = pointers.size > 0 ? module.lines?.(pointers) : undefined;
  const placed = (item: LintItem): Item<LintRuleName> => ({
    module: module.module,
    file: module.file,
    alias: item.alias?.alias ?? null,
    table: item.table ?? item.alias?.table ?? null,
    row: item.row ?? item.alias?.row ?? null,
    line: item.alias?.line ?? lines?.get(pointerOf(item) ?? '') ?? null,
    message: item.message,
  });
  return found.flatMap(([name, items]) => fewOrOne(name, items.map(placed), 'in this module'));
}

const pointerOf = ({ pointer, alias }: LintItem) => pointer ?? alias?.pointer;
