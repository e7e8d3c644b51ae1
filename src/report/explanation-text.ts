import type { styleText } from 'node:util';
import type { Candidate, ExplainedField, ExplainedMatch, Explanation, FieldVerdict } from '../explain/explanation.ts';
import { fieldWords } from '../explain/incomplete.ts';
import { unknownBusText } from '../explain/known-buses.ts';
import { RANKS } from '../match/match.ts';
import { fold, plain } from './terminal.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** How wide the lines may be, and how to colour a text. */
interface Look {
  readonly width: number;
  readonly paint: Paint;
}

/** Minimum width for words beside a field's value; with less space they go below it. */
const BESIDE = 24;

/**
 * Renders an explanation as text, at most `width` columns if words can be broken: keys, patterns, names and paths stay
 * whole. `paint` colours or does not.
 */
export function explanationText(
  explanation: Explanation,
  names: ReadonlyMap<string, string>,
  width = 80,
  paint: Paint = (_style, text) => text,
): string {
  const look = { width, paint };
  const shown = printable(explanation);
  const { key, title, fields, missing, wrong = [], regardless = [], candidates, ambiguous, hidden, nearest } = shown;
  const out: string[] = [paint('bold', key)];
  if (title !== undefined) out.push('', `${title}:`, ...fieldLines(fields, names, width));
  if (missing) {
    const text = fold(listed('missing:', missing.map(fieldWords)), width, '  ');
    out.push(...text.map((line) => paint('yellow', line)));
  }
  for (const one of wrong) {
    const found = one.value === '' ? 'has no value,' : `is ${one.value},`;
    const text = fold(['wrong:', fieldWords(one), found, ...`expected ${one.expected}`.split(' ')], width, '  ');
    out.push(...text.map((line) => paint('yellow', line)));
  }
  out.push('', candidates.length === 0 ? paint('yellow', 'No alias matches.') : 'Candidates, best first:');
  for (const candidate of candidates) out.push(...candidateLines(candidate, look));
  if (shown.unknownBus !== undefined) {
    const words = unknownBusText(shown.unknownBus);
    out.push(...fold(`${words[0]!.toUpperCase()}${words.slice(1)}`, width));
  }
  if (shown.builtinPossible) out.push(...fold(BUILTIN_POSSIBLE, width));
  if (regardless.length > 0) {
    out.push('', ...fold('These match whatever the missing fields are:', width));
    for (const m of regardless) out.push(`  ${m.module}`, ...below(m.pattern, width));
  }
  if (ambiguous) {
    const text = fold('Ambiguous: the rules name different modules (see the places above).', width);
    out.push('', ...text.map((line) => paint('yellow', line)));
  }
  if (hidden.length > 0) {
    out.push('', ...fold('Hidden, because an earlier source answers:', width));
    for (const m of hidden)
      out.push(...named(m.module, `(${m.source}, behind ${m.hiddenBy})`, width), ...below(m.pattern, width));
  }
  if (nearest.length > 0) {
    out.push('', ...fold('Closest patterns that do not match:', width));
    for (const m of nearest) out.push(`  ${m.module}`, ...below(m.pattern, width), ...differences(m, look));
  }
  return `${out.join('\n')}\n`;
}

const BUILTIN_POSSIBLE =
  'A driver built into the kernel may serve the device: its id table is not recorded here, as in any kernel before 6.18.';

/** Without control characters: keys and patterns come from devices and files. */
function printable(explanation: Explanation): Explanation {
  const text = JSON.stringify(explanation);
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? plain(value) : value)) as Explanation;
}

/**
 * The fields as a table of tag, name and value, with the value's name beside or below it; a value that does not fit is
 * on its own line.
 */
function fieldLines(fields: readonly ExplainedField[], names: ReadonlyMap<string, string>, width: number): string[] {
  const widest = (cells: readonly string[]) => Math.max(0, ...cells.map((cell) => cell.length));
  const tags = widest(fields.map((f) => f.tag));
  const values = 2 + tags + 2 + widest(fields.map((f) => f.name)) + 2;
  const column = values + widest(fields.map((f) => f.value).filter((v) => v.length <= width - values)) + 2;
  const beside = width - column >= BESIDE;
  return fields.flatMap(({ tag, name, value }) => {
    const head = `  ${tag.padEnd(tags)}  ${name}`;
    const own = value.length > width - values;
    const start = own ? head : head.padEnd(values) + value;
    const words = names.get(tag);
    const lines = words === undefined ? [] : fold(words, width, ' '.repeat(beside ? column : 4 + tags));
    const rows = beside && words !== undefined ? [start.padEnd(column) + lines.shift()!.slice(column)] : [start];
    return [...rows, ...lines, ...(own ? below(value, width) : [])];
  });
}

function candidateLines(candidate: Candidate, look: Look): string[] {
  const { module, state, file, blacklisted, remarks, matches } = candidate;
  const { width, paint } = look;
  const words = [STATES[state], ...(blacklisted ? ['BLACKLISTED'] : [])].join(', ');
  const [head, ...more] = named(module, `(${words})`, width);
  const painted = `  ${paint(blacklisted ? 'red' : 'green', module)}${head!.slice(2 + module.length)}`;
  return [
    painted,
    ...more,
    ...(file === undefined ? [] : below(file, width)),
    ...remarks.flatMap((remark) => fold([...remark.text.split(' '), `[${remark.file}:${remark.line}]`], width, INDENT)),
    ...matches.flatMap((m) => matchLines(m, width)),
  ];
}

const STATES: Readonly<Record<Candidate['state'], string>> = {
  loadable: 'loadable',
  'built-in': 'built-in',
  unknown: 'not known to be loadable or built in: not in modules.dep',
};

const INDENT = '      ';

/** A module and its description, on one line or two. */
function named(module: string, words: string, width: number): string[] {
  const line = `  ${module}  ${words}`;
  return line.length <= width ? [line] : [`  ${module}`, ...fold(words, width, INDENT)];
}

/** An unbreakable text on a line of its own; less indented if it is long. */
function below(text: string, width: number): string[] {
  return [text.length + INDENT.length <= width ? INDENT + text : `    ${text}`];
}

function matchLines(m: ExplainedMatch, width: number): string[] {
  const line = `${INDENT}${m.source}: ${m.pattern}`;
  const places = RANKS.map((rule) => `${rule} ${m.place?.[rule] ?? '-'}`);
  return [
    ...(line.length <= width ? [line] : [`${INDENT}${m.source}:`, ...below(m.pattern, width)]),
    ...fold(listed('place under each rule:', places), width, `${INDENT}  `),
    ...reasons(m.fields).flatMap((reason) => fold(reason, width, `${INDENT}  `)),
  ];
}

/**
 * `given exactly: vendor 00008086, device 10D3` and `left open: class, subclass`, as unbreakable words.
 */
function reasons(fields: readonly FieldVerdict[]): string[][] {
  const exact = fields.filter((f) => f.verdict === 'exact').map((f) => `${f.name} ${f.value}`);
  const any = fields
    .filter((f) => f.verdict === 'any')
    .map((f) => (f.pattern === '*' ? f.name : `${f.name} ${f.pattern}`));
  return [
    ...(exact.length > 0 ? [listed('given exactly:', exact)] : []),
    ...(any.length > 0 ? [listed('left open:', any)] : []),
  ];
}

/** Words followed by a list of unbreakable items. */
function listed(words: string, items: readonly string[]): string[] {
  return [...words.split(' '), ...items.map((item, i) => (i + 1 < items.length ? `${item},` : item))];
}

function differences(m: ExplainedMatch, { width, paint }: Look): string[] {
  return m.fields
    .filter((f) => f.verdict === 'differs')
    .flatMap((f) => {
      const words = ['differs:', ...f.name.split(' '), 'is', `${f.value},`, `expected ${f.pattern}`];
      return fold(words, width, `${INDENT}  `);
    })
    .map((line) => line.replace(/^( *)differs:/, (_all, spaces: string) => `${spaces}${paint('red', 'differs')}:`));
}
