/** Text from a device or a file without what a terminal would obey: everything but printable ASCII becomes `?`. */
export function plain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Breaks a text into lines of at most `width` characters where it has spaces; lines after the first are indented by two more. */
export function fold(text: string, width: number, indent = ''): string[] {
  if (indent.length + text.length <= width) return [indent + text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const start = lines.length === 0 ? indent : `${indent}  `;
    if (line === '') line = start + word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = `${indent}  ${word}`;
    }
  }
  return [...lines, line];
}

/** Characters that fit in a line: the terminal's, 100 at most; 80 where there is none. */
export function outputWidth(): number {
  return Math.min(process.stdout.columns ?? 80, 100);
}
