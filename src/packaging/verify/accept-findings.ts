import { needObject } from '../../arguments.ts';
import { accept } from '../baseline/accept.ts';
import type { Baseline, BaselineEntry, BaselineMatch } from '../baseline/baseline.ts';
import { busOf } from '../bus-of.ts';
import type { Finding } from '../finding.ts';
import type { Severity } from '../rules.ts';
import { type Severities, withSeverities } from '../severities.ts';
import type { VerifyResult } from './verify.ts';

/** What a finding is known by in a baseline. */
export function matchOfFinding({ rule, module, alias }: Finding<string>): BaselineMatch {
  const bus = alias === null ? null : busOf(alias);
  return {
    rule,
    ...(bus === null ? {} : { bus }),
    ...(alias === null ? {} : { pattern: alias }),
    ...(module === null ? {} : { module }),
  };
}

export interface AcceptFindingsOptions {
  /** The day that it is, YYYY-MM-DD. */
  readonly today: string;
  /** Rules of other commands: entries for them are neither used nor unused. Default: none. */
  readonly elsewhere?: readonly string[] | undefined;
  /** What becomes of findings about the baseline itself, by rule. Default: each rule's own. */
  readonly severities?: Severities | undefined;
  /** Whether these are errors. Default: false. */
  readonly werror?: boolean | undefined;
}

/** What a command found, with how many findings of each severity there are. */
export interface FindingsResult {
  readonly findings: readonly Finding<string>[];
  readonly summary: { readonly severities: Readonly<Record<Severity, number>> };
}

/** A result of verify or lint with what a baseline accepts apart from it. */
export interface AcceptedResult<T extends FindingsResult = VerifyResult> {
  readonly result: T;
  readonly accepted: ReadonlyMap<T['findings'][number], BaselineEntry>;
}

/**
 * A result of verify or lint without the findings that a baseline accepts, with those about the baseline itself, and
 * with what was accepted.
 */
export function acceptFindings<T extends FindingsResult = VerifyResult>(
  result: T,
  baseline: Baseline,
  options: AcceptFindingsOptions,
): AcceptedResult<T> {
  needObject('result', result, 'findings', 'summary');
  needObject('baseline', baseline, 'file', 'accepted');
  needObject('options', options, 'today');
  const elsewhere = new Set<string | undefined>(options.elsewhere);
  const held = accept<T['findings'][number]>(result.findings, baseline, {
    matchOf: matchOfFinding,
    // Entries of changes belong to diff.
    concerns: (match) => match.class === undefined && !elsewhere.has(match.rule),
    today: options.today,
  });
  const own = withSeverities(held.findings, [], options).findings;
  const severities = { ...result.summary.severities };
  for (const { severity } of held.accepted.keys()) severities[severity]--;
  for (const { severity } of own) severities[severity]++;
  const findings = [...held.kept, ...own];
  return { result: { ...result, findings, summary: { ...result.summary, severities } }, accepted: held.accepted };
}
