import { type Diagnostic, ModaliasError } from '../errors.ts';

/**
 * Asks `first` until it meets a damaged index (`bad-index`), then for good what `fallBack` gives instead: the damage can lie deep, where only some
 * key leads. `fallBack` throws the error on where there is nothing else.
 */
export function withFallback<Question, Answer>(
  first: (question: Question) => Answer,
  fallBack: (error: ModaliasError) => (question: Question) => Answer,
): (question: Question) => Answer {
  let ask = first;
  return (question) => {
    try {
      return ask(question);
    } catch (error) {
      if (ask !== first || !(error instanceof ModaliasError) || error.code !== 'bad-index') throw error;
      ask = fallBack(error);
      return ask(question);
    }
  };
}

/** The warning that another file answers in place of a damaged index. */
export function answeringFrom(file: string, { code, problems, place }: ModaliasError): Diagnostic {
  return { code, severity: 'warning', message: `${problems[0]!.message}; answering from ${file} instead`, ...place };
}
