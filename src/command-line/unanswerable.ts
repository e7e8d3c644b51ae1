import { type Diagnostic, ModaliasError } from '../errors.ts';
import { printDiagnostics } from './output.ts';

/** Errors that concern a single modalias, where libkmod fails too: EINVAL, ENAMETOOLONG. */
const UNANSWERABLE: ReadonlySet<string> = new Set(['bad-modalias', 'name-too-long']);

/**
 * An answer, or `none` where the modalias cannot be looked up at all: no module serves it, so this is not an error. The
 * reason is printed as a warning. Errors of the index itself are rethrown.
 */
export function orNone<T>(
  ask: () => T,
  none: () => T,
): { readonly answer: T; readonly problems: readonly Diagnostic[] } {
  try {
    return { answer: ask(), problems: [] };
  } catch (error) {
    if (!(error instanceof ModaliasError) || !UNANSWERABLE.has(error.code)) throw error;
    printDiagnostics(error.problems.map((p) => ({ ...p, severity: 'warning' })));
    return { answer: none(), problems: error.problems };
  }
}
