import { needText } from '../../../arguments.ts';
import { linesOf, parseChecked } from '../../checked-json.ts';
import type { SeverityChoice } from '../../severities.ts';
import type { LintRuleName } from '../rules.ts';
import { lintConfigSchema, SCOPES } from './config-schema.ts';

/** Rules about the configuration itself. */
export const CONFIG_RULES = {
  'unused-suppression': {
    severity: 'warning',
    about: 'an entry of modalias.config.json for a module, bus or pattern changes nothing that is found',
  },
} as const;

/** Every rule that a configuration may name. */
export type ConfiguredRule = LintRuleName | 'expired-acceptance' | 'unused-acceptance' | 'unused-suppression';

/** What becomes of what a rule finds: everywhere, or only where each of module, bus and pattern fits that is given. */
export interface LintConfigEntry {
  readonly rule: ConfiguredRule;
  readonly severity: SeverityChoice;
  /** A module's name, in which `*` stands for any text and `?` for a character; `-` and `_` are the same. */
  readonly module?: string | undefined;
  /** A bus as it stands before the colon: `pci`, `of`. */
  readonly bus?: string | undefined;
  /** An alias as it stands in the module, in which `*` and `?` stand for text, too. */
  readonly pattern?: string | undefined;
  readonly reason: string;
  /** Line of the file, the first is 1. */
  readonly line: number;
}

/** What modalias.config.json says, version 1. Of entries that fit the last one holds. */
export interface LintConfig {
  readonly file: string;
  readonly rules: readonly LintConfigEntry[];
}

/** Reads the text of a modalias.config.json. Throws a `ModaliasError` with all problems, each with its JSON pointer. */
export function parseLintConfig(text: string, file: string): LintConfig {
  needText('text', text);
  needText('file', file);
  const { rules } = parseChecked(text, file, lintConfigSchema) as { readonly rules: readonly LintConfigEntry[] };
  const lines = linesOf(text, new Set(rules.map((_, i) => `/rules/${i}`)));
  return { file, rules: rules.map((one, i) => ({ ...one, line: lines.get(`/rules/${i}`)! })) };
}

/** Whether an entry holds for one module, bus or pattern only. */
export const isScoped = (one: LintConfigEntry): boolean => SCOPES.some((name) => one[name] !== undefined);
