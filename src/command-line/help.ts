import { styleText } from 'node:util';
import type { Entry, Manual } from './manual.ts';

/** Columns to wrap help at: the terminal's, or COLUMNS; at most 100, at least 30. */
export function helpWidth(): number {
  const columns = process.stdout.columns ?? (Number(process.env.COLUMNS) || 80);
  return Math.max(30, Math.min(columns, 100));
}

/** A manual as the text that --help prints, folded to `width` columns; titles are bold on a terminal. */
export function helpText(manual: Manual, width: number): string {
  const parts = [
    fold(`Usage: ${manual.synopsis}`, width, '       ').trimStart(),
    fold(`${capital(manual.summary)}.`, width),
  ];
  for (const section of manual.sections) {
    const body = [
      ...(section.paragraphs ?? []).map((p) => fold(p, width)),
      ...(section.entries?.length ? [list(section.entries, width)] : []),
    ];
    parts.push(
      section.title === 'Description' ? body.join('\n\n') : `${bold(`${section.title}:`)}\n${body.join('\n\n')}`,
    );
  }
  return `${parts.join('\n\n')}\n`;
}

/** Terms on the left and texts on the right; one above the other where a term is long or the terminal is narrow. */
function list(entries: readonly Entry[], width: number): string {
  const fits = entries.map((e) => e.term.length).filter((n) => n <= width * 0.35);
  const column = Math.max(0, ...fits) + 4;
  const beside = width >= 60 && fits.length * 2 >= entries.length;
  return entries
    .map(({ term, text }) => {
      const indent = ' '.repeat(beside ? column : 6);
      const folded = fold(text, width, indent);
      return beside && term.length + 4 <= column
        ? `  ${term}`.padEnd(column) + folded.slice(column)
        : `  ${term}\n${folded}`;
    })
    .join('\n');
}

/** Words in lines of at most `width` columns, each line after the indent; a longer word gets a line of its own. */
function fold(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line += (line === '' ? '' : ' ') + word;
  }
  return [...lines, line].map((l) => indent + l).join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout, validateStream: true });
}
