import { type ParsedScript, parse } from 'unbash';
import { ModaliasError } from '../../../errors.ts';
import type { Place } from '../program.ts';

/** A text of shell commands, parsed, with the places of its characters. */
export interface Source {
  /** Tells it from other texts of the same program. */
  readonly id: string;
  readonly text: string;
  readonly script: ParsedScript;
  place(pos: number): Place;
  /** What to show of a line, where the text was made of another language. */
  readonly shown?: (line: number) => string;
}

/** Longest script that is read, in characters. */
const MOST_CHARACTERS = 1 << 20;

/** Throws `bad-script` where a text is longer than any that is read. */
export function needShort(text: string, file: string): void {
  if (text.length <= MOST_CHARACTERS) return;
  const message = `the script has ${text.length} characters, expected at most ${MOST_CHARACTERS}`;
  throw new ModaliasError('bad-script', message, { file });
}

/**
 * Parses a script, latin1. Throws `bad-script` where it is too long, holds a NUL or does not parse: a shell would run
 * it up to there, and nothing after that is known.
 */
export function parseSource(text: string, file: string, shown?: (line: number) => string): Source {
  needShort(text, file);
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const place = (pos: number): Place => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= pos) low = middle;
      else high = middle;
    }
    return { file, line: low + 1 };
  };
  const nul = text.indexOf('\0');
  if (nul >= 0)
    throw new ModaliasError('bad-script', 'found a NUL character, expected the text of a script', place(nul));
  const script = parse(text);
  const [error] = script.errors ?? [];
  if (error) {
    const message = `the script does not parse: ${error.message}; check it with 'bash -n'`;
    throw new ModaliasError('bad-script', message, place(error.pos));
  }
  return { id: '', text, script, place, ...(shown ? { shown } : {}) };
}

/** A text that the script itself builds (eval, sh -c), which stands where it is run; null where it does not parse. */
export function parseBuilt(text: string, at: Place): Source | null {
  if (text.length > MOST_CHARACTERS) return null;
  const script = parse(text);
  if (script.errors?.length) return null;
  return { id: `${at.file}:${at.line}:${text}`, text, script, place: () => at };
}

/** The commands of a substitution: part of the text around them, or, after backquotes, a text of their own. */
export function parsedWithin(outer: Source, script: ParsedScript, pos: number): Source | null {
  if (script.errors?.length) return null;
  const own = script.source;
  if (own === undefined) return { ...outer, id: `${outer.id}$${pos}`, script };
  const place = outer.place(pos);
  return { id: `${outer.id}\`${pos}`, text: own, script, place: () => place };
}
