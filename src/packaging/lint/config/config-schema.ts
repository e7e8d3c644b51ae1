import * as v from 'valibot';
import { didYouMean } from '../../../nearest.ts';
import { strictObject } from '../../checked-json.ts';
import { ACCEPTANCE_RULES, SEVERITY_CHOICES } from '../../severities.ts';
import { LINT_RULE_NAMES } from '../rules.ts';

/** Rules that are not about one module, bus or pattern. */
export const GENERAL_RULES = [...ACCEPTANCE_RULES, 'unused-suppression'] as const;

const RULES = [...LINT_RULE_NAMES, ...GENERAL_RULES];
const WORD = 'a text that is not empty';
const word = v.optional(v.pipe(v.string(WORD), v.minLength(1, WORD)));
/** The members that say for what an entry holds. */
export const SCOPES = ['module', 'bus', 'pattern'] as const;

const entry = v.pipe(
  strictObject(
    {
      rule: v.picklist(
        RULES,
        ({ input }) =>
          `a rule of lint (modalias-rules(7) and modalias lint --help list them)${typeof input === 'string' ? didYouMean(input, RULES) : ''}`,
      ),
      severity: v.picklist(SEVERITY_CHOICES, SEVERITY_CHOICES.join(', ')),
      module: word,
      bus: word,
      pattern: word,
      reason: v.pipe(v.string(WORD), v.regex(/\S/, 'the reason for it')),
    },
    'an object {rule, severity, module, bus, pattern, reason}',
  ),
  v.check(
    ({ rule, ...other }) =>
      !(GENERAL_RULES as readonly unknown[]).includes(rule) || SCOPES.every((name) => other[name] === undefined),
    'no module, bus or pattern for a rule about the configuration or the baseline',
  ),
);

/** What a configuration is checked with; the JSON Schema of the package is made of it. */
export const lintConfigSchema = strictObject(
  {
    $schema: v.optional(v.string(WORD)),
    version: v.literal(1, '1, the version of the format that is known here'),
    rules: v.array(entry, 'an array of entries {rule, severity, module, bus, pattern, reason}'),
  },
  'an object {version, rules}',
);
