import { type Kind, placeOf, type Remark, type Report, type Result, subjectOf } from '../report.ts';
import { escapeMarkup } from './markup.ts';

/** A test case: its name, and what stands in it. */
interface Case {
  readonly name: string;
  readonly body: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

/**
 * JUnit's XML as Jenkins' junit-10.xsd takes it: a suite for each kind, a case for each result that counts, skipped for
 * those that the baseline accepts. A kind without a failure has a case that passes, with its results as the output. The
 * schema refuses `file` and `line`, so the place begins the text of a failure.
 */
export function junitXml(report: Report): string {
  const suites = report.kinds.map((kind) => suite(report, kind));
  const sum = (outcome: Case['outcome']) => suites.reduce((total, { cases }) => total + count(cases, outcome), 0);
  const tests = suites.reduce((total, { cases }) => total + cases.length, 0);
  const attributes = `name="${escapeMarkup(`modalias ${report.command} ${report.title}`)}" tests="${tests}" failures="${sum('failed')}" errors="0"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes}>\n${suites.map(({ xml }) => xml).join('')}</testsuites>\n`;
}

function suite(report: Report, kind: Kind): { readonly xml: string; readonly cases: readonly Case[] } {
  const results = report.results.filter((result) => result.kind === kind.id);
  const remarks = report.remarks.filter((remark) => remark.kind === kind.id);
  const cases = [
    ...results.filter(({ fails, accepted }) => fails || accepted !== null).map(resultCase),
    ...remarks.filter(({ fails }) => fails).map(remarkCase),
  ];
  if (!cases.some(({ outcome }) => outcome === 'failed')) {
    const told = [
      ...results.filter(({ accepted }) => accepted === null).map(textOf),
      ...remarks.map(({ count: n, message }) => `${n}: ${message}`),
    ];
    const body = told.length === 0 ? '' : `<system-out>${escapeMarkup(told.join('\n'))}</system-out>`;
    cases.push({ name: kind.about, body, outcome: 'passed' });
  }
  // Jenkins and GitLab group by what stands before the last dot; a blank would be part of a name of a class.
  const className = escapeMarkup(`modalias.${report.command.replaceAll(' ', '-')}.${kind.id}`);
  const xml = cases.map(
    ({ name, body }) =>
      `  <testcase name="${escapeMarkup(name)}" classname="${className}"${body === '' ? '/>' : `>${body}</testcase>`}\n`,
  );
  const counts = `tests="${cases.length}" failures="${count(cases, 'failed')}" errors="0" skipped="${count(cases, 'skipped')}"`;
  return { cases, xml: ` <testsuite name="${className}" ${counts}>\n${xml.join('')} </testsuite>\n` };
}

function resultCase(result: Result): Case {
  const { kind, message, accepted } = result;
  const name = subjectOf(result) || placeOf(result) || message;
  if (accepted !== null)
    return { name, outcome: 'skipped', body: `<skipped message="${escapeMarkup(accepted.reason)}"/>` };
  const attributes = `type="${escapeMarkup(kind)}" message="${escapeMarkup(message)}"`;
  return { name, outcome: 'failed', body: `<failure ${attributes}>${escapeMarkup(textOf(result))}</failure>` };
}

function remarkCase({ kind, count: n, message, examples }: Remark): Case {
  const text = escapeMarkup([`${n}: ${message}`, ...examples].join('\n'));
  const body = `<failure type="${escapeMarkup(kind)}" message="${escapeMarkup(message)}">${text}</failure>`;
  return { name: message, outcome: 'failed', body };
}

/** `file:line: module: pattern: message`, and what else there is on lines of its own. */
function textOf(result: Result): string {
  const head = [placeOf(result), subjectOf(result), result.message].filter(Boolean).join(': ');
  return [head, ...result.details.map(([name, text]) => `${name}: ${text}`)].join('\n');
}

function count(cases: readonly Case[], outcome: Case['outcome']): number {
  return cases.filter((one) => one.outcome === outcome).length;
}
