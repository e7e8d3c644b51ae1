import { CODES } from '../codes.ts';
import { ModaliasError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { type Finding, findingsOfNote, type Note } from './finding.ts';
import { FINDING_RULES, type FindingRule, type RuleName, SEVERITIES, type Severity } from './rules.ts';

/** Severities that a rule can be given; `off` leaves out what it finds. */
export type SeverityChoice = Severity | 'off';
export const SEVERITY_CHOICES: readonly SeverityChoice[] = [...SEVERITIES, 'off'];

/** The severities of rules that are to have another than their own. */
export type Severities = Readonly<Partial<Record<RuleName, SeverityChoice>>>;

/** Rules about a baseline itself, which every command has that takes one. */
export const ACCEPTANCE_RULES = ['expired-acceptance', 'unused-acceptance'] as const satisfies readonly FindingRule[];

/** Every name that a severity can be given to: the rules, then the codes of diagnostics that are noted. */
export const SEVERITY_RULES: readonly string[] = [...new Set([...Object.keys(FINDING_RULES), ...Object.keys(CODES)])];

/** Throws `usage` for a rule that does not exist, or a severity. `where` is what the message begins with. */
export function checkSeverities(
  severities: Readonly<Record<string, unknown>>,
  where: string,
  rules: readonly string[] = SEVERITY_RULES,
): void {
  const choices: readonly string[] = SEVERITY_CHOICES;
  for (const [rule, severity] of Object.entries(severities)) {
    if (!rules.includes(rule))
      throw new ModaliasError('usage', `${where}: '${rule}' is not a rule${didYouMean(rule, rules)}`);
    if (!choices.includes(String(severity)))
      throw new ModaliasError(
        'usage',
        `${where}: ${rule}: found '${severity}', expected ${choices.join(', ')}${didYouMean(String(severity), choices)}`,
      );
  }
}

export interface SeverityOptions {
  /** Default: each rule's own. */
  readonly severities?: Severities | undefined;
  /** Whether every warning, asked for or not, is an error. Default: false. */
  readonly werror?: boolean | undefined;
  /** Whether each example of a note that becomes a finding is one of its own. Default: false. */
  readonly all?: boolean | undefined;
}

/**
 * The findings and notes with the severities that were asked for. A finding that is only a note stays a finding; what
 * is noted becomes findings, behind the others, where its rule is given more.
 */
export function withSeverities(
  findings: readonly Finding[],
  notes: readonly Note[],
  { severities = {}, werror = false, all }: SeverityOptions,
): { findings: Finding[]; notes: Note[] } {
  const choices = new Map<string, SeverityChoice>(Object.entries(severities));
  const raised = (severity: Severity) => (werror && severity === 'warning' ? 'error' : severity);
  const judged = findings.flatMap((one): Finding[] => {
    const severity = choices.get(one.rule) ?? one.severity;
    return severity === 'off' ? [] : [{ ...one, severity: raised(severity) }];
  });
  const noted: Note[] = [];
  for (const note of notes) {
    const severity = choices.get(note.rule) ?? 'note';
    if (severity === 'note') noted.push(note);
    else if (severity !== 'off') judged.push(...findingsOfNote(note, raised(severity), all));
  }
  return { findings: judged, notes: noted };
}
