import type { Token } from '../../pattern/tokens.ts';

/** What the patterns of a reader can say. */
export interface GlobLanguage {
  /** How a byte is written that stands for itself; undefined where the reader has no way to say it. */
  readonly literal: (byte: number) => string | undefined;
  /** How one byte out of several is written; left out where a text is needed for each. */
  readonly oneOf?: (bytes: readonly number[]) => string;
}

/** A pattern in a reader's language. */
export interface Globs {
  /** Texts that together match what the pattern matches. */
  readonly texts: readonly string[];
  /** The bytes that the reader has no way to say, so that `?` stands for them, each once. */
  readonly widened: readonly number[];
  /** Whether `?` stands for choices that would make too many texts. */
  readonly isCrowded: boolean;
}

/** Texts that one pattern may need; Debian's need 36 at most. */
export const MOST_TEXTS = 256;

const DASH = 0x2d;
const UNDERSCORE = 0x5f;

/**
 * Writes the tokens of a normalised pattern for a reader that compares modaliases as they are. libkmod turns each dash
 * of a modalias to an underscore first, so that an underscore stands for both. The texts match more only where
 * `widened` or `isCrowded` says so. Undefined for a pattern that matches no modalias.
 */
export function globsOfTokens(tokens: readonly Token[], { literal, oneOf }: GlobLanguage): Globs | undefined {
  const widened = new Set<number>();
  const steps: string[][] = [];
  for (const token of tokens) {
    const bytes = token === 'star' ? undefined : bytesOf(token);
    if (bytes?.length === 0) return undefined;
    if (!bytes || bytes.length === 255) steps.push([bytes ? '?' : '*']);
    else if (bytes.length > 1 && oneOf) steps.push([oneOf(bytes)]);
    else {
      const texts = bytes.map(literal);
      for (const [i, byte] of bytes.entries()) if (texts[i] === undefined) widened.add(byte);
      steps.push(texts.includes(undefined) ? ['?'] : (texts as string[]));
    }
  }
  const crowding = surplus(steps);
  for (const at of crowding) steps[at] = ['?'];
  const texts = steps.reduce((all, step) => all.flatMap((text) => step.map((one) => text + one)), ['']);
  return { texts, widened: [...widened], isCrowded: crowding.length > 0 };
}

/** The places of the largest choices, as many as it takes for the rest to make no more texts than allowed. */
function surplus(steps: readonly (readonly string[])[]): number[] {
  const choices = steps.map((step, at) => ({ at, size: step.length })).filter(({ size }) => size > 1);
  choices.sort((a, b) => a.size - b.size || a.at - b.at);
  let texts = 1;
  const first = choices.findIndex(({ size }) => {
    texts *= size;
    return texts > MOST_TEXTS;
  });
  return first === -1 ? [] : choices.slice(first).map(({ at }) => at);
}

const takes = new WeakMap<Uint8Array, readonly number[]>();

/** The bytes that a step takes in a modalias that was not normalised. */
function bytesOf(token: Uint8Array): readonly number[] {
  let bytes = takes.get(token);
  if (!bytes) {
    const isTaken = (byte: number) => token[byte === DASH ? UNDERSCORE : byte] === 1;
    bytes = Array.from({ length: 255 }, (_, i) => i + 1).filter(isTaken);
    takes.set(token, bytes);
  }
  return bytes;
}

/** A bracket of fnmatch(3) for some bytes, with ranges; `]` first and the dash last, where they are literal. */
export function bracketOf(bytes: readonly number[]): string {
  const chars = bytes.map((byte) => String.fromCharCode(byte));
  const ends = [']', '-'].filter((char) => chars.includes(char));
  const plain = bytes.filter((byte) => !ends.includes(String.fromCharCode(byte)));
  const runs: number[][] = [];
  for (const byte of plain) {
    const run = runs.at(-1);
    if (run?.at(-1) === byte - 1) run.push(byte);
    else runs.push([byte]);
  }
  const text = runs.map((run) =>
    run.length > 2 ? `${escaped(run[0]!)}-${escaped(run.at(-1)!)}` : run.map(escaped).join(''),
  );
  return `[${ends.includes(']') ? ']' : ''}${text.join('')}${ends.includes('-') ? '-' : ''}]`;
}

/** `\` takes the next character as it is; `!`, `^`, `[` and `\` mean something in a bracket. */
function escaped(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[!^[\\]/.test(char) ? `\\${char}` : char;
}
