import type { styleText } from 'node:util';
import type { Candidate, ExplainedMatch, Explanation, FieldVerdict } from '../match/explanation.ts';
import { RANKS } from '../match/ranking.ts';
import { fold, plain } from './terminal.ts';

/** What `styleText` takes. */
type Style = Parameters<typeof styleText>[0];

/** Renders an explanation for people, at most `width` columns where words can be broken. `paint` colours or does not. */
export function explanationText(
  explanation: Explanation,
  names: ReadonlyMap<string, string>,
  width = 80,
  paint: (style: Style, text: string) => string = (_style, text) => text,
): string {
  const { key, title, fields, candidates, ambiguous, hidden, nearest } = printable(explanation);
  const out: string[] = [paint('bold', key)];
  if (title !== undefined) {
    out.push('', `${title}:`);
    const tags = Math.max(...fields.map((f) => f.tag.length));
    const labels = Math.max(...fields.map((f) => f.name.length));
    for (const { tag, name, value } of fields) {
      const words = names.get(tag);
      const start = `  ${tag.padEnd(tags)}  ${name.padEnd(labels)}  ${value}`;
      out.push(clip(words === undefined ? start : `${start}  ${plain(words)}`, width));
    }
  }
  out.push('', candidates.length === 0 ? paint('yellow', 'No alias matches.') : 'Candidates, the best first:');
  for (const candidate of candidates) out.push(...candidateLines(candidate, width, paint));
  if (ambiguous) out.push('', paint('yellow', 'Ambiguous: the rules name different modules (the places above).'));
  if (hidden.length > 0) {
    out.push('', 'Hidden, because an earlier source answers:');
    for (const m of hidden) out.push(`  ${m.module}  (${m.source}, behind ${m.hiddenBy})`, `      ${m.pattern}`);
  }
  if (nearest.length > 0) {
    out.push('', 'Closest patterns that do not match:');
    for (const m of nearest) out.push(`  ${m.module}`, `      ${m.pattern}`, ...differences(m, width, paint));
  }
  return `${out.join('\n')}\n`;
}

/** Without what a terminal would obey: keys and patterns come from devices and files. */
function printable(explanation: Explanation): Explanation {
  const text = JSON.stringify(explanation);
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? plain(value) : value)) as Explanation;
}

type Paint = (style: Style, text: string) => string;

function candidateLines(candidate: Candidate, width: number, paint: Paint): string[] {
  const { module, state, file, blacklisted, remarks, matches } = candidate;
  const words = [state, ...(blacklisted ? ['BLACKLISTED'] : [])].join(', ');
  const lines = [`  ${paint(blacklisted ? 'red' : 'green', module)}  (${words})`];
  if (file !== undefined) lines.push(`      ${file}`);
  for (const remark of remarks) {
    lines.push(...fold(`${remark.text}  [${remark.file}:${remark.line}]`, width, '      '));
  }
  for (const m of matches) lines.push(...matchLines(m, width));
  return lines;
}

function matchLines(m: ExplainedMatch, width: number): string[] {
  const places = m.place ? RANKS.map((rule) => `${rule} ${m.place![rule]}`).join(', ') : '';
  return [
    `      ${m.source}: ${m.pattern}`,
    `        place under each rule: ${places}`,
    ...reasons(m.fields).flatMap((reason) => fold(reason, width, '        ')),
  ];
}

/** `exact: v=00008086 d=...` and `any: sv sd`. */
function reasons(fields: readonly FieldVerdict[]): string[] {
  const exact = fields.filter((f) => f.verdict === 'exact').map((f) => `${f.name} ${f.value}`);
  const any = fields
    .filter((f) => f.verdict === 'any')
    .map((f) => (f.pattern === '*' ? f.name : `${f.name} ${f.pattern}`));
  return [
    ...(exact.length > 0 ? [`given exactly: ${exact.join(', ')}`] : []),
    ...(any.length > 0 ? [`left open: ${any.join(', ')}`] : []),
  ];
}

function differences(m: ExplainedMatch, width: number, paint: Paint): string[] {
  return m.fields
    .filter((f) => f.verdict === 'differs')
    .map((f) => clip(`        ${paint('red', 'differs')}: ${f.name} is ${f.value}, wanted ${f.pattern}`, width + 10));
}

function clip(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 3)}...`;
}
