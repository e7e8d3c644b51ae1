import { CODES } from '../src/codes.ts';
import type { Command } from '../src/command-line/command.ts';
import { commandManual, type Manual, programManual, type Section } from '../src/command-line/manual.ts';
import { commandTable } from '../src/commands/table.ts';
import { CONFIG_RULES } from '../src/packaging/lint/config/lint-config.ts';
import type { LintInputKind } from '../src/packaging/lint/lint-rule.ts';
import { FINDING_RULES } from '../src/model/findings/rules.ts';
import { LINT_RULE_NAMES, LINT_RULES } from '../src/packaging/lint/rules.ts';

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
 * The man pages by file name: modalias(1), one for each command and subcommand, of the same texts as --help,
 * modalias-codes(7) and modalias-rules(7).
 */
export function manPages(commands: readonly Command[], printed: Edition): Record<string, string> {
  const manuals = [programManual(commandTable), ...commands.flatMap((command) => manualsOf(command, command.name))];
  const pages = manuals.map((manual) => [`man/${pageName(manual)}.1`, manPage(manual, manuals, printed)] as const);
  return {
    ...Object.fromEntries(pages),
    'man/modalias-codes.7': codesPage(printed),
    'man/modalias-rules.7': rulesPage(printed),
  };
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
        'Every ModaliasError that the library throws has one of these codes, and so has every diagnostic that comes with a result, in JSON too.',
      ],
      entries: Object.entries(CODES).map(([term, text]) => ({ term, text })),
    }).slice(1),
    '.SH SEE ALSO',
    '\\fBmodalias\\fR(1)',
    '',
  ].join('\n');
}

/** What a rule looks at, in words. */
const LOOKS_AT: Readonly<Record<LintInputKind, string>> = {
  aliases: 'aliases, in every input',
  rows: 'rows of id tables, in JSON id tables and module files',
  code: 'the code of module files',
  kernel: 'what modules directories and packages hold besides modules, and modprobe.d',
  'modprobe.d': 'files of modprobe.d',
};

/** A phrase as a sentence; modules.alias.bin and driver_override keep their small letter. */
function sentence(phrase: string): string {
  return `${/^[a-z]+ /.test(phrase) ? phrase[0]!.toUpperCase() + phrase.slice(1) : phrase}.`;
}

/** modalias-rules(7): every rule of lint with what `lint --explain` says of it. */
function rulesPage({ version, date }: Edition): string {
  const rules = LINT_RULE_NAMES.flatMap((name) => {
    const { severity, needs = 'aliases', what, why, fix, fires, silent } = LINT_RULES[name];
    const grade = severity === 'off' ? 'Off unless asked for' : `Severity: ${severity}`;
    return [
      `.SS ${roff(name)}`,
      roff(sentence(what)),
      '.PP',
      roff(why),
      ...example('Fires:', fires.text),
      ...example('Does not fire:', silent.text),
      '.PP',
      `\\fBFix\\fR: ${roff(fix, false)}`,
      '.PP',
      roff(`${grade}. Looks at ${LOOKS_AT[needs]}.`),
    ];
  });
  const own = Object.entries(CONFIG_RULES).flatMap(([name, { severity, about }]) => [
    `.SS ${roff(name)}`,
    roff(sentence(about)),
    '.PP',
    roff(`Severity: ${severity}.`),
  ]);
  return [
    `.TH "MODALIAS-RULES" "7" "${date}" "modalias ${version}" "Miscellaneous"`,
    '.nh',
    '.ad l',
    '.SH NAME',
    'modalias\\-rules \\- rules of modalias lint and modalias model check',
    '.SH DESCRIPTION',
    roff(
      'What modalias lint looks for. --severity RULE=LEVEL gives a rule another severity for one run, modalias.config.json for a project, and for a module, bus or pattern alone; see modalias-lint(1). modalias lint --explain RULE prints the entry of a rule.',
    ),
    '.SH RULES',
    ...rules,
    ...own,
    '.SH RULES OF MODEL CHECK',
    roff(
      'What modalias model check finds in a script where nothing else happens. modalias model check --explain RULE prints the entry of a rule.',
    ),
    ...scriptRules(),
    '.SH SEE ALSO',
    '\\fBmodalias\\-lint\\fR(1), \\fBmodalias\\-model\\-check\\fR(1), \\fBmodalias\\-codes\\fR(7)',
    '',
  ].join('\n');
}

function scriptRules(): string[] {
  return Object.entries(FINDING_RULES).flatMap(([name, { severity, what, why, fix, fires, silent }]) => [
    `.SS ${roff(name)}`,
    roff(sentence(what)),
    '.PP',
    roff(why),
    ...example(`Fires (on ${fires.machine}):`, fires.script),
    ...example(`Does not fire (on ${silent.machine}):`, silent.script),
    '.PP',
    `\\fBFix\\fR: ${roff(fix, false)}`,
    '.PP',
    roff(`Severity: ${severity}.`),
  ]);
}

/** An example as it is written. */
function example(title: string, text: string): string[] {
  const lines = text.trimEnd().split('\n');
  return ['.PP', roff(title), '.PP', '.RS 4', '.nf', ...lines.map((line) => verbatim(line)), '.fi', '.RE'];
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
  const rules = ['modalias lint', 'modalias model check'].includes(manual.name) ? ['modalias-rules(7)'] : [];
  const also = [...related.map((m) => `${pageName(m)}(1)`), ...rules, 'modalias-codes(7)', 'modprobe(8)', 'depmod(8)'];
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

/** A line that is kept as it is. */
function verbatim(line: string): string {
  return `\\&${line.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq')}`;
}
