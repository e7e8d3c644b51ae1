import { createHash } from 'node:crypto';
import { needList, needObject } from '../../arguments.ts';
import type { CheckResult } from '../../model/explore/check.ts';
import type { FixedResult, FixedViolation } from '../../model/explore/fixes.ts';
import { DEFAULT_PROPERTIES, STATED_PROPERTIES, type Stated } from '../../model/explore/properties.ts';
import type { Bound } from '../../model/explore/search.ts';
import { movesOf, type TraceStep } from '../../model/explore/trace.ts';
import type { ScriptFinding } from '../../model/findings/find.ts';
import { FINDING_RULES } from '../../model/findings/rules.ts';
import { SEVERITIES } from '../../packaging/rules.ts';
import { type Kind, placeOf, type Report, type Result } from '../report.ts';
import { checkText } from './check-text.ts';

/** What a report of `model check` is made with. */
export interface CheckReportOptions {
  /** The scripts and recipes as they were given. */
  readonly inputs: readonly string[];
  /** Name of the machine. */
  readonly machine: string;
  /** What shows where nothing else happens. */
  readonly findings: readonly ScriptFinding[];
  /** The properties that were stated; without any, the usual ones were checked. */
  readonly stated: readonly Pick<Stated, 'kind'>[];
}

/** Safe if it is with every kernel, unsafe if it is not with one. */
export function verdictOf(results: readonly FixedResult[]): CheckResult['verdict'] {
  const verdicts = results.map(({ verdict }) => verdict);
  return verdicts.includes('unsafe') ? 'unsafe' : verdicts.includes('unknown') ? 'unknown' : 'safe';
}

/** What checking programs found, one result for each kernel, for every format. */
export function checkReport(results: readonly FixedResult[], options: CheckReportOptions): Report {
  const { inputs, machine, findings, stated } = options;
  needList('results', results, 'verdict', 'violations');
  needObject('inputs', inputs);
  const states = results.reduce((sum, one) => sum + one.states, 0);
  return {
    command: 'model check',
    title: `${inputs.join(', ')} on ${machine} with ${results.map(({ kernel }) => kernel).join(', ')}`,
    inputs,
    kinds: [...propertyKinds(results, stated), NOT_CERTAIN, ...FINDING_KINDS],
    results: [
      ...results.flatMap(({ violations }) => violations.map((one) => violationResult(one, inputs))),
      ...boundsOf(results).map(boundResult),
      ...findings.map(findingResult),
    ].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    remarks: [],
    facts: [...results.map(({ kernel, verdict }) => [`with ${kernel}`, verdict] as const), ['states', states]],
    lists: [],
    failed: verdictOf(results) !== 'safe',
    hasBaseline: false,
    text: (width) => checkText(results, boundsOf(results).map(boundMember), findings, width),
    document: () => checkDocument(results, findings, states),
  };
}

/** The kind of what keeps a verdict from being certain. */
const NOT_CERTAIN: Kind = {
  id: 'not-certain',
  severity: 'error',
  about:
    'a command that is not understood, or an outcome that the model leaves open: what depends on it is not checked',
};

const FINDING_KINDS = Object.entries(FINDING_RULES).map(([id, { severity, what }]): Kind => {
  return { id, severity, about: what };
});

/** The properties that were checked, and what else was found not to hold. */
function propertyKinds(results: readonly FixedResult[], stated: CheckReportOptions['stated']): Kind[] {
  const kinds: readonly string[] = stated.map(({ kind }) => kind);
  const violated: readonly string[] = results.flatMap(({ violations }) => violations.map(({ property }) => property));
  return Object.entries({ ...STATED_PROPERTIES, ...DEFAULT_PROPERTIES })
    .filter(([id]) => kinds.includes(id) || violated.includes(id) || (kinds.length === 0 && id in DEFAULT_PROPERTIES))
    .map(([id, about]): Kind => ({ id, severity: 'error', about }));
}

/** What keeps the verdicts from being certain, each once: what was not understood, and what the model leaves open. */
function boundsOf(results: readonly FixedResult[]): Bound[] {
  const found = new Map<string, Bound>();
  for (const { bounds, unread } of results)
    for (const bound of [...unread.map(({ place, text }) => ({ place, text: `not understood: ${text}` })), ...bounds])
      found.set(`${whereOf(bound)} ${bound.text}`, bound);
  return [...found.values()];
}

/** Where it shows, as `file:line`; null where that is nowhere in a script. */
const whereOf = ({ place }: Bound) => place && placeOf(place);

const boundMember = (bound: Bound) => ({ text: bound.text, where: whereOf(bound) });

/** What results of checks do not have. */
const NO_MODULE = { module: null, bus: null, pattern: null, names: { vendor: null, device: null }, accepted: null };

function findingResult({ rule, severity, place, message }: ScriptFinding): Result {
  return {
    ...NO_MODULE,
    kind: rule,
    severity,
    fails: false,
    file: place.file,
    line: place.line,
    message,
    details: [],
    fingerprint: fingerprintOf([rule, message, place.file]),
  };
}

function boundResult({ text, place }: Bound): Result {
  const { id, severity } = NOT_CERTAIN;
  return {
    ...NO_MODULE,
    kind: id,
    severity,
    fails: true,
    file: place?.file ?? null,
    line: place?.line ?? null,
    message: text,
    details: [],
    fingerprint: fingerprintOf([id, text, place?.file ?? '']),
  };
}

/** A hash of what a result is about, never of a line. */
function fingerprintOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

function violationResult(violation: FixedViolation, inputs: readonly string[]): Result {
  const { property, kernel, device, message, trace, fix } = violation;
  const last = trace.findLast(({ file }) => file !== null);
  return {
    ...NO_MODULE,
    kind: property,
    severity: 'error',
    fails: true,
    file: last?.file ?? inputs[0] ?? null,
    line: last?.line ?? null,
    message: `${kernel}: ${message}`,
    details: [...trace.map((step, i) => [`step ${i + 1}`, oneLine(step)] as const), ['fix', fix.text]],
    fingerprint: fingerprintOf([property, device ?? '', inputs[0] ?? '']),
  };
}

function oneLine(step: TraceStep): string {
  const { who, line, event, result, rule } = step;
  const moved = movesOf(step);
  const where = line === null ? who : `${who}, line ${line}`;
  return [`${where}: ${event} -> ${result}`, ...moved, rule ?? ''].filter(Boolean).join('; ');
}

/** A step in the order in which a person reads it. */
export function stepMember({ who, file, line, event, result, rule, why, fromSource, devices }: TraceStep) {
  return { who, file, line, event, result, rule, why, ...(fromSource ? { fromSource } : {}), devices };
}

/** The JSON document, version 1. */
function checkDocument(results: readonly FixedResult[], findings: readonly ScriptFinding[], states: number) {
  return {
    version: 1,
    verdict: verdictOf(results),
    findings: findings.map(({ rule, severity, place: { file, line }, message }) => ({
      rule,
      severity,
      file,
      line,
      message,
      fingerprint: fingerprintOf([rule, message, file]),
    })),
    violations: results.flatMap(({ violations }) =>
      violations.map(({ trace, replay: _, ...violation }) => ({ ...violation, trace: trace.map(stepMember) })),
    ),
    unread: [
      ...new Map(
        results
          .flatMap(({ unread }) => unread)
          .map(({ place: { file, line }, text }) => [`${file}:${line}`, { file, line, text }]),
      ).values(),
    ],
    bounds: boundsOf(results).map(boundMember),
    kernels: results.map(({ kernel, verdict, targets, states }) => ({ kernel, verdict, targets, states })),
    states,
  };
}
