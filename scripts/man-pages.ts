import type { Command } from '../src/command-line/command.ts';
import { commandManual, type Manual, programManual, type Section } from '../src/command-line/manual.ts';
import { commandTable } from '../src/commands/table.ts';

/** The man pages by file name: modalias(1), and one for each command and subcommand, of the same texts as --help. */
export function manPages(commands: readonly Command[]): Record<string, string> {
  const manuals = [programManual(commandTable), ...commands.flatMap((command) => manualsOf(command, command.name))];
  return Object.fromEntries(manuals.map((manual) => [`man/${pageName(manual)}.1`, manPage(manual, manuals)]));
}

function manualsOf(command: Command, path: string): Manual[] {
  const below = (command.subcommands ?? []).flatMap((sub) => manualsOf(sub, `${path} ${sub.name}`));
  return [commandManual(command, path), ...below];
}

/** `modalias vfio plan` -> `modalias-vfio-plan`. */
function pageName(manual: Manual): string {
  return manual.name.replaceAll(' ', '-');
}

function manPage(manual: Manual, all: readonly Manual[]): string {
  const name = pageName(manual);
  const related = all.filter(
    (m) => m !== manual && (m.name.startsWith(`${manual.name} `) || manual.name.startsWith(m.name)),
  );
  const also = [...related.map((m) => `${pageName(m)}(1)`), 'modprobe(8)', 'depmod(8)'];
  return [
    `.TH "${name.toUpperCase()}" "1" "" "modalias" "User Commands"`,
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

/** Words in capitals are for the user to fill in; the others are typed as they are. */
function synopsis(text: string): string {
  return roff(text)
    .replace(/\b[A-Z]{2,}\b/g, '\\fI$&\\fR')
    .replace(/^modalias[a-z\\ -]*/, (s) => `\\fB${s.trimEnd()}\\fR `);
}

/** Text as groff wants it: backslashes and dashes escaped, no line that begins with a control character. */
function roff(text: string, guard = true): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/\s+/g, ' ');
  return guard ? escaped.replace(/^[.']/, '\\&$&') : escaped;
}
