import type { Options } from 'yargs';
import { ModaliasError } from '../errors.ts';
import { checkSeverities, SEVERITY_CHOICES, SEVERITY_RULES, type SeverityChoice } from '../packaging/severities.ts';

export const SEVERITY_OPTION: Options = {
  type: 'string',
  array: true,
  defaultDescription: 'RULE=LEVEL,..',
  describe: `Give a rule another severity: ${SEVERITY_CHOICES.join(', ')}; may be repeated, the last one wins. --werror then makes its warnings errors`,
};

/** What completion offers as its value, for these rules. */
export const severityWords = (rules: readonly string[]): readonly string[] =>
  rules.flatMap((rule) => SEVERITY_CHOICES.map((severity) => `${rule}=${severity}`));

/** The severities by rule that the option was given, each RULE=LEVEL or a list of them. Throws `usage`. */
export function severitiesOf(
  values: unknown,
  where: string,
  rules: readonly string[] = SEVERITY_RULES,
): Readonly<Record<string, SeverityChoice>> {
  const pairs = ((values ?? []) as readonly string[]).flatMap((list) => list.split(',')).map((pair) => pair.trim());
  const severities = Object.fromEntries(
    pairs.map((pair): [string, string] => {
      const [, rule, severity] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (rule === undefined || severity === undefined)
        throw new ModaliasError('usage', `${where}: found '${pair}', expected RULE=${SEVERITY_CHOICES.join('|')}`);
      return [rule, severity];
    }),
  );
  checkSeverities(severities, where, rules);
  return severities as Record<string, SeverityChoice>;
}
