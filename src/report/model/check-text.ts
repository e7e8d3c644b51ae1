import type { FixedResult, FixedViolation } from '../../model/explore/fixes.ts';
import { DEFAULT_PROPERTIES, STATED_PROPERTIES } from '../../model/explore/properties.ts';
import { movesOf, type TraceStep } from '../../model/explore/trace.ts';
import type { ScriptFinding } from '../../model/findings/find.ts';
import { fold } from '../terminal.ts';

/** What `model check` prints for people: findings, each violation, what is not certain, a line for each kernel. */
export function checkText(
  results: readonly FixedResult[],
  bounds: readonly { readonly text: string; readonly where: string | null }[],
  findings: readonly ScriptFinding[],
  width: number,
): string {
  const parts = findings.length > 0 ? [findings.flatMap((one) => findingLines(one, width)).join('\n')] : [];
  parts.push(...results.flatMap(({ violations }) => violations.map((one, i) => violationText(one, width, i === 0))));
  if (bounds.length > 0)
    parts.push(bounds.map(({ text, where }) => `not certain: ${where === null ? '' : `${where}: `}${text}`).join('\n'));
  parts.push(results.map(summaryOf).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function findingLines({ rule, severity, place, message }: ScriptFinding, width: number): string[] {
  return fold(`${place.file}:${place.line}: ${severity}: ${message} [${rule}]`, width);
}

function violationText(
  { property, kernel, message, trace, fix }: FixedViolation,
  width: number,
  first: boolean,
): string {
  const about = { ...DEFAULT_PROPERTIES, ...STATED_PROPERTIES }[property];
  return [
    ...fold(`${kernel}: ${property}: ${about}`, width),
    ...fold(message, width, '    '),
    ...trace.flatMap((step, i) => stepLines(step, String(i + 1).padStart(4), width)),
    ...fold(`fix: ${fix.text}`, width, '    '),
    ...(first ? fix.instead.map((line) => `        ${line}`) : []),
    ...(fix.holds === null ? [] : [`    ${fix.holds ? CHECKED : NOT_ENOUGH}`]),
  ].join('\n');
}

const CHECKED = 'checked in the same way: with this every property holds';
const NOT_ENOUGH = 'checked in the same way: this is not enough, as long as all of that may act';

/** A step of a trace: who does what, how it ends, which device is where then, and the rule. */
export function stepLines(step: TraceStep, number: string, width: number): string[] {
  const { who, file, line, event, result, rule, why, fromSource } = step;
  const again = / \((?:second run|rerun)\)$/.exec(who)?.[0] ?? '';
  const where = line === null || file === null ? who : `${file}:${line}${again}`;
  const moved = movesOf(step);
  const ends = result === 'ok' ? moved.join(', ') : [result, ...moved].join('; ');
  const place = rule === null ? null : `(${rule}${fromSource ? ', from its source only' : ''})`;
  const because = [why, place].filter((part) => part !== null).join(' ');
  return [
    ...fold(`${number}  ${where}: ${event}${ends === '' ? '' : ` -> ${ends}`}`, width),
    ...(because === '' ? [] : fold(because, width, ' '.repeat(number.length + 4))),
  ];
}

function summaryOf({ kernel, verdict, violations, states, targets }: FixedResult): string {
  const count = violations.length === 0 ? '' : ` (${violations.length} violation${violations.length === 1 ? '' : 's'})`;
  const about = targets.length === 0 ? '' : `, about ${targets.join(', ')}`;
  return `${kernel}: ${verdict}${count}, ${states} states${about}`;
}
