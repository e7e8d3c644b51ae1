import { type Diagnostic, ModaliasError } from '../errors.ts';
import { printDiagnostics } from './output.ts';

/** What fails for one modalias only, where libkmod finds nothing for it either: EINVAL, ENAMETOOLONG. */
const UNANSWERABLE: ReadonlySet<string> = new Set(['bad-modalias', 'name-too-long']);

/**
 * An answer, or what stands for none where the modalias cannot be looked up at all: no module serves it, which is no failure of ours. The
 * reason is printed as a warning. Errors of the index itself are thrown on.
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
