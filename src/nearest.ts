import { closestMatch } from 'leven';

/** `; did you mean 'NAME'?` where one of the known names is close to what was written, else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const nearest =
    known.find((name) => letters(name) === letters(written)) ??
    closestMatch(written, known, { maxDistance: Math.min(3, Math.round(written.length / 3)) });
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

/** The characters in order: two swapped keys are the commonest slip, and as far as any other two to Levenshtein. */
function letters(word: string): string {
  return [...word].sort().join('');
}
