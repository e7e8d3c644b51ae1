import { isUtf8 } from 'node:buffer';

/** Text from a device or a file that is safe for a terminal: everything but printable ASCII becomes `?`. */
export function plain(text: string): string {
  return /[^\x20-\x7e]/.test(text) ? text.replaceAll(/[^\x20-\x7e]/g, '?') : text;
}

/** Bytes, one character each, as the text that they are in UTF-8; as they stand where they are none. */
export function textOfBytes(bytes: string): string {
  if (!/[^\0-\x7f]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes;
}

/**
 * A report's text that is safe for a terminal: control characters other than line feeds, and what is invisible or
 * changes the direction of writing, become `?`.
 */
export function withoutControls(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/**
 * Breaks a text, or a list of words that may contain spaces, into lines of at most `width` characters; lines after the
 * first are indented by `hanging` more. Words of a list are broken at their spaces if longer than a line; nothing else
 * is broken.
 */
export function fold(text: string | readonly string[], width: number, indent = '', hanging = '  '): string[] {
  const whole = typeof text === 'string' ? text : text.join(' ');
  if (indent.length + whole.length <= width) return [indent + whole];
  const room = width - indent.length - hanging.length;
  const words =
    typeof text === 'string' ? text.split(' ') : text.flatMap((word) => (word.length > room ? word.split(' ') : word));
  const lines: string[] = [];
  let line = indent + (words[0] ?? '');
  for (const word of words.slice(1)) {
    if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + hanging + word;
    }
  }
  return [...lines, line];
}

/** A text of prose in lines of at most `width` characters. */
export function paragraph(text: string, width: number): string {
  return fold(text, width, '', '').join('\n');
}

/** Characters per line: the terminal's width, at most 100; 80 if not known. */
export function outputWidth(): number {
  return Math.min(process.stdout.columns || 80, 100);
}
