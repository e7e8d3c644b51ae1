import { needList, needText } from '../arguments.ts';

/** One line of modules.alias: the alias as the module carries it, unaltered, and the module's name. */
export interface AliasLine {
  readonly alias: string;
  readonly module: string;
}

/** The first line that depmod writes, even if there is no alias at all. */
export const ALIAS_HEADER = '# Aliases extracted from modules themselves.\n';

const KEYWORD = 'alias ';

/**
 * The lines of a modules.alias text (latin1), in order. The module follows the last space, so an alias keeps its own
 * spaces and may be empty (`alias  mod`). Anything else, such as comments, empty lines and lines without a second
 * space, is skipped.
 */
export function parseAliasText(text: string): AliasLine[] {
  needText('text', text);
  const lines: AliasLine[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = aliasLineAt(text, start, end);
    if (line) lines.push(line);
    start = end + 1;
  }
  return lines;
}

/** The line of a modules.alias text from `start` to its end, newline excluded; undefined for anything but an alias. */
export function aliasLineAt(text: string, start: number, end: number): AliasLine | undefined {
  if (!text.startsWith(KEYWORD, start)) return undefined;
  const space = text.lastIndexOf(' ', end - 1);
  const from = start + KEYWORD.length;
  return space < from ? undefined : { alias: text.slice(from, space), module: text.slice(space + 1, end) };
}

/** One line of modules.alias with its newline. kmod tools/depmod.c:output_aliases. */
export function formatAliasLine(alias: string, module: string): string {
  return `${KEYWORD}${alias} ${module}\n`;
}

/** A whole modules.alias text, header first; write it as latin1. */
export function formatAliasText(lines: Iterable<AliasLine>): string {
  needList('lines', lines, 'alias', 'module');
  let text = ALIAS_HEADER;
  for (const { alias, module } of lines) text += formatAliasLine(alias, module);
  return text;
}
