import { sep } from 'node:path';
import type { Log, Result as SarifResult } from 'sarif';
import { ModaliasError } from '../../errors.ts';
import { type Report, type Result, subjectOf } from '../report.ts';
import { placeBelow } from './path-below.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * A SARIF 2.1.0 log. Code scanning shows results in files of the repository only, so every result must lie in a file
 * below `folder`. Throws `not-in-repository` where one does not, or none of the inputs does.
 */
export function sarifLog(report: Report, folder: string): string {
  if (!report.inputs.some((input) => placeBelow(folder, input) !== undefined))
    throw outside(`${report.inputs.join(', ')}: no such file is below ${folder}`);
  const rules = report.kinds.map(({ id, severity, about }) => ({
    id,
    shortDescription: { text: about },
    defaultConfiguration: { level: severity },
  }));
  const ruleIndex = new Map(rules.map(({ id }, i) => [id, i]));
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'modalias', rules } },
        automationDetails: { id: `modalias/${report.command}/` },
        columnKind: 'utf16CodeUnits',
        results: report.results.map((result) => sarifResult(report, result, ruleIndex.get(result.kind)!, folder)),
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

function sarifResult(report: Report, result: Result, ruleIndex: number, folder: string): SarifResult {
  const { kind, severity, line, fingerprint, accepted, message } = result;
  const subject = subjectOf(result);
  const place = result.file === null ? undefined : placeBelow(folder, result.file);
  if (!place)
    throw outside(`${kind}: ${subject || message}: in ${result.file ?? 'no file'}, which is not below ${folder}`);
  return {
    ruleId: kind,
    ruleIndex,
    level: severity,
    message: { text: [place.member, subject, message].filter(Boolean).join(': ') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: place.path.split(sep).map(encodeURIComponent).join('/') },
          // GitHub takes no result without a region.
          region: { startLine: line ?? 1 },
        },
      },
    ],
    partialFingerprints: { 'modalias/v1': fingerprint },
    ...(report.hasBaseline ? { baselineState: accepted === null ? ('new' as const) : ('unchanged' as const) } : {}),
    ...(accepted === null ? {} : { suppressions: [{ kind: 'external' as const, justification: accepted.reason }] }),
  };
}

function outside(what: string): ModaliasError {
  const advice = 'a SARIF log can only point to files of the repository; run it there, or choose another --format';
  return new ModaliasError('not-in-repository', `${what}; ${advice}`);
}
