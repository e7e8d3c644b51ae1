import { busOf } from '../../packaging/bus-of.ts';
import { UNSERVED } from '../../packaging/change-classes.ts';
import { type AcceptedCoverage, isUnserved } from '../../packaging/coverage/accept-coverage.ts';
import { type Coverage, type CoveredDevice, summarizeCoverage } from '../../packaging/coverage/coverage.ts';
import { STEP_CLASSES, type StepChange, type StepClass } from '../../packaging/coverage/step.ts';
import type { Severity } from '../../packaging/rules.ts';
import { fingerprintOfChange } from '../diff-json.ts';
import type { Kind, Remark, Report, Result } from '../report.ts';
import { fold } from '../terminal.ts';
import { acceptedBy, acceptedLine, BASELINE_KINDS, findingResult } from '../verify-report.ts';
import { formatFinding } from '../verify-text.ts';
import { answerWords, coverageDocument, tellsBuiltin } from './coverage-json.ts';
import { type CoverageStyle, formatCoverageText, kernelTitle, STEP_MEANINGS } from './coverage-text.ts';

/** How much a change of each class matters; the others are worth knowing. */
const SEVERITIES: Readonly<Partial<Record<StepClass, Severity>>> = {
  lost: 'error',
  generic: 'error',
  unknown: 'warning',
  dropped: 'warning',
};

/** Devices that do not change; they are results where every device is to be seen. */
const UNCHANGED: readonly Kind[] = [
  { id: UNSERVED, severity: 'note', about: 'none of the kernels serves them' },
  { id: 'kept', severity: 'note', about: 'they are served alike' },
];

export interface CoverageReportOptions extends Omit<CoverageStyle, 'width'> {
  /** What counts for the exit status: classes of steps, and `unserved` for devices that some kernel does not serve. */
  readonly failing: (kind: string) => boolean;
  /** Whether devices that do not change are results too. */
  readonly whole: boolean;
  /** What a baseline accepts of it, and what is wrong with that; undefined where there was none. */
  readonly baseline?: Pick<AcceptedCoverage, 'unserved' | 'held'> | undefined;
}

/** Which devices each kernel serves, for every format. What a baseline accepts is no change of the coverage. */
export function coverageReport(coverage: Coverage, options: CoverageReportOptions): Report {
  const { kernels, devices, machines } = coverage;
  const { failing, namesOf, baseline } = options;
  const findings = baseline?.held.findings ?? [];
  const accepted = [...(baseline?.held.accepted ?? [])];
  const summary = summarizeCoverage(coverage);
  const remarks = builtinRemarks(coverage);
  let made: readonly Result[] | undefined;
  return {
    command: 'coverage',
    title: kernelTitle(coverage),
    inputs: kernels.flatMap(({ side }) => side.inputs),
    kinds: [
      ...STEP_CLASSES.map((id): Kind => ({ id, severity: SEVERITIES[id] ?? 'note', about: STEP_MEANINGS[id] })),
      ...UNCHANGED,
      ...(baseline ? BASELINE_KINDS : []),
    ],
    get results() {
      made ??= resultsOf(coverage, options);
      return made;
    },
    remarks,
    facts: [
      [devices.length === 1 ? 'device' : 'devices', devices.length],
      [machines.length === 1 ? 'machine' : 'machines', machines.length],
      ['of them with a device that loses its driver or is left to a generic one', summary.losing.length],
    ],
    lists: [
      ...kernels.map(({ name }, i): [string, string[]] => [
        `devices of ${name} by state`,
        Object.entries(summary.states[i]!).map(([state, count]) => `${count} ${state}`),
      ]),
      [
        'machines that lose',
        summary.losing.map(({ name, lost, generic }) => `${name}: ${lost} lost, ${generic} generic`),
      ],
    ],
    failed:
      devices.some(
        (device) => device.changes.some((change) => failing(change.class)) || failsUnserved(device, options),
      ) || findings.some(({ rule }) => failing(rule)),
    hasBaseline: baseline !== undefined,
    text: (width) =>
      formatCoverageText(coverage, summary, { ...options, width }) +
      remarks.map(({ message }) => `\n${fold(`note: ${message}`, width).join('\n')}\n`).join('') +
      findings.map((finding) => `\n${fold(formatFinding(finding), width).join('\n')}\n`).join('') +
      acceptedLine(accepted.length, 'change'),
    document: () => ({
      ...coverageDocument(coverage, summary, namesOf),
      ...(baseline
        ? {
            findings,
            accepted: accepted.map(([{ device, change }, entry]) => ({
              class: change?.class ?? UNSERVED,
              modalias: device.modalias,
              ...(change ? { from: kernels[change.from]!.name, to: kernels[change.to]!.name } : {}),
              ...acceptedBy(entry),
            })),
          }
        : {}),
    }),
  };
}

/** Whether a device counts for the exit status as a kernel does not serve it. */
const failsUnserved = (device: CoveredDevice, { failing, baseline }: CoverageReportOptions) =>
  failing(UNSERVED) && isUnserved(device) && !baseline?.unserved.has(device.modalias);

/** Which devices without a driver may have one that is built in: kernels before 6.18 do not record what these match. */
function builtinRemarks({ kernels, devices }: Coverage): Remark[] {
  const silent = kernels.flatMap((kernel, i) => (tellsBuiltin(kernel) ? [] : [i]));
  const those = devices.filter(({ answers }) =>
    silent.some((i) => /none|generic/.test(answers[i]!.state) || answers[i]!.mayBeBuiltin),
  );
  if (those.length === 0) return [];
  const names = silent.map((i) => kernels[i]!.name);
  const message = `${names.join(', ')}: what built-in drivers match is not recorded; ${those.length} device${those.length === 1 ? '' : 's'} without a module of ${those.length === 1 ? 'its' : 'their'} own may be served by built-in code`;
  return [{ kind: 'built-in', count: those.length, message, examples: [], fails: false }];
}

function resultsOf(coverage: Coverage, options: CoverageReportOptions): Result[] {
  const { failing, whole, namesOf, baseline } = options;
  const results = coverage.devices.flatMap((device): Result[] => {
    const changed = device.changes.map((change) => changeResult(device, change, coverage, options));
    if (changed.length > 0) return changed;
    const isNone = device.answers.every(({ state }) => state === 'none');
    const fails = failsUnserved(device, options);
    return whole || fails ? [result(device, isNone ? UNSERVED : 'kept', 'note', fails, coverage, options)] : [];
  });
  for (const finding of baseline?.held.findings ?? [])
    results.push(findingResult(finding, null, failing(finding.rule), namesOf));
  for (const [{ device, change }, entry] of baseline?.held.accepted ?? []) {
    const one = change
      ? changeResult(device, change, coverage, options)
      : result(device, UNSERVED, 'note', false, coverage, options);
    results.push({ ...one, fails: false, accepted: acceptedBy(entry) });
  }
  const order = new Map(
    [...STEP_CLASSES, UNSERVED, 'kept', ...BASELINE_KINDS.map(({ id }) => id)].map((id, i) => [id, i]),
  );
  return results.sort((a, b) => order.get(a.kind)! - order.get(b.kind)!);
}

function changeResult(
  device: CoveredDevice,
  change: StepChange,
  coverage: Coverage,
  options: CoverageReportOptions,
): Result {
  const [from, to] = [change.from, change.to].map((i) => coverage.kernels[i]!.name);
  const [before, after] = [change.from, change.to].map((i) => answerWords(device.answers[i]!));
  const severity = SEVERITIES[change.class] ?? 'note';
  const message = `${STEP_MEANINGS[change.class]} (${from} -> ${to}: ${before} -> ${after})`;
  const { modules } = device.answers[change.from]!;
  return {
    ...result(device, change.class, severity, options.failing(change.class), coverage, options),
    message,
    module: modules.join(' ') || null,
    fingerprint: fingerprintOfChange(change.class, modules, device.modalias),
  };
}

function result(
  device: CoveredDevice,
  kind: string,
  severity: Severity,
  fails: boolean,
  { kernels, machines }: Coverage,
  { namesOf }: CoverageReportOptions,
): Result {
  const { modalias, unknown, fault = '', answers, count } = device;
  const modules = [...new Set(answers.flatMap((answer) => answer.modules))];
  const names = [...device.machines].slice(0, MOST_MACHINES).map((i) => machines[i]!);
  const details: [string, string][] = [
    ...answers.map((answer, i): [string, string] => [
      kernels[i]!.name,
      answer.package === null ? answerWords(answer) : `${answerWords(answer)}, of ${answer.package}`,
    ]),
    ['on', count > MOST_MACHINES ? `${count} machines` : names.join('\n')],
    ['without', unknown.join(', ')],
    ['modalias', fault],
  ];
  return {
    kind,
    severity,
    fails,
    module: modules.join(' ') || null,
    bus: busOf(modalias),
    pattern: modalias,
    names: namesOf(modalias),
    file: null,
    line: null,
    message: answers.map(answerWords).join(' -> '),
    details: details.filter(([, text]) => text !== ''),
    fingerprint: fingerprintOfChange(kind, modules, modalias),
    accepted: null,
  };
}

const MOST_MACHINES = 100;
