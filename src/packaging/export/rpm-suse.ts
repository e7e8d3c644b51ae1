import { tokenize } from '../../pattern/tokens.ts';
import { charactersOf, WIDER_CHARACTER } from './characters.ts';
import type { ExportFormat, ExportSettings, Rewritten } from './export.ts';
import { rewriteAll } from './export.ts';
import { bracketOf, type GlobLanguage, globsOfTokens } from './globs.ts';

/**
 * What fnmatch(3) reads, which libzypp calls for each modalias of a machine; in a locale of UTF-8 `?` is a character.
 */
const FNMATCH: GlobLanguage = {
  literal: (byte) => String.fromCharCode(byte).replace(/[\\*?[]/, '\\$&'),
  oneOf: bracketOf,
};

/** Older versions of libsolv copy a dependency into 1024 bytes, and pass over longer ones. */
const LONGEST = 1023;

/**
 * Supplements of a kernel module package: `modalias(PACKAGE:PATTERN)`. What stands before the first colon is a package
 * for libsolv (src/suse.c:fix_namespace_dep); `%XX` is decoded by libzypp before it asks fnmatch(3), so that no comma,
 * space or parenthesis is left at which rpm splits. All bytes but letters, digits, colons and stars are written so, as
 * SUSE's own find-supplements.ksyms does.
 */
export const rpmSuse: ExportFormat = {
  about: 'Supplements of a package for libzypp',
  needs: ['package'],
  write({ patterns }, settings) {
    const { entries, ...remarks } = rewriteAll(patterns, (pattern) => supplementOf(pattern, settings));
    const lines = entries.flatMap((entry) => ('written' in entry ? entry.written : []));
    return { text: lines.map((line) => `Supplements: ${line}\n`).join(''), entries, ...remarks };
  },
};

function supplementOf(pattern: string, { package: name }: ExportSettings): Rewritten {
  const tokens = tokenize(pattern, 'alias');
  const globs = tokens && globsOfTokens(tokens, FNMATCH);
  if (!globs) return { written: [], unmatched: { reader: null, why: 'as no modalias can match' } };
  const [text] = globs.texts as [string];
  const line = `modalias(${name}:${text.replaceAll(/[^*:a-zA-Z0-9]/g, escaped)})`;
  const { isWider } = charactersOf(pattern, tokens);
  if (line.length <= LONGEST) return { written: [line], ...(isWider ? { wider: WIDER_CHARACTER } : {}) };
  const why = `as older versions of libsolv pass over dependencies of more than ${LONGEST} bytes`;
  return { written: [], unmatched: { reader: null, why } };
}

const escaped = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
