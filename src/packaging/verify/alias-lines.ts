import { type AliasLine, parseAliasText } from '../../alias/alias-text.ts';

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
  text.split('\n').forEach((whole, i) => {
    const line = i + 1;
    const bare = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    if (bare !== whole) crLf.push(line);
    if (bare === '' || bare.startsWith('#')) return;
    const [parsed] = parseAliasText(bare);
    if (parsed && parsed.module !== '') lines.push({ ...parsed, line });
    else malformed.push({ line, text: bare });
  });
  return { lines, malformed, crLf };
}
