import { needObject } from '../../arguments.ts';
import { type AcceptOptions, accept } from '../baseline/accept.ts';
import type { Baseline, BaselineEntry, BaselineMatch } from '../baseline/baseline.ts';
import { busOf } from '../bus-of.ts';
import type { Finding } from '../finding.ts';
import { type Severities, withSeverities } from '../severities.ts';
import type { VerifyResult } from './verify.ts';

/** What a finding is known by in a baseline. */
export function matchOfFinding({ rule, module, alias }: Finding): BaselineMatch {
  const bus = alias === null ? null : busOf(alias);
  return {
    rule,
    ...(bus === null ? {} : { bus }),
    ...(alias === null ? {} : { pattern: alias }),
    ...(module === null ? {} : { module }),
  };
}

/** Entries for findings: those of changes belong to `diff`. */
const FINDINGS: Omit<AcceptOptions<Finding>, 'today'> = {
  matchOf: matchOfFinding,
  concerns: (match) => match.class === undefined,
};

export interface AcceptFindingsOptions {
  /** The day that it is, YYYY-MM-DD. */
  readonly today: string;
  /** What becomes of findings about the baseline itself, by rule. Default: each rule's own. */
  readonly severities?: Severities | undefined;
  /** Whether these are errors. Default: false. */
  readonly werror?: boolean | undefined;
}

/** A result of verify with what a baseline accepts apart from it. */
export interface AcceptedResult {
  readonly result: VerifyResult;
  readonly accepted: ReadonlyMap<Finding, BaselineEntry>;
}

/**
 * A result without the findings that a baseline accepts, with those about the baseline itself, and with what was
 * accepted.
 */
export function acceptFindings(
  result: VerifyResult,
  baseline: Baseline,
  options: AcceptFindingsOptions,
): AcceptedResult {
  needObject('result', result, 'findings', 'summary');
  needObject('baseline', baseline, 'file', 'accepted');
  needObject('options', options, 'today');
  const held = accept(result.findings, baseline, { ...FINDINGS, today: options.today });
  const own = withSeverities(held.findings, [], options).findings;
  const severities = { ...result.summary.severities };
  for (const { severity } of held.accepted.keys()) severities[severity]--;
  for (const { severity } of own) severities[severity]++;
  const findings = [...held.kept, ...own];
  return { result: { findings, summary: { ...result.summary, severities } }, accepted: held.accepted };
}
