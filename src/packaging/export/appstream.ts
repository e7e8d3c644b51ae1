import { tokenize } from '../../pattern/tokens.ts';
import type { ExportFormat, Rewritten } from './export.ts';
import { rewriteAll } from './export.ts';
import { type GlobLanguage, globsOfTokens } from './globs.ts';

/**
 * What g_pattern_match_simple of GLib reads, which libappstream calls: `*`, `?` and UTF-8. One parenthesis in any
 * catalog makes isenkram-lookup fail for every device.
 */
const GLIB: GlobLanguage = {
  literal: (byte) => {
    const char = String.fromCharCode(byte);
    return /[!-~]/.test(char) && !/[*?()]/.test(char) ? char : undefined;
  },
};

/** `acpi*:` and `dmi*:`, which modpost writes for what stands anywhere in a modalias. */
const ANYWHERE = /^([a-z]+)\*:/;

/**
 * The `<provides>` of a component, for a metainfo file. Brackets become one element for each member, and `acpi*:X:*`
 * becomes `acpi:X:*` and `acpi:*:X:*`, as some readers sort patterns by the bus before the colon.
 */
export const appstream: ExportFormat = {
  about: 'provides of a metainfo file',
  write({ patterns }) {
    const { entries, ...remarks } = rewriteAll(patterns, modaliasesOf);
    const texts = new Set(entries.flatMap((entry) => ('written' in entry ? entry.written : [])));
    const lines = [...texts].map((text) => `  <modalias>${xml(text)}</modalias>\n`);
    return { text: `<provides>\n${lines.join('')}</provides>\n`, entries, ...remarks };
  },
};

function modaliasesOf(pattern: string): Rewritten {
  const written: string[] = [];
  const widened = new Set<number>();
  for (const part of byBus(pattern)) {
    const tokens = tokenize(part, 'alias');
    const globs = tokens && globsOfTokens(tokens, GLIB);
    if (!globs) return { written: [], unmatched: { reader: null, why: 'as no modalias can match' } };
    written.push(...globs.texts);
    for (const byte of globs.widened) widened.add(byte);
  }
  return {
    written,
    ...(widened.size > 0 ? { wider: whyWider([...widened]) } : {}),
    ...(written.some((text) => text.includes(',')) ? { unmatched: COMMA } : {}),
  };
}

const COMMA = { reader: 'isenkram-lookup', why: 'as it splits them at a comma' };

/** A pattern for each place where the rest may stand. */
function byBus(pattern: string): readonly string[] {
  const bus = ANYWHERE.exec(pattern)?.[1];
  const rest = pattern.slice((bus?.length ?? 0) + 2);
  return bus === undefined ? [pattern] : [`${bus}:${rest}`, `${bus}:*:${rest}`];
}

function whyWider(bytes: readonly number[]): string {
  const isParenthesis = bytes.every((byte) => byte === 0x28 || byte === 0x29);
  return isParenthesis
    ? 'with ? for a parenthesis, at which isenkram-lookup fails for every device'
    : 'with ? for what the format cannot say';
}

const XML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const xml = (text: string) => text.replaceAll(/[&<>]/g, (char) => XML[char]!);
