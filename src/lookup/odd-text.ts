import type { Diagnostic } from '../errors.ts';

const HASH = 0x23;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const KEYWORD = Buffer.from('alias ');

/**
 * A warning about a file read as a modules.alias: its first alias line has a Windows line ending, or it has neither an
 * alias line nor depmod's comment at the start. Undefined if nothing is odd.
 */
export function oddText(text: Buffer, file: string): Diagnostic | undefined {
  let first = text.indexOf(KEYWORD);
  while (first > 0 && text[first - 1] !== NEWLINE) first = text.indexOf(KEYWORD, first + 1);
  if (first === -1) {
    if (text[0] === HASH || file === '/dev/null') return undefined;
    const what = text.length === 0 ? 'is empty' : "no line begins with 'alias '";
    const message = `${what}, so no modalias has a match; expected a modules.alias`;
    return { code: 'no-aliases', severity: 'warning', message, file };
  }
  if (text[text.indexOf(NEWLINE, first) - 1] !== RETURN) return undefined;
  const message =
    "a line ends with a carriage return, which becomes part of the module's name; save the file with Unix line endings";
  return { code: 'carriage-return', severity: 'warning', message, file };
}
