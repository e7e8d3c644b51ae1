import type { Diagnostic } from '../errors.ts';

interface Cause {
  readonly line: number;
  readonly what: string;
  readonly why: string | undefined;
  /** Lines besides the first. */
  others: number;
}

/** What could not be read of a file: for each cause its first line, and how many others there are. */
export class Unread {
  readonly #causes = new Map<string, Cause>();

  /** Causes are the same where their words up to the first semicolon are. */
  add(line: number, what: string, why?: string): void {
    const name = (why ?? what).split(';', 1)[0]!;
    const known = this.#causes.get(name);
    if (known) known.others++;
    else this.#causes.set(name, { line, what, why, others: 0 });
  }

  /** Each cause in a sentence with its first line, in the order of these. */
  sentences(): { readonly line: number; readonly message: string }[] {
    return [...this.#causes.values()].map(({ line, what, why, others }) => {
      const more = others === 0 ? '' : others === 1 ? ' (nor does 1 other)' : ` (nor do ${others} others)`;
      return { line, message: `${what}${more}${why === undefined ? '' : `; ${why}`}` };
    });
  }

  /** A warning for each cause. */
  diagnostics(place: { readonly file?: string }): Diagnostic[] {
    return this.sentences().map(
      ({ line, message }): Diagnostic => ({ code: 'unread-line', severity: 'warning', message, ...place, line }),
    );
  }
}
