import { CODES } from '../src/codes.ts';
import type { Command } from '../src/command-line/command.ts';
import { commandManual, type Manual, programManual, type Section } from '../src/command-line/manual.ts';
import { commandTable } from '../src/commands/table.ts';

/** What stands at a page's foot. */
export interface Edition {
  readonly version: string;
  /** As 2026-01-31; empty where it is not known. */
  readonly date: string;
}

/**
 * The edition that is being built, never by the clock: the version of package.json, and the day of SOURCE_DATE_EPOCH or
 * else the newest day that a heading of the changelog names.
 */
export function edition(packageJson: string, changelog: string, sourceDateEpoch: string | undefined): Edition {
  const { version } = JSON.parse(packageJson) as { version: string };
  const day = /^## .*?(\d{4}-\d{2}-\d{2})/m.exec(changelog)?.[1] ?? '';
  const epoch = /^\d+$/.test(sourceDateEpoch ?? '') ? new Date(Number(sourceDateEpoch) * 1000) : undefined;
  return { version, date: epoch?.toISOString().slice(0, 10) ?? day };
}

/**
 * The man pages by file name: modalias(1), one for each command and subcommand, of the same texts as --help, and
 * modalias-codes(7).
 */
export function manPages(commands: readonly Command[], printed: Edition): Record<string, string> {
  const manuals = [programManual(commandTable), ...commands.flatMap((command) => manualsOf(command, command.name))];
  const pages = manuals.map((manual) => [`man/${pageName(manual)}.1`, manPage(manual, manuals, printed)] as const);
  return { ...Object.fromEntries(pages), 'man/modalias-codes.7': codesPage(printed) };
}

/** modalias-codes(7): what each code means. */
function codesPage({ version, date }: Edition): string {
  return [
    `.TH "MODALIAS-CODES" "7" "${date}" "modalias ${version}" "Miscellaneous"`,
    '.nh',
    '.ad l',
    '.SH NAME',
    'modalias\\-codes \\- codes of errors, warnings and notes',
    '.SH DESCRIPTION',
    ...section({
      title: 'Codes',
      paragraphs: [
        'The library throws a ModaliasError with one of these codes, and what is returned beside a result, in JSON too, carries one.',
      ],
      entries: Object.entries(CODES).map(([term, text]) => ({ term, text })),
    }).slice(1),
    '.SH SEE ALSO',
    '\\fBmodalias\\fR(1)',
    '',
  ].join('\n');
}

function manualsOf(command: Command, path: string): Manual[] {
  const below = (command.subcommands ?? []).flatMap((sub) => manualsOf(sub, `${path} ${sub.name}`));
  return [commandManual(command, path), ...below];
}

/** `modalias vfio plan` -> `modalias-vfio-plan`. */
function pageName(manual: Manual): string {
  return manual.name.replaceAll(' ', '-');
}

function manPage(manual: Manual, all: readonly Manual[], { version, date }: Edition): string {
  const name = pageName(manual);
  const related = all.filter(
    (m) => m !== manual && (m.name.startsWith(`${manual.name} `) || manual.name.startsWith(m.name)),
  );
  const also = [...related.map((m) => `${pageName(m)}(1)`), 'modalias-codes(7)', 'modprobe(8)', 'depmod(8)'];
  return [
    `.TH "${name.toUpperCase()}" "1" "${date}" "modalias ${version}" "User Commands"`,
    '.nh',
    '.ad l',
    '.SH NAME',
    `${roff(name)} \\- ${roff(manual.summary)}`,
    '.SH SYNOPSIS',
    synopsis(manual.synopsis),
    ...manual.sections.filter((s) => s.title !== 'See also').flatMap(section),
    '.SH SEE ALSO',
    also.map((page) => page.replace(/(.*)(\(\d\))/, '\\fB$1\\fR$2').replaceAll('-', '\\-')).join(', '),
    '',
  ].join('\n');
}

function section({ title, paragraphs = [], entries = [] }: Section): string[] {
  return [
    `.SH ${title.toUpperCase()}`,
    ...paragraphs.flatMap((text, i) => [...(i > 0 ? ['.PP'] : []), roff(text)]),
    ...entries.flatMap(({ term, text }) => ['.TP', `\\fB${roff(term, false)}\\fR`, roff(text)]),
  ];
}

/** Words in capitals are for the user to fill in; the others, up to the first of these, are typed as they are. */
function synopsis(text: string): string {
  const [, typed, rest] = /^([a-z -]*[a-z])(.*)$/.exec(text)!;
  return `\\fB${roff(typed!)}\\fR${roff(rest!, false).replace(/\b[A-Z]{2,}\b/g, '\\fI$&\\fR')}`;
}

/** Text as groff wants it: backslashes and dashes escaped, no line that begins with a control character. */
function roff(text: string, guard = true): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/\s+/g, ' ');
  return guard ? escaped.replace(/^[.']/, '\\&$&') : escaped;
}
