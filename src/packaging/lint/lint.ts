import { needObject, needTexts } from '../../arguments.ts';
import { type Finding, fewOrOne, gradedFindings, type Item } from '../finding.ts';
import { grouped } from '../../grouped.ts';
import { SEVERITIES, type Severity } from '../rules.ts';
import { ACCEPTANCE_RULES, checkSeverities, type SeverityChoice } from '../severities.ts';
import { Severities } from './config/configured.ts';
import { CONFIG_RULES, type ConfiguredRule, type LintConfig } from './config/lint-config.ts';
import { isBare, mentionsOf } from './mentions.ts';
import { itemOf, itemsIn, moduleRules } from './module-rules.ts';
import { type LintReadOptions, readLintInputs } from './read-inputs.ts';
import { LINT_RULE_NAMES, LINT_RULES, type LintRuleName } from './rules.ts';

/** A finding of a rule of lint, or about the configuration or the baseline that its findings were checked against. */
export type LintFinding = Finding<ConfiguredRule>;

export interface LintSummary {
  readonly modules: number;
  readonly aliases: number;
  /** How many findings of each severity there are. */
  readonly severities: Readonly<Record<Severity, number>>;
  /** How many things that rules found a configuration switches off for their module, bus or pattern. */
  readonly suppressed: number;
}

export interface LintResult {
  readonly findings: readonly LintFinding[];
  readonly summary: LintSummary;
}

/** Every name that a severity can be given to. */
export const LINT_SEVERITY_RULES: readonly string[] = [
  ...LINT_RULE_NAMES,
  ...Object.keys(CONFIG_RULES),
  ...ACCEPTANCE_RULES,
];

/** The severities of rules that are to have another than their own. */
export type LintSeverities = Readonly<Partial<Record<LintFinding['rule'], SeverityChoice>>>;

export interface LintOptions extends LintReadOptions {
  /** Whether every alias is a finding of its own, however many of a module there are. Default: false. */
  readonly all?: boolean | undefined;
  /** What becomes of findings, by rule: `error`, `warning`, `note`, or `off`. Default: what `config` says. */
  readonly severities?: LintSeverities | undefined;
  /** What becomes of findings, by rule, module, bus and pattern; see `parseLintConfig`. Default: each rule's own. */
  readonly config?: LintConfig | undefined;
  /** Whether every warning is an error. Default: false. */
  readonly werror?: boolean | undefined;
  /** Called after each module. Default: nothing is called. */
  readonly onModule?: (() => void) | undefined;
}

/**
 * Looks for faults in the aliases and id tables of JSON id tables (`-`: standard input), modules.alias, module files,
 * modules directories and packages, and in modprobe.d; `LINT_RULES` lists what is looked for. Throws `usage` for an
 * unknown rule or severity, and what `readLintInputs` throws.
 */
export async function lint(paths: readonly string[], options: LintOptions = {}): Promise<LintResult> {
  needTexts('paths', paths);
  needObject('options', options);
  const { severities: asked = {}, config, werror = false, all } = options;
  if (config !== undefined) needObject('options.config', config, 'file', 'rules');
  checkSeverities(asked, 'severities', LINT_SEVERITY_RULES);
  const severities = new Severities(asked, config);
  const active = LINT_RULE_NAMES.filter((name) => severities.isActive(name));
  const inModule = moduleRules(active);
  const raised = (severity: Severity) => (werror && severity === 'warning' ? 'error' : severity);
  const findings: LintFinding[] = [];
  const judge = (rule: LintRuleName, items: readonly Item<LintRuleName>[]) => {
    if (items.length === 0) return;
    const graded = items.map((item) => [severities.of(rule, item.module ?? null, item.alias ?? null), item] as const);
    for (const severity of SEVERITIES) {
      const own = graded.filter(([its]) => its === severity).map(([, item]) => item);
      const causes = fewOrOne(rule, own, own[0]?.module === null ? 'such lines' : 'in this module');
      for (const one of gradedFindings(causes, () => raised(severity), all)) findings.push(one);
    }
  };
  let modules = 0;
  let aliases = 0;
  for await (const input of readLintInputs(paths, options)) {
    const across = active.flatMap((name) => {
      const { mentions, across: begin } = LINT_RULES[name];
      return begin ? [{ name, mentions, ...begin(input) }] : [];
    });
    severities.seesInput(input);
    for await (const module of input.modules) {
      severities.seesModule(module);
      if (!isBare(module)) {
        const mentioned = mentionsOf(module);
        for (const { mentions, see } of across) if (see && mentioned(mentions)) see(module);
        for (const [rule, items] of itemsIn(module, inModule, mentioned)) judge(rule, items);
      }
      modules++;
      aliases += module.texts.length;
      options.onModule?.();
    }
    for (const { name, done } of across)
      for (const items of grouped([...done()].map(itemOf), ({ module }) => module).values()) judge(name, items);
  }
  const unused = severities.ofConfig('unused-suppression');
  if (unused !== 'off') for (const one of gradedFindings(severities.unused(), () => raised(unused))) findings.push(one);
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    findings,
    summary: {
      modules,
      aliases,
      severities: { error: count('error'), warning: count('warning'), note: count('note') },
      suppressed: severities.suppressed,
    },
  };
}
