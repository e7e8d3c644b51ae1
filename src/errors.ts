import type { Code } from './codes.ts';

/** Where something was found: a file with a byte offset or a line, or a JSON pointer inside it. */
export interface Place {
  readonly file?: string;
  /** Byte offset in the file. */
  readonly offset?: number;
  /** Line number, the first is 1. */
  readonly line?: number;
  /** JSON pointer (RFC 6901). */
  readonly pointer?: string;
}

/** A message about something that did not stop the work. Functions return these; only commands print them. */
export interface Diagnostic extends Place {
  /** A stable word to filter by, such as `unknown-override`. */
  readonly code: Code;
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly module?: string;
  readonly table?: string;
  /** Index of the row in its table, the first is 0. */
  readonly row?: number;
}

/** `file:line: pointer: text`, as compilers print it, with the known parts only. */
export function atPlace(place: Place, text: string): string {
  const at = [
    place.file === undefined ? '' : place.file + (place.line === undefined ? '' : `:${place.line}`),
    place.offset === undefined ? '' : `offset 0x${place.offset.toString(16)}`,
    place.pointer === undefined ? '' : place.pointer === '' ? '/' : place.pointer,
  ].filter(Boolean);
  return [...at, text].join(': ');
}

/** Characters of a value that messages show. */
const LONGEST_SHOWN = 80;

/** A value for a message: its beginning and `...` where it has more than `most` characters. */
export function shortened(text: string, most = LONGEST_SHOWN): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}

/** The one error class. The message says what was found, what was expected and what to do; the place is separate. */
export class ModaliasError extends Error {
  override readonly name = 'ModaliasError';
  readonly code: Code;
  readonly place: Place;
  /** Every problem of the same input, if there are several; the first is this error itself. */
  readonly problems: readonly Diagnostic[];

  /** By its name, as the program's parts are bundled apart and each has a class of its own. */
  static override [Symbol.hasInstance](value: unknown): value is ModaliasError {
    return value instanceof Error && value.name === 'ModaliasError';
  }

  constructor(
    code: Code,
    message: string,
    place: Place = {},
    options: { cause?: unknown; problems?: readonly Diagnostic[] } = {},
  ) {
    super(atPlace(place, message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = place;
    this.problems = options.problems ?? [{ code, severity: 'error', message, ...place }];
  }
}
