import { Unreadable } from '../unreadable.ts';

interface PatternOptions {
  /** Letters of grep's options. */
  readonly flags: string;
  readonly extended: boolean;
  /** The command, for what is said where it cannot be read. */
  readonly text: string;
  readonly global?: boolean;
}

const ATOM = String.raw`[\w:./ ,;=@#%&!'"<>~-]|\\[.:/[\]()|*+?$^-]|\[\^?(?:[^\]\\[]|\[:\w+:\])+\]|\{\d+(?:,\d*)?\}|[?+*|]`;

/** What means the same in POSIX and in JavaScript; a group is not repeated. */
const PLAIN = new RegExp(String.raw`^\^?(?:${ATOM}|\((?:${ATOM})*\)(?![*+{]))*\$?$`);

/** Most ways in which the repetitions of an expression may share a line out among them. */
const MOST_WAYS = 1e8;

/**
 * An extended regular expression for lines of at most `longest` characters; Unreadable where it is not plain, or where
 * trying it could take long.
 */
export function extendedExpression(source: string, longest: number, text: string, flags = ''): RegExp {
  const repeats = source.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  if (source.length > 200 || longest ** repeats > MOST_WAYS || !PLAIN.test(source)) throw new Unreadable(text);
  const script = source
    .replaceAll('[:xdigit:]', '0-9a-fA-F')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('[:alpha:]', 'a-zA-Z')
    .replaceAll('[:alnum:]', '0-9a-zA-Z')
    .replaceAll('[:space:]', ' \\t');
  try {
    return new RegExp(script, flags);
  } catch {
    throw new Unreadable(text);
  }
}

/** A regular expression of grep or sed. */
export function linePattern(
  source: string,
  longest: number,
  { flags, extended, text, global = false }: PatternOptions,
): RegExp {
  const mode = `${flags.includes('i') ? 'i' : ''}${global ? 'g' : ''}`;
  const plain = flags.includes('F')
    ? source.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    : extended
      ? source
      : basicToExtended(source);
  const read = flags.includes('F') ? new RegExp(plain) : extendedExpression(plain, longest, text);
  const whole = flags.includes('x')
    ? `^(?:${read.source})$`
    : flags.includes('w')
      ? `\\b(?:${read.source})\\b`
      : read.source;
  return new RegExp(whole, mode);
}

/** A basic regular expression as an extended one: what has a backslash there has none here, and the other way round. */
export function basicToExtended(text: string): string {
  return text.replaceAll(/\[\^?\]?[^\]]*\]|\\?[(){}|+?]/g, (part) => {
    if (part.startsWith('[')) return part;
    return part.startsWith('\\') ? part.slice(1) : `\\${part}`;
  });
}
