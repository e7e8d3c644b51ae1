import { type AliasLine, aliasLineAt } from '../../alias/alias-text.ts';

/** A line of modules.alias with its number, the first is 1. */
export interface NumberedLine extends AliasLine {
  readonly line: number;
}

/** A text of modules.alias, line by line. */
export interface AliasLines {
  /** In their order; a CR at the end is not counted to the module's name. */
  readonly lines: readonly NumberedLine[];
  /** Lines that are neither a comment, nor empty, nor `alias PATTERN MODULE`. */
  readonly malformed: readonly { readonly line: number; readonly text: string }[];
  /** Numbers of the lines that end in CR LF. */
  readonly crLf: readonly number[];
}

/** Reads modules.alias (latin1) as `parseAliasText` does, but says of every line what it is. */
export function readAliasLines(text: string): AliasLines {
  const lines: NumberedLine[] = [];
  const malformed: { line: number; text: string }[] = [];
  const crLf: number[] = [];
  for (let start = 0, line = 1; start <= text.length; line++) {
    const newline = text.indexOf('\n', start);
    const next = newline === -1 ? text.length : newline;
    const hasCr = next > start && text[next - 1] === '\r';
    const end = hasCr ? next - 1 : next;
    if (hasCr) crLf.push(line);
    if (end > start && text[start] !== '#') {
      const parsed = aliasLineAt(text, start, end);
      if (parsed && parsed.module !== '') lines.push({ alias: parsed.alias, module: parsed.module, line });
      else malformed.push({ line, text: text.slice(start, end) });
    }
    start = next + 1;
  }
  return { lines, malformed, crLf };
}
