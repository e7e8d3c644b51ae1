import { isUtf8 } from 'node:buffer';
import { ANY, type Token, tokenize } from '../../pattern/tokens.ts';
import { charactersOf, onlyByteOf, takesPart, WIDER_CHARACTER } from './characters.ts';
import type { ExportFormat, Rewritten } from './export.ts';
import { rewriteAll } from './export.ts';
import { type GlobLanguage, globsOfTokens, MOST_TEXTS } from './globs.ts';

/**
 * What g_pattern_match_simple of GLib reads, which libappstream calls: `*`, `?` and UTF-8. isenkram-lookup splits
 * patterns at commas, so that `,*k*r*` would match most devices, and takes `[` for a bracket; one parenthesis in any
 * catalog makes it fail for every device.
 */
const GLIB: GlobLanguage = {
  literal: (byte) => {
    const char = String.fromCharCode(byte);
    return /[!-~\x80-\xff]/.test(char) && !/[*?(),[]/.test(char) ? char : undefined;
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
  let isCrowded = false;
  let isWider = false;
  let isNarrower = false;
  for (const part of byBus(pattern)) {
    const tokens = tokenize(part, 'alias');
    if (tokens && !isText(tokens)) return { written: [], unmatched: NOT_TEXT };
    const globs = tokens && globsOfTokens(tokens.map(asCharacter), GLIB);
    if (!globs) return { written: [], unmatched: { reader: null, why: 'as no modalias can match' } };
    written.push(...globs.texts);
    for (const byte of globs.widened) widened.add(byte);
    isCrowded ||= globs.isCrowded;
    const characters = charactersOf(part, tokens);
    isWider ||= characters.isWider;
    isNarrower ||= characters.isNarrower;
    for (const token of tokens) if (takesPart(token) && token !== ANY) widened.add(token.lastIndexOf(1));
  }
  const why = whyWider([...widened], isCrowded, isWider);
  return {
    written,
    ...(why === undefined ? {} : { wider: why }),
    ...(isNarrower ? { unmatched: CHARACTERS } : {}),
  };
}

const NOT_TEXT = { reader: null, why: 'as the format holds UTF-8 only' };
const CHARACTERS = {
  reader: 'libappstream and isenkram-lookup',
  why: 'where one character of a modalias is several bytes, as a ? takes all of it',
};

/** For a reader of UTF-8 each of these is `?`, a whole character. */
const asCharacter = (token: Token) => (takesPart(token) ? ANY : token);

/** Whether the bytes that stand for themselves are UTF-8 that XML may have. */
function isText(tokens: readonly Token[]): boolean {
  const bytes = tokens.map((token) => onlyByteOf(token) ?? 0x20);
  const text = Buffer.from(bytes);
  return isUtf8(text) && !/[\ufffe\uffff]/.test(text.toString('utf8'));
}

/** A pattern for each place where the rest may stand. */
function byBus(pattern: string): readonly string[] {
  const bus = ANYWHERE.exec(pattern)?.[1];
  const rest = pattern.slice((bus?.length ?? 0) + 2);
  return bus === undefined ? [pattern] : [`${bus}:${rest}`, `${bus}:*:${rest}`];
}

/** Undefined where nothing is wider. */
function whyWider(bytes: readonly number[], isCrowded: boolean, isCharacter: boolean): string | undefined {
  if (isCrowded) return `with ? for brackets that would need more than ${MOST_TEXTS} lines`;
  if (bytes.length > 0 && bytes.every((byte) => /[(),]/.test(String.fromCharCode(byte))))
    return 'with ? for commas and parentheses, at which isenkram-lookup splits patterns';
  if (bytes.length > 0) return 'with ? for what the format cannot say';
  return isCharacter ? WIDER_CHARACTER : undefined;
}

const XML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Bytes as ASCII of XML. */
function xml(bytes: string): string {
  const text = /[^\0-\x7f]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
  return text.replaceAll(/[&<>]|[^\0-\x7f]/gu, (char) => XML[char] ?? `&#${char.codePointAt(0)};`);
}
