import { needObject } from '../arguments.ts';
import { CODES } from '../codes.ts';
import { readablePath } from '../files/raw-path.ts';
import type { BaselineEntry } from '../packaging/baseline/baseline.ts';
import { busOf } from '../packaging/bus-of.ts';
import type { Finding } from '../packaging/finding.ts';
import { FINDING_RULES, SEVERITIES, type Severity } from '../packaging/rules.ts';
import type { VerifyResult } from '../packaging/verify/verify.ts';
import type { DeviceNames } from './device-names.ts';
import type { Accepted, Kind, Report, Result } from './report.ts';
import { findingMember, verifyDocument } from './verify-json.ts';
import { formatVerifyText } from './verify-text.ts';

/** What a report of findings is made with. */
export interface FindingsReportOptions {
  readonly inputs: readonly string[];
  /** Severities that count for the exit status. */
  readonly failing: readonly Severity[];
  /** Findings that a baseline accepts. Default: there was no baseline. */
  readonly accepted?: ReadonlyMap<Finding, BaselineEntry> | undefined;
  /** Whether the text holds findings only. Default: false. */
  readonly quiet?: boolean | undefined;
  /** What devices are called: `loadDeviceNames()`. */
  readonly namesOf: (pattern: string) => DeviceNames;
}

/** What verify found, for every format. */
export function verifyReport(found: VerifyResult, options: FindingsReportOptions): Report {
  needObject('found', found, 'findings', 'summary');
  needObject('options', options, 'inputs', 'failing', 'namesOf');
  const { findings, summary } = found;
  const failsNotes = options.failing.includes('note');
  const { failed, results, text, document, ...common } = reportOfFindings(findings, options);
  return {
    ...common,
    get results() {
      return results();
    },
    command: 'verify',
    title: summary.release,
    kinds: kindsOf(found),
    remarks: summary.notes.map((note) => ({ ...note, kind: note.rule, fails: failsNotes })),
    facts: [
      ['modules', summary.modules],
      ['tables', summary.tables],
      ['rows', summary.rows],
      ['aliases', summary.aliases],
      ['hand-written', summary.handWritten],
      ['built-in aliases', summary.builtinAliases],
    ],
    failed: failed || (failsNotes && summary.notes.length > 0),
    text: () => formatVerifyText(found, options.quiet) + text(),
    document: () => ({ ...verifyDocument(found), ...document() }),
  };
}

/**
 * What the reports of verify and lint share: the findings that count and those that a baseline accepts, with what the
 * latter add to the text and to the JSON document.
 */
export function reportOfFindings(
  findings: readonly Finding<string>[],
  {
    inputs,
    failing,
    accepted,
    quiet,
    namesOf,
  }: Omit<FindingsReportOptions, 'accepted'> & {
    readonly accepted?: ReadonlyMap<Finding<string>, BaselineEntry> | undefined;
  },
) {
  const isFailing = ({ severity }: Finding<string>) => failing.includes(severity);
  const held = [...(accepted ?? [])];
  let made: readonly Result[] | undefined;
  return {
    inputs,
    // Names of devices take reading long lists, and the text for people has none.
    results: () => {
      made ??= worstFirst([
        ...findings.map((finding) => findingResult(finding, null, isFailing(finding), namesOf)),
        ...held.map(([finding, entry]) => findingResult(finding, acceptedBy(entry), isFailing(finding), namesOf)),
      ]);
      return made;
    },
    lists: [],
    failed: findings.some(isFailing),
    hasBaseline: accepted !== undefined,
    text: () => acceptedLine(held.length, 'finding', quiet),
    document: () =>
      accepted
        ? { accepted: held.map(([finding, entry]) => ({ ...findingMember(finding), ...acceptedBy(entry) })) }
        : {},
  };
}

/** Every rule, and the codes of diagnostics that are noted. */
function kindsOf({ findings, summary }: VerifyResult): Kind[] {
  const rules = Object.entries(FINDING_RULES).map(([id, { severity, about }]) => ({
    id,
    about,
    severity: severity as Severity,
  }));
  const codes = summary.notes
    .filter(({ rule }) => !(rule in FINDING_RULES))
    .map(({ rule }): Kind => ({ id: rule, severity: 'note', about: CODES[rule as keyof typeof CODES] ?? rule }));
  const told = new Map(findings.map(({ rule, severity }) => [rule as string, severity]));
  return worstFirst([...rules, ...codes].map((kind) => ({ ...kind, severity: told.get(kind.id) ?? kind.severity })));
}

/** Errors, then warnings, then notes, otherwise in the order that they have. */
export function worstFirst<T extends { readonly severity: Severity }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** A finding as a result. */
export function findingResult(
  finding: Finding<string>,
  accepted: Accepted | null,
  fails: boolean,
  namesOf: (pattern: string) => DeviceNames,
): Result {
  const { rule, severity, module, table, row, alias, file, line, message, fingerprint, count } = finding;
  const details: [string, string | number | null][] = [
    ['table', table],
    ['row', row],
    ['counts for', count > 1 ? count : null],
  ];
  return {
    kind: rule,
    severity,
    fails: fails && accepted === null,
    module,
    bus: alias === null ? null : busOf(alias),
    pattern: alias,
    names: alias === null ? { vendor: null, device: null } : namesOf(alias),
    file,
    line,
    message: readablePath(message),
    details: details.flatMap(([name, value]) => (value === null ? [] : [[name, String(value)] as const])),
    fingerprint,
    accepted,
  };
}

export function acceptedBy({ reason, until }: BaselineEntry): Accepted {
  return { reason, until: until ?? null };
}

/** What can be wrong with a baseline. */
export const BASELINE_KINDS: readonly Kind[] = (['expired-acceptance', 'unused-acceptance'] as const).map((id) => ({
  id,
  ...FINDING_RULES[id],
}));

/** What the text for people says of what is accepted. */
export function acceptedLine(count: number, what: string, quiet = false): string {
  if (count === 0 || quiet) return '';
  return `\naccepted by the baseline: ${count} ${what}${count === 1 ? '' : 's'}\n`;
}
