import { counted, type Report, type Result, subjectOf } from '../report.ts';
import { withoutControls } from '../terminal.ts';
import { markdown } from './markdown.ts';
import { placeBelow } from './path-below.ts';

/** GitHub shows so many annotations of each kind and step. */
const MOST = 10;

/** The workflow command for each severity. */
const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const;

/**
 * Workflow commands of GitHub Actions (docs.github.com, "Workflow commands"): at most ten of each kind, the worst
 * first; a notice, one of the ten, says how many more there are. Files below `folder` are named as seen from there.
 */
export function githubCommands(report: Report, folder: string): string {
  const results = counted(report);
  const left = { error: MOST, warning: MOST, note: MOST - 1 };
  const shown = results.filter(({ severity }) => left[severity]-- > 0);
  const more = results.length - shown.length;
  const text = shown.map((result) => annotation(report, result, folder));
  if (more > 0)
    text.push(
      command('notice', { title: `modalias ${report.command}` }, `and ${more} more; the summary of the step has them`),
    );
  return text.join('');
}

/** What the summary of the step tells: all of the report, as Markdown. */
export function githubSummary(report: Report): string {
  return markdown(report);
}

function annotation({ command: name }: Report, result: Result, folder: string): string {
  const { severity, kind, file, line, message } = result;
  const below = file === null ? undefined : placeBelow(folder, file);
  const shown = below?.path ?? file;
  const place = shown === null ? {} : { file: shown, ...(line === null ? {} : { line: String(line) }) };
  const title = `modalias ${name}: ${kind}`;
  const parts = [below?.member, subjectOf(result), message];
  return command(COMMANDS[severity], { ...place, title }, parts.filter(Boolean).join(': '));
}

function command(name: string, properties: Readonly<Record<string, string>>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  return `::${name} ${list.join(',')}::${escapeData(message)}\n`;
}

/** As escapeData of actions/toolkit's core/src/command.ts, and without what moves the cursor of the log's reader. */
function escapeData(text: string): string {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return withoutControls(escaped);
}

/** As escapeProperty of the same. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
