import { type Diagnostic, ModaliasError } from '../errors.ts';

const HASH = 0x23;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const KEYWORD = Buffer.from('alias ');
const PACKAGE = /\.(deb|rpm|t[gx]z|tar(\.\w+)?)$/;

/**
 * A warning about a file read as a modules.alias: its first alias line has a Windows line ending, or it has neither an
 * alias line nor depmod's comment at the start. Undefined if nothing is odd. Throws `bad-package` for a file without
 * aliases that is named as a package: what was to be compared is not there at all.
 */
export function oddText(text: Buffer, file: string): Diagnostic | undefined {
  let first = text.indexOf(KEYWORD);
  while (first > 0 && text[first - 1] !== NEWLINE) first = text.indexOf(KEYWORD, first + 1);
  if (first === -1) {
    const isEmpty = text.length === 0;
    if (PACKAGE.test(file)) {
      const message = `${isEmpty ? 'is empty' : 'is not a package'}; expected a .deb, an .rpm or a tar archive`;
      throw new ModaliasError('bad-package', message, { file });
    }
    if (text[0] === HASH || file === '/dev/null') return undefined;
    const what = isEmpty ? 'is empty' : "no line begins with 'alias '";
    const message = `${what}, so no modalias has a match; expected a modules.alias`;
    return { code: 'no-aliases', severity: 'warning', message, file };
  }
  if (text[text.indexOf(NEWLINE, first) - 1] !== RETURN) return undefined;
  const message =
    "a line ends with a carriage return, which becomes part of the module's name; save the file with Unix line endings";
  return { code: 'carriage-return', severity: 'warning', message, file };
}
