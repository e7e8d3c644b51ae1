import { type Acceptance, type AcceptOptions, accept } from '../baseline/accept.ts';
import type { Baseline, BaselineMatch } from '../baseline/baseline.ts';
import { busOf } from '../bus-of.ts';
import { type Finding, warningsAsErrors } from '../finding.ts';
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

/**
 * A result without the findings that a baseline accepts, with those about the baseline itself, and with what was
 * accepted.
 */
export function acceptFindings(
  result: VerifyResult,
  baseline: Baseline,
  { today, werror = false }: { readonly today: string; readonly werror?: boolean | undefined },
): { readonly result: VerifyResult; readonly accepted: Acceptance<Finding>['accepted'] } {
  const held = accept(result.findings, baseline, { ...FINDINGS, today });
  const findings = [...held.kept, ...(werror ? warningsAsErrors(held.findings) : held.findings)];
  const of = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const severities = { ...result.summary.severities, error: of('error'), warning: of('warning') };
  return { result: { findings, summary: { ...result.summary, severities } }, accepted: held.accepted };
}
