import { didYouMistype } from '../../../nearest.ts';
import { fnmatch } from '../../../pattern/fnmatch.ts';
import { underscored } from '../../../pattern/normalize.ts';
import { busOf } from '../../bus-of.ts';
import type { Cause } from '../../finding.ts';
import type { SeverityChoice } from '../../severities.ts';
import type { LintInput } from '../lint-input.ts';
import type { LintModule } from '../lint-module.ts';
import type { LintInputKind } from '../lint-rule.ts';
import { LINT_RULES, type LintRuleName } from '../rules.ts';
import { CONFIG_RULES, type ConfiguredRule, isScoped, type LintConfig, type LintConfigEntry } from './lint-config.ts';

interface Scope {
  readonly entry: LintConfigEntry;
  readonly fits: (module: string | null, alias: string | null) => boolean;
  /** Whether it may be about a module of this name. */
  readonly names: (module: string) => boolean;
  /** Whether it decided about something. */
  used: boolean;
  /** Whether what it names was looked at by its rule. */
  seen: boolean;
}

/** The severities of what the rules find: those asked for, else what a configuration says, else each rule's own. */
export class Severities {
  /** What a configuration says of rules everywhere, with those asked for over it. */
  readonly general: Readonly<Partial<Record<ConfiguredRule, SeverityChoice>>>;
  readonly #scopes = new Map<ConfiguredRule, Scope[]>();
  readonly #file: string;
  readonly #names = new Set<string>();
  #suppressed = 0;

  constructor(asked: Readonly<Partial<Record<ConfiguredRule, SeverityChoice>>>, config: LintConfig | undefined) {
    const general: Partial<Record<ConfiguredRule, SeverityChoice>> = {};
    this.#file = config?.file ?? '';
    for (const entry of config?.rules ?? []) {
      if (!isScoped(entry)) general[entry.rule] = entry.severity;
      else this.#scopes.set(entry.rule, [...(this.#scopes.get(entry.rule) ?? []), scopeOf(entry)]);
    }
    this.general = { ...general, ...asked };
  }

  /** How many things that rules found a configuration has switched off for their module, bus or pattern. */
  get suppressed(): number {
    return this.#suppressed;
  }

  /** Whether a rule may report anything. */
  isActive(rule: LintRuleName): boolean {
    return this.#own(rule) !== 'off' || (this.#scopes.get(rule) ?? []).some(({ entry }) => entry.severity !== 'off');
  }

  /** The severity of something that a rule found. Which entries decide anything is kept for `unused`. */
  of(rule: LintRuleName, module: string | null, alias: string | null): SeverityChoice {
    const scope = this.#scopes.get(rule)?.findLast(({ fits }) => fits(module, alias));
    if (!scope) return this.#own(rule);
    scope.used = true;
    if (scope.entry.severity === 'off') this.#suppressed++;
    return scope.entry.severity;
  }

  /** The severity of what is wrong with the configuration itself. */
  ofConfig(rule: keyof typeof CONFIG_RULES): SeverityChoice {
    return this.general[rule] ?? CONFIG_RULES[rule].severity;
  }

  /**
   * Takes note that an input is looked at: entries for it may be used. Where all modules are there, one that names none
   * of them may be as well.
   */
  seesInput({ kernel, isWhole }: LintInput): void {
    const hasFiles = kernel?.loadable !== undefined;
    this.#sees(({ needs = 'aliases' }) => {
      if (needs === 'kernel') return kernel !== undefined;
      if (needs === 'modprobe.d') return kernel?.modprobe !== undefined;
      return isWhole && (needs === 'aliases' || hasFiles);
    });
  }

  /** Takes note that a module is looked at. */
  seesModule({ module, tables, drivers }: LintModule): void {
    if (this.#scopes.size === 0) return;
    this.#names.add(module);
    this.#sees(
      ({ needs = 'aliases' }, { names }) =>
        (needs === 'aliases' ||
          (needs === 'rows' && tables !== undefined) ||
          (needs === 'code' && drivers !== undefined)) &&
        names(module),
    );
  }

  #sees(does: (rule: { readonly needs?: LintInputKind }, scope: Scope) => boolean): void {
    for (const [rule, scopes] of this.#scopes)
      for (const scope of scopes) scope.seen ||= does(LINT_RULES[rule as LintRuleName], scope);
  }

  /** A cause for each entry that decided nothing although its rule looked at what it names. */
  *unused(): Generator<Cause<'unused-suppression'>> {
    for (const scopes of this.#scopes.values())
      for (const { entry, used, seen, names } of scopes) {
        if (used || !seen) continue;
        const { rule, module, bus, pattern, line } = entry;
        const about = Object.entries({ module, bus, pattern }).flatMap(([name, value]) =>
          value === undefined ? [] : `${name} ${value}`,
        );
        yield {
          rule: 'unused-suppression',
          items: [
            {
              module: module ?? null,
              alias: pattern ?? null,
              file: this.#file,
              line,
              key: [rule, bus].join(' '),
              message: `${rule} for ${about.join(', ')}: ${this.#whyUnused(entry, names)}`,
            },
          ],
        };
      }
  }

  #whyUnused({ rule, module }: LintConfigEntry, names: Scope['names']): string {
    const { needs = 'aliases' } = LINT_RULES[rule as LintRuleName];
    // What the others find may be about modules that are not there.
    const ofModules = needs === 'aliases' || needs === 'rows' || needs === 'code';
    const all = [...this.#names];
    return module !== undefined && ofModules && !all.some(names)
      ? `no module here has that name; remove the entry${didYouMistype(underscored(module), all)}`
      : 'changes nothing that is found; remove the entry';
  }

  #own(rule: LintRuleName): SeverityChoice {
    return this.general[rule] ?? LINT_RULES[rule].severity;
  }
}

function scopeOf(entry: LintConfigEntry): Scope {
  const wild = (text: string) => text.replace(/[[\]\\]/g, '\\$&');
  const module = entry.module === undefined ? undefined : wild(underscored(entry.module));
  const pattern = entry.pattern === undefined ? undefined : wild(entry.pattern);
  const names = (name: string) => module === undefined || fnmatch(module, underscored(name));
  return {
    entry,
    names,
    fits: (name, alias) =>
      (module === undefined || (name !== null && names(name))) &&
      (pattern === undefined || (alias !== null && fnmatch(pattern, alias))) &&
      (entry.bus === undefined || (alias !== null && busOf(alias) === entry.bus)),
    used: false,
    seen: false,
  };
}
