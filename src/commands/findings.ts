import type { Args } from '../command-line/command.ts';
import { entriesFor } from '../packaging/baseline/accept.ts';
import type { Baseline, BaselineEntry } from '../packaging/baseline/baseline.ts';
import { SEVERITIES, type Severity } from '../packaging/rules.ts';
import type { Severities } from '../packaging/severities.ts';
import { acceptFindings, type FindingsResult, matchOfFinding } from '../packaging/verify/accept-findings.ts';
import { loadDeviceNames } from '../report/device-names.ts';
import type { Report } from '../report/report.ts';
import type { FindingsReportOptions } from '../report/verify-report.ts';
import { writeReport } from './report-options.ts';
import { workerCount } from './workers.ts';

/** The options of the library that verify and lint take from options of the same names. */
export function readingOptions(args: Args) {
  return {
    release: args.kernel as string | undefined,
    packagedRelease: args.release as string | undefined,
    workers: workerCount(args),
    all: args.all === true,
    werror: args.werror === true,
  };
}

/** How findings are checked against a baseline and reported. */
export interface FindingsStyle<T extends FindingsResult> {
  readonly inputs: readonly string[];
  readonly baseline: Baseline | undefined;
  /** The day that it is, YYYY-MM-DD. */
  readonly today: string;
  readonly severities: Severities;
  /** Rules of the other command: a baseline may be for both. */
  readonly elsewhere: readonly string[];
  readonly reportOf: (
    result: T,
    options: Omit<FindingsReportOptions, 'accepted'> & {
      readonly accepted: ReadonlyMap<T['findings'][number], BaselineEntry> | undefined;
    },
  ) => Report;
}

/** Writes the report of verify or lint, without what the baseline accepts. Answers with the exit status. */
export function reportFindings<T extends FindingsResult>(
  result: T,
  args: Args,
  { inputs, baseline, today, severities, elsewhere, reportOf }: FindingsStyle<T>,
): Promise<number> {
  const held =
    baseline && acceptFindings(result, baseline, { today, elsewhere, severities, werror: args.werror === true });
  const report = reportOf(held?.result ?? result, {
    inputs,
    failing: SEVERITIES.slice(0, SEVERITIES.indexOf(args.failOn as Severity) + 1),
    accepted: held?.accepted,
    quiet: args.quiet === true,
    namesOf: loadDeviceNames(),
  });
  return writeReport(report, args, () => entriesFor(result.findings, matchOfFinding, held?.accepted));
}
