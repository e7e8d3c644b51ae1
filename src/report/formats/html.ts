import { createHash } from 'node:crypto';
import { SEVERITIES, type Severity } from '../../packaging/rules.ts';
import { counted, countGroups, factsText, type Kind, placeOf, type Report, type Result, totalOf } from '../report.ts';
import { HTML_SCRIPT } from './html-script.ts';
import { HTML_STYLE } from './html-style.ts';
import { escapeMarkup } from './markup.ts';

/** Buses and vendors that get a bar of their own; the others share one, as the first paint waits for all. */
const MOST_BARS = 12;

/** Letters of a kind from which on its column is wider: rules have longer names than classes. */
const LONG_KIND = 13;

/** The columns of the list: titles, and places in the rows of the script. */
const COLUMNS: readonly (readonly [title: string, place: number])[] = [
  ['kind', 0],
  ['bus', 2],
  ['module', 3],
  ['pattern', 4],
  ['what', 7],
  ['device', 5],
];

/**
 * One page that loads nothing: counts by kind, bus and vendor that read without scripts, then a list of all results to
 * search, sort and filter. Its policy lets only its own style and script run.
 */
export function htmlPage(report: Report): string {
  const results = counted(report);
  const kinds = report.kinds.filter(({ id }) => results.some(({ kind }) => kind === id));
  const policy = `default-src 'none'; style-src ${hashOf(HTML_STYLE)}; script-src ${hashOf(HTML_SCRIPT)}; base-uri 'none'; form-action 'none'`;
  const title = escapeMarkup(`modalias ${report.command}: ${report.title}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeMarkup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<header><h1>${title}</h1>
${summaryOf(report, results)}</header>
<main>
${kindTable(kinds, results)}${groupTable(
  'By bus',
  'bus',
  kinds,
  withOthers(countGroups(results, ({ bus }) => bus)),
)}${groupTable('By vendor', 'vendor', kinds, withOthers(countGroups(results, ({ names }) => names.vendor)))}${listsOf(report)}${listOf(report)}</main>
</body>
</html>
`;
}

function summaryOf(report: Report, results: readonly Result[]): string {
  const accepted = report.results.length - results.length;
  const found = `${results.length === 0 ? 'Nothing found' : `${results.length} found`}${accepted > 0 ? `, ${accepted} more accepted by the baseline` : ''}.`;
  const facts = factsText(report);
  return `<p>${found}</p>\n${facts === '' ? '' : `<p class="dim">${escapeMarkup(facts)}</p>\n`}`;
}

function kindTable(kinds: readonly Kind[], results: readonly Result[]): string {
  if (kinds.length === 0) return '';
  const counts = kinds.map(({ id }) => results.filter(({ kind }) => kind === id).length);
  const most = Math.max(...counts);
  const rows = kinds.map(
    ({ id, severity, about }, i) =>
      `<tr><th scope="row"><span class="kind ${severity}">${escapeMarkup(id)}</span></th><td class="n">${counts[i]}</td><td>${bar([[severity, counts[i]!]], most)}</td><td class="about">${escapeMarkup(about)}</td></tr>`,
  );
  return sums(
    'By kind',
    '<th scope="col">kind</th><th scope="col" class="n">count</th><th scope="col">share</th><th scope="col">meaning</th>',
    rows,
  );
}

function groupTable(
  title: string,
  head: string,
  kinds: readonly Kind[],
  groups: readonly (readonly [string, ReadonlyMap<string, number>])[],
): string {
  if (groups.length === 0) return '';
  const most = Math.max(...groups.map(([, counts]) => totalOf(counts)));
  const rows = groups.map(([group, counts]) => {
    const ofSeverity = (asked: Severity) =>
      kinds.reduce((sum, { id, severity }) => sum + (severity === asked ? (counts.get(id) ?? 0) : 0), 0);
    // A part of the bar for each kind would keep the first paint waiting.
    const parts = SEVERITIES.map((severity) => [severity, ofSeverity(severity)] as const);
    const shown = kinds.filter(({ id }) => counts.has(id)).map(({ id }) => `${counts.get(id)} ${id}`);
    return `<tr><th scope="row">${escapeMarkup(group)}</th><td class="n">${totalOf(counts)}</td><td>${bar(parts, most)}</td><td class="about">${escapeMarkup(shown.join(', '))}</td></tr>`;
  });
  const heads = `<th scope="col">${head}</th><th scope="col" class="n">count</th><th scope="col">share</th><th scope="col">kinds</th>`;
  return sums(title, heads, rows);
}

/** A table that scrolls sideways where it is too wide, also by keyboard. */
function sums(title: string, heads: string, rows: readonly string[]): string {
  return `<section><h2>${title}</h2>\n<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="sums"><thead><tr>${heads}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></section>
`;
}

function withOthers(groups: readonly (readonly [string, ReadonlyMap<string, number>])[]) {
  const rest = new Map<string, number>();
  for (const [, counts] of groups.slice(MOST_BARS))
    for (const [kind, count] of counts) rest.set(kind, (rest.get(kind) ?? 0) + count);
  const named = groups.slice(0, MOST_BARS);
  return rest.size === 0 ? named : [...named, [`${groups.length - MOST_BARS} others`, rest] as const];
}

/** A bar of parts side by side, to the scale of the longest bar. Drawn, as the policy forbids style attributes. */
function bar(parts: readonly (readonly [className: string, count: number])[], most: number): string {
  let x = 0;
  const rects = parts.map(([className, count]) => {
    const width = (count / most) * 100;
    const rect = `<rect class="${className}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="8"/>`;
    x += width;
    return count === 0 ? '' : rect;
  });
  return `<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${rects.join('')}</svg>`;
}

function listsOf({ lists, remarks }: Report): string {
  const told: [string, readonly string[]][] = [
    ...lists.map(([title, items]): [string, readonly string[]] => [title, items]),
    [
      'Notes',
      remarks.map(({ kind, count, message, examples }) => [`${kind}: ${count}: ${message}`, ...examples].join('; ')),
    ],
  ];
  return told
    .filter(([, items]) => items.length > 0)
    .map(
      ([title, items]) =>
        `<details><summary>${escapeMarkup(title)} (${items.length})</summary><ul>${items.map((item) => `<li>${escapeMarkup(item)}</li>`).join('')}</ul></details>\n`,
    )
    .join('');
}

function listOf(report: Report): string {
  if (report.results.length === 0) return '';
  const choice = (title: string, place: number, values: readonly string[]) =>
    `<div><label for="by-${title}">${title}</label><select id="by-${title}" data-column="${place}"><option value="">all</option>${values.map((value) => `<option>${escapeMarkup(value)}</option>`).join('')}</select></div>`;
  const present = new Set(report.results.map(({ kind }) => kind));
  const kinds = report.kinds.map(({ id }) => id).filter((id) => present.has(id));
  const buses = [...new Set(report.results.flatMap(({ bus }) => bus ?? []))].sort();
  const isLong = kinds.some((id) => id.length > LONG_KIND);
  const heads = columnsOf(report).map(
    ([title, place]) =>
      `<th scope="col" aria-sort="none" class="c${place}" data-column="${place}"><button type="button">${title}</button></th>`,
  );
  return `<noscript><p>The list of all results needs scripts; --format markdown has it without.</p></noscript>
<section id="results" hidden><h2>All results</h2>
<div class="controls"><div><label for="search">search</label><input id="search" type="search" autocomplete="off" spellcheck="false"></div>${choice('kind', 0, kinds)}${choice('bus', 2, buses)}
<p id="count" role="status"></p></div>
<div id="box" tabindex="0" role="region" aria-label="All results"><div id="pad"><table id="table"${isLong ? ' class="long"' : ''}><thead><tr>${heads.join('')}</tr></thead><tbody id="body"></tbody></table></div></div></section>
<dialog id="details" aria-labelledby="title"><h2 id="title"></h2><dl id="list"></dl><button id="close" type="button">Close</button></dialog>
<script type="application/json" id="rows">${dataOf(report, kinds)}</script>
<script>${HTML_SCRIPT}</script>
`;
}

/** The columns of a report; none of devices where no list has their names. Its file stands for a missing pattern. */
function columnsOf({ results }: Report): typeof COLUMNS {
  const hasNames = results.some(({ names }) => names.vendor !== null);
  const hasFiles = results.some(({ pattern, file }) => pattern === null && file !== null);
  return COLUMNS.filter(([title]) => hasNames || title !== 'device').map(([title, place]) => [
    title === 'pattern' && hasFiles ? 'pattern or file' : title,
    place,
  ]);
}

/**
 * The rows as the script reads them; `<` could end the element that holds them. A message that begins with what its
 * kind is about is an array of its rest.
 */
function dataOf(report: Report, kinds: readonly string[]): string {
  const ids = new Map<string, number>();
  const abouts = new Map(report.kinds.filter(({ id }) => kinds.includes(id)).map(({ id, about }) => [id, about]));
  const rows = report.results.map((result) => {
    const { kind, severity, bus, module, pattern, names, message, accepted, fingerprint, details } = result;
    const seen = ids.get(fingerprint) ?? 0;
    ids.set(fingerprint, seen + 1);
    const id = seen === 0 ? fingerprint : `${fingerprint}-${seen + 1}`;
    const device = [names.vendor, names.device].filter((name) => name !== null).join(' ') || null;
    const reason = accepted && `${accepted.reason}${accepted.until === null ? '' : ` (until ${accepted.until})`}`;
    const about = abouts.get(kind);
    const told = about !== undefined && message.startsWith(about) ? [message.slice(about.length)] : message;
    return [kind, severity, bus, module, pattern, device, placeOf(result), told, reason, id, details];
  });
  const columns = columnsOf(report).map(([, place]) => place);
  return JSON.stringify({ kinds, abouts: Object.fromEntries(abouts), columns, rows }).replaceAll('<', '\\u003c');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
