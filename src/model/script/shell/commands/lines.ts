import { FAILED, type Outcome, type Run, said } from '../outcome.ts';
import { SOME_WORDS, UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { ofBearableLength } from '../unreadable.ts';
import { contents } from './files.ts';

/** The length of the longest line. */
export const longestOf = (lines: readonly string[]) => lines.reduce((most, { length }) => Math.max(most, length), 1);

export const linesOf = (text: string) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
export const joined = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** Whether nothing is unknown of a text but words within its lines. */
export const hasKnownLines = (text: string) => !text.replaceAll(SOME_WORDS, '').includes(UNKNOWN_TEXT);

/** The parts of a line that are fields; from one that has words that are not known on, nothing is known. */
export function knownFields(parts: readonly string[]): readonly string[] {
  const first = parts.findIndex((part) => part.includes(UNKNOWN_TEXT));
  return first < 0 ? parts : parts.map((part, i) => (i < first ? part : SOME_WORDS));
}

/** `exit` of awk and `q1` of sed: what lines say that are not known may decide the status. */
const SETS_STATUS = /\bexit\b|[qQ]\s*[1-9]/;

/**
 * A filter: its input's lines to others. What is not known stays so; `byField` can do with words within lines that are
 * not known.
 */
export function filter(
  change: (run: Run, lines: readonly string[]) => readonly string[],
  files: (run: Run) => readonly string[],
  byField: (run: Run) => boolean = () => false,
) {
  return (run: Run): Outcome => {
    const text = contents(run, files(run));
    if (text === null) return FAILED;
    const isOpen = text.includes(UNKNOWN_TEXT) && !(hasKnownLines(text) && byField(run));
    if (isOpen || run.words.some((word) => word.includes(UNKNOWN_TEXT)))
      return { status: run.words.some((word) => SETS_STATUS.test(word)) ? UNKNOWN_STATUS : 0, out: UNKNOWN_TEXT };
    return said(joined(change(run, linesOf(ofBearableLength(text)))));
  };
}

/** The value of an option, `-dX`, `-d X` or `--name=X`. */
export function option(words: readonly string[], letter: string): string | undefined {
  const at = words.findIndex((word) => word.startsWith(`-${letter}`));
  if (at < 0) return undefined;
  return words[at]!.length > 2 ? words[at]!.slice(2) : words[at + 1];
}

/** The words that are neither options nor their values. */
export function rest(words: readonly string[], letters: string): readonly string[] {
  return words.filter(
    (word, i) =>
      !/^-./.test(word) &&
      !(words[i - 1]?.length === 2 && words[i - 1]![0] === '-' && letters.includes(words[i - 1]![1]!)),
  );
}
