import { createHash } from 'node:crypto';
import { needList, needObject } from '../../arguments.ts';
import type { CheckResult } from '../../model/explore/check.ts';
import type { FixedResult, FixedViolation } from '../../model/explore/fixes.ts';
import { DEFAULT_PROPERTIES, STATED_PROPERTIES } from '../../model/explore/properties.ts';
import type { TraceStep } from '../../model/explore/trace.ts';
import type { ScriptFinding } from '../../model/findings/find.ts';
import { FINDING_RULES } from '../../model/findings/rules.ts';
import type { Kind, Report, Result } from '../report.ts';
import { checkText } from './check-text.ts';

/** What a report of `model check` is made with. */
export interface CheckReportOptions {
  /** The scripts and recipes as they were given. */
  readonly inputs: readonly string[];
  /** Name of the machine. */
  readonly machine: string;
  /** What shows where nothing else happens. */
  readonly findings: readonly ScriptFinding[];
}

/** Safe if it is with every kernel, unsafe if it is not with one. */
export function verdictOf(results: readonly FixedResult[]): CheckResult['verdict'] {
  const verdicts = results.map(({ verdict }) => verdict);
  return verdicts.includes('unsafe') ? 'unsafe' : verdicts.includes('unknown') ? 'unknown' : 'safe';
}

/** What checking programs found, one result for each kernel, for every format. */
export function checkReport(results: readonly FixedResult[], options: CheckReportOptions): Report {
  const { inputs, machine, findings } = options;
  needList('results', results, 'verdict', 'violations');
  needObject('inputs', inputs);
  const states = results.reduce((sum, one) => sum + one.states, 0);
  return {
    command: 'model check',
    title: `${inputs.join(', ')} on ${machine} with ${results.map(({ kernel }) => kernel).join(', ')}`,
    inputs,
    kinds: KINDS,
    results: [
      ...findings.map(findingResult),
      ...results.flatMap(({ violations }) => violations.map((one) => resultOf(one, inputs))),
    ],
    remarks: boundsOf(results).map(({ text, where }) => ({
      kind: 'bound',
      count: 1,
      message: text,
      examples: where === null ? [] : [where],
      fails: false,
    })),
    facts: [
      ['verdict', verdictOf(results)],
      ['kernels', results.length],
      ['states', states],
    ],
    lists: [],
    failed: verdictOf(results) === 'unsafe',
    hasBaseline: false,
    text: (width) => checkText(results, boundsOf(results), findings, width),
    document: () => checkDocument(results, findings, states),
  };
}

const KINDS: readonly Kind[] = [
  ...Object.entries({ ...STATED_PROPERTIES, ...DEFAULT_PROPERTIES }).map(
    ([id, about]): Kind => ({ id, severity: 'error', about }),
  ),
  ...Object.entries(FINDING_RULES).map(([id, { severity, what }]): Kind => ({ id, severity, about: what })),
];

/** What keeps the verdicts from being certain, each once: what was not understood, and what the model leaves open. */
function boundsOf(results: readonly FixedResult[]): { readonly text: string; readonly where: string | null }[] {
  const found = new Map<string, { text: string; where: string | null }>();
  for (const { bounds, unread } of results)
    for (const { text, place } of [
      ...unread.map(({ place, text }) => ({ place, text: `not understood: ${text}` })),
      ...bounds,
    ]) {
      const where = place === null ? null : `${place.file}:${place.line}`;
      found.set(`${where} ${text}`, { text, where });
    }
  return [...found.values()];
}

function findingResult({ rule, severity, place, message }: ScriptFinding): Result {
  return {
    kind: rule,
    severity,
    fails: false,
    module: null,
    bus: null,
    pattern: null,
    names: { vendor: null, device: null },
    file: place.file,
    line: place.line,
    message,
    details: [],
    fingerprint: fingerprintOf([rule, message, place.file]),
    accepted: null,
  };
}

/** A hash of what a result is about, never of a line. */
function fingerprintOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

function resultOf(violation: FixedViolation, inputs: readonly string[]): Result {
  const { property, kernel, device, message, trace, fix } = violation;
  const last = trace.findLast(({ file }) => file !== null);
  return {
    kind: property,
    severity: 'error',
    fails: true,
    module: null,
    bus: null,
    pattern: null,
    names: { vendor: null, device: null },
    file: last?.file ?? inputs[0] ?? null,
    line: last?.line ?? null,
    message: `${kernel}: ${message}`,
    details: [...trace.map((step, i) => [`step ${i + 1}`, oneLine(step)] as const), ['fix', fix.text]],
    fingerprint: fingerprintOf([property, device ?? '', inputs[0] ?? '']),
    accepted: null,
  };
}

function oneLine({ who, line, event, result, rule, devices }: TraceStep): string {
  const moved = Object.entries(devices).map(([name, driver]) => `${name} on ${driver ?? 'no driver'}`);
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
    bounds: boundsOf(results),
    kernels: results.map(({ kernel, verdict, targets, states }) => ({ kernel, verdict, targets, states })),
    states,
  };
}
