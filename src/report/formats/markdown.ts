import { counted, countGroups, factsText, placeOf, type Report, type Result, totalOf } from '../report.ts';

/** The most characters that GitHub takes as a comment. */
const MOST_CHARACTERS = 65_536;

/** Room for the line that counts what was left out. */
const RESERVE = 100;

/** Lines that stay together, and how many results they tell. */
interface Block {
  readonly text: string;
  readonly results: number;
}

/**
 * A report as GitHub's Markdown: counts by kind and bus, then the results, the worst first. What does not fit into
 * 65,536 characters is counted at the end.
 */
export function markdown(report: Report): string {
  const blocks = [...summaryBlocks(report), ...resultBlocks(report)];
  const whole = blocks.map(({ text }) => text).join('');
  if (whole.length <= MOST_CHARACTERS) return whole;
  let text = '';
  let told = 0;
  for (const block of blocks) {
    if (text.length + block.text.length > MOST_CHARACTERS - RESERVE) break;
    text += block.text;
    told += block.results;
  }
  const left = report.results.length - told;
  return `${text}\nand ${left} more, cut at ${MOST_CHARACTERS} characters\n`;
}

function summaryBlocks(report: Report): Block[] {
  const results = counted(report);
  const accepted = report.results.length - results.length;
  const kinds = report.kinds.filter(({ id }) => results.some(({ kind }) => kind === id));
  const counts = new Map(kinds.map(({ id }) => [id, results.filter(({ kind }) => kind === id).length]));
  const head = [`## modalias ${report.command}: ${inline(report.title)}`, ''];
  const facts = factsText(report);
  if (facts !== '') head.push(`${inline(facts)}.`, '');
  head.push(
    `${results.length === 0 ? 'Nothing found' : `${results.length} found`}${accepted > 0 ? `, ${accepted} more accepted by the baseline` : ''}.`,
    '',
  );
  const blocks = [lines(head)];
  if (kinds.length > 0)
    blocks.push(
      lines(
        table(
          ['kind', 'severity', 'count', 'meaning'],
          kinds.map(({ id, severity, about }) => [id, severity, counts.get(id)!, about]),
        ),
      ),
    );
  const buses = countGroups(results, ({ bus }) => bus);
  if (buses.length > 0)
    blocks.push(
      lines(
        table(
          ['bus', 'all', ...kinds.map(({ id }) => id)],
          buses.map(([bus, of]) => [bus, totalOf(of), ...kinds.map(({ id }) => of.get(id) ?? 0)]),
        ),
      ),
    );
  for (const [title, items] of report.lists)
    if (items.length > 0) blocks.push(lines([`${inline(title)} (${items.length}): ${items.map(code).join(', ')}`, '']));
  for (const { kind, count, message } of report.remarks)
    blocks.push(lines([`Note: ${kind}: ${count}: ${inline(message)}`, '']));
  return blocks;
}

function resultBlocks(report: Report): Block[] {
  const blocks: Block[] = [];
  let kind: string | undefined;
  for (const result of report.results.toSorted((a, b) => Number(a.accepted !== null) - Number(b.accepted !== null))) {
    const section = result.accepted === null ? result.kind : 'accepted by the baseline';
    const head = section === kind ? '' : `${kind === undefined ? '' : '\n'}### ${section}\n\n`;
    kind = section;
    blocks.push({ text: `${head}${item(result)}\n`, results: 1 });
  }
  return blocks;
}

function item(result: Result): string {
  const { module, pattern, names, message, accepted } = result;
  const place = placeOf(result);
  const parts = [
    [module, pattern]
      .filter((part) => part !== null)
      .map(code)
      .join(' '),
    [names.vendor, names.device]
      .filter((name) => name !== null)
      .map(inline)
      .join(' '),
    inline(message),
    place === null ? '' : `in ${code(place)}`,
    accepted === null ? '' : `accepted: ${inline(accepted.reason)}`,
  ];
  return `- ${parts.filter((part) => part !== '').join('; ')}`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map((cell) => inline(String(cell))).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line), ''];
}

const lines = (texts: readonly string[]): Block => ({ text: `${texts.join('\n')}\n`, results: 0 });

/** Text that Markdown takes as it is: no mark-up, links, mentions, HTML or line breaks. */
function inline(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~@&]/g, (c) => (/[<>@&]/.test(c) ? `&#${c.charCodeAt(0)};` : `\\${c}`));
}

/** Code in as many backticks as it needs; a bar would end a cell of a table. */
function code(text: string): string {
  const plain = oneLine(text);
  const fence = '`'.repeat(1 + Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length)));
  const space = /^`|`$/.test(plain) ? ' ' : '';
  return `${fence}${space}${plain}${space}${fence}`;
}

function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ');
}
