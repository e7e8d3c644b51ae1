import type { BaselineEntry } from '../packaging/baseline/baseline.ts';
import { busOf } from '../packaging/bus-of.ts';
import type { Acceptable } from '../packaging/diff/accept-changes.ts';
import { type ChangeClass, CLASSES, UNDECIDED } from '../packaging/change-classes.ts';
import type { Change, Undecided } from '../packaging/diff/change.ts';
import type { Difference } from '../packaging/diff/diff.ts';
import type { DiffSide } from '../packaging/diff/side.ts';
import type { Finding } from '../packaging/finding.ts';
import type { Severity } from '../packaging/rules.ts';
import { builtinRemarks } from './builtin-remarks.ts';
import { changeDocument, diffDocument, fingerprintOfChange } from './diff-json.ts';
import { type DiffStyle, formatDiffText, MEANINGS } from './diff-text.ts';
import type { Accepted, Kind, Remark, Report, Result } from './report.ts';
import { fold } from './terminal.ts';
import { acceptedBy, acceptedLine, BASELINE_KINDS, findingResult } from './verify-report.ts';
import { formatFinding } from './verify-text.ts';

/** How much a change of each class matters; the others are worth knowing. */
const SEVERITIES: Readonly<Partial<Record<ChangeClass, Severity>>> = {
  lost: 'error',
  generic: 'error',
  dropped: 'warning',
  moved: 'warning',
  narrowed: 'error',
  'override-only': 'error',
};

const UNDECIDED_KIND: Kind = {
  id: UNDECIDED,
  severity: 'warning',
  about: 'whether their module still serves them could not be decided',
};

/** What a report of a difference is made with. */
export interface DiffReportOptions extends Pick<DiffStyle, 'namesOf' | 'listed' | 'isPart'> {
  readonly sides: readonly [old: DiffSide, now: DiffSide];
  /** What counts for the exit status: classes, `undecided` and rules of the baseline. */
  readonly failing: (kind: string) => boolean;
  /** What a baseline accepts, and what is wrong with it; undefined where there was none. */
  readonly baseline?:
    | {
        readonly accepted: Difference;
        readonly entries: ReadonlyMap<Acceptable, BaselineEntry>;
        readonly findings: readonly Finding[];
      }
    | undefined;
}

/** What differs, for every format. Results are made when a format asks for them, as names take a while to find. */
export function diffReport(difference: Difference, options: DiffReportOptions): Report {
  const { sides, namesOf, listed, isPart, baseline, failing } = options;
  const [old, now] = sides;
  const accepted = baseline ? itemsOf(baseline.accepted) : [];
  const remarks = builtinRemarks(sides, difference.changes);
  let made: readonly Result[] | undefined;
  return {
    command: 'diff',
    title: `${called(old)} -> ${called(now)}`,
    inputs: [...old.inputs, ...now.inputs],
    kinds: kindsOf(baseline !== undefined),
    get results() {
      made ??= resultsOf(difference, accepted, options);
      return made;
    },
    remarks,
    facts: [],
    lists: [
      ['renamed', difference.renamed.map(({ from, to }) => `${from.join(', ')} -> ${to.join(', ')}`)],
      ['modules gone', difference.modules.gone],
      ['modules new', difference.modules.new],
    ],
    failed:
      itemsOf(difference).some((item) => failing('side' in item ? UNDECIDED : item.class)) ||
      (baseline?.findings ?? []).some(({ rule }) => failing(rule)),
    hasBaseline: baseline !== undefined,
    text: (width) =>
      formatDiffText(sides, difference, { width, namesOf, listed, isPart, accepted: accepted.length }) +
      remarks.map((remark) => `\n${remarkLines(remark, width).join('\n')}\n`).join('') +
      (baseline?.findings ?? []).map((finding) => `\n${fold(formatFinding(finding), width).join('\n')}\n`).join('') +
      acceptedLine(accepted.length, 'change'),
    document: () => ({
      ...diffDocument(sides, difference, namesOf),
      ...(baseline
        ? {
            findings: baseline.findings,
            accepted: accepted.map((item) => ({
              ...('side' in item ? { class: UNDECIDED, ...item } : changeDocument(item, namesOf)),
              ...acceptedBy(baseline.entries.get(item)!),
            })),
          }
        : {}),
    }),
  };
}

const remarkLines = ({ kind, count, message, examples }: Remark, width: number) => [
  ...fold(`note: ${kind}: ${count}: ${message}`, width),
  ...fold(examples, width, '    '),
];

const called = ({ release, inputs }: DiffSide) => release ?? inputs.join(' + ');

const itemsOf = ({ changes, other, undecided }: Difference): Acceptable[] => [...changes, ...other, ...undecided];

function kindsOf(hasBaseline: boolean): Kind[] {
  return [
    ...CLASSES.map((id) => ({ id, severity: SEVERITIES[id] ?? 'note', about: MEANINGS[id] })),
    UNDECIDED_KIND,
    ...(hasBaseline ? BASELINE_KINDS : []),
  ];
}

function resultsOf(difference: Difference, accepted: readonly Acceptable[], options: DiffReportOptions): Result[] {
  const { baseline, failing, namesOf } = options;
  const file = fileOf(options.sides);
  const results = [
    ...itemsOf(difference).map((item) => itemResult(item, null, file, options)),
    ...(baseline?.findings ?? []).map((finding) => findingResult(finding, null, failing(finding.rule), namesOf)),
    ...accepted.map((item) => itemResult(item, acceptedBy(baseline!.entries.get(item)!), file, options)),
  ];
  const order = new Map(kindsOf(true).map(({ id }, i) => [id, i]));
  return results.sort((a, b) => order.get(a.kind)! - order.get(b.kind)!);
}

function itemResult(
  item: Acceptable,
  accepted: Accepted | null,
  file: string | null,
  { failing, namesOf }: DiffReportOptions,
): Result {
  const { pattern } = item;
  const common = { pattern, bus: busOf(pattern), names: namesOf(pattern), file, line: null, accepted };
  const told = 'side' in item ? undecidedResult(item) : changeResult(item);
  return { ...common, ...told, fails: accepted === null && failing(told.kind) };
}

function changeResult(change: Change) {
  const { class: name, becomes, example, old, new: now, by, modules, pattern, package: packages, rows } = change;
  const answers = `${old.join(', ') || 'none'} -> ${now.join(', ') || 'none'}`;
  const details: [string, string][] = [
    ['example', example],
    ['old', old.join(', ')],
    ['new', now.join(', ')],
    ['becomes', becomes ?? ''],
    ['by', by.join('\n')],
    ['old package', packages.old ?? ''],
    ['new package', packages.new ?? ''],
    ['rows', rows.map(({ side, file, table, row }) => `${side}: ${file}: ${table}, row ${row}`).join('\n')],
  ];
  return {
    kind: name,
    severity: SEVERITIES[name] ?? ('note' as const),
    module: modules.join(' '),
    message: `${MEANINGS[name]} (${answers})`,
    details: details.filter(([, text]) => text !== ''),
    fingerprint: fingerprintOfChange(name, modules, pattern),
  };
}

function undecidedResult({ side, module, pattern }: Undecided) {
  return {
    kind: UNDECIDED,
    severity: UNDECIDED_KIND.severity,
    module,
    message: `${UNDECIDED_KIND.about} (${side})`,
    details: [],
    fingerprint: fingerprintOfChange(UNDECIDED, [module], pattern),
  };
}

/** The file that a change is shown in: NEW's, as it is NEW that is to be mended; null where NEW is no single file. */
function fileOf([, { inputs, release }]: DiffReportOptions['sides']): string | null {
  return inputs.length === 1 && release === null ? inputs[0]! : null;
}
